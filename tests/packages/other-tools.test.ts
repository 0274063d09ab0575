import { describe, expect, test } from "bun:test";
import { chownSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel, projectFiles } from "../rig/wheel.ts";

const WHEELS = [buildWheel({ name: "alpha", version: "1.0" }), buildWheel({ name: "beta", version: "1.0" })];

interface Machine extends AsyncDisposable {
  readonly rig: Rig;
  readonly index: TestIndex;
  skerry(line: string, more?: Readonly<Record<string, string>>): ReturnType<Rig["skerry"]>;
}

/** A machine whose index has packages of the names that projects mean others by. */
async function machine(files: Readonly<Record<string, string>>): Promise<Machine> {
  const rig = await Rig.make();
  const index = await startIndex({ distributions: WHEELS });
  for (const [path, text] of Object.entries(files)) rig.write(path, text);
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  return {
    rig,
    index,
    skerry: (line, more) => rig.skerry(line.split(" "), { env: { ...env, ...more } }),
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

const project = (more: string, dependencies = '["alpha"]') =>
  `[project]\nname = "pj"\nversion = "1"\ndependencies = ${dependencies}\n${more}\n`;
/** As everything that starts a program, `run` has statuses of its own. */
const failed = (line: string) => (line.startsWith("run ") ? 125 : 2);
const BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';
const LIB = { "lib/pyproject.toml": '[project]\nname = "alpha"\nversion = "7"\n' };
const SOURCE = '[tool.uv.sources]\nalpha = { path = "lib" }';

describe("what a pyproject.toml says to another tool of its packages is refused by name, and nothing is fetched", () => {
  test.each([
    ["a source in a folder", SOURCE, "[tool.uv.sources]", "alpha"],
    [
      "of another spelling",
      '[tool.uv.sources]\n"Alpha" = { git = "https://example.com/a" }',
      "[tool.uv.sources]",
      "Alpha",
    ],
    ["a workspace's", "[tool.uv.sources]\nalpha = { workspace = true }", "[tool.uv.sources]", "alpha"],
    [
      "one of several",
      '[tool.uv.sources]\nalpha = [{ index = "x", marker = "os_name == \'nt\'" }]',
      "uv.sources",
      "alpha",
    ],
    [
      "an index",
      '[[tool.uv.index]]\nurl = "https://example.com/simple"',
      "index of [tool.uv]",
      "https://example.com/simple",
    ],
    ["an older one", '[tool.uv]\nextra-index-url = ["https://example.com/simple/"]', "extra-index-url", "example.com"],
    [
      "its password",
      '[[tool.uv.index]]\nurl = "https://u:geheim@example.com/simple"',
      "index of [tool.uv]",
      "****@example.com",
    ],
    ["one for pip's words", '[tool.uv.pip]\nindex-url = "https://example.com/simple"', "pip.index-url", "example.com"],
    ["a bound", '[tool.uv]\nconstraint-dependencies = ["alpha<0.5"]', "constraint-dependencies of [tool.uv]", ""],
    ["another version", '[tool.uv]\noverride-dependencies = ["alpha==0.5"]', "override-dependencies of [tool.uv]", ""],
    ["a date", '[tool.uv]\nexclude-newer = "2020-01-01"', "exclude-newer of [tool.uv]", ""],
    ["no builds", "[tool.uv]\nno-build = true", "no-build of [tool.uv]", ""],
    ["hashes", "[tool.uv.pip]\nrequire-hashes = true", "pip.require-hashes of [tool.uv]", ""],
    [
      "poetry's index",
      '[[tool.poetry.source]]\nname = "x"\nurl = "https://example.com/simple"',
      "[tool.poetry]",
      "example.com",
    ],
    ["poetry's source", '[tool.poetry.dependencies]\nalpha = { path = "lib" }', "[tool.poetry.dependencies]", "alpha"],
    ["pdm's index", '[[tool.pdm.source]]\nname = "x"\nurl = "https://example.com/simple"', "[tool.pdm]", "example.com"],
    [
      "pixi's source",
      '[tool.pixi.feature.f.pypi-dependencies]\nalpha = { path = "lib" }',
      "[tool.pixi.feature",
      "alpha",
    ],
  ])("%s", async (_, table, where, what) => {
    await using at = await machine({ "pyproject.toml": project(table), ...LIB });
    const { exitCode, stderr } = await at.skerry("create a -r pyproject.toml");
    for (const text of ["pyproject.toml", "isn't followed here", where, what]) expect(stderr).toContain(text);
    expect({ exitCode, geheim: stderr.includes("geheim"), asked: at.index.requests }).toEqual({
      exitCode: 2,
      geheim: false,
      asked: [],
    });
  });

  test("by every verb, in a worktree and for a member of a workspace too", async () => {
    await using at = await machine({
      "pyproject.toml": project(`${SOURCE}\n[tool.uv.workspace]\nmembers = ["packages/*"]`),
      "packages/a/pyproject.toml": project(""),
      ...LIB,
    });
    await at.rig.run(["git", "init", "-q"]);
    expect((await at.skerry("create e")).exitCode).toBe(0);
    for (const line of [
      "run -r pyproject.toml -- python -c 0",
      "create a -r pyproject.toml --installer pip",
      "create a -r packages/a/pyproject.toml",
      "install e -r pyproject.toml",
      "worktree init",
    ]) {
      const { exitCode, stderr } = await at.skerry(line);
      expect([line, exitCode, stderr]).toEqual([line, failed(line), expect.stringContaining("alpha")]);
      expect([line, stderr]).toEqual([line, expect.stringContaining("[tool.uv.sources]")]);
    }
    expect(at.index.requests).toEqual([]);
  }, 60_000);

  test("of a folder that is installed too: by pip its sources, by both its index", async () => {
    const index = '[[tool.uv.index]]\nurl = "https://example.com/simple"\n';
    await using at = await machine({
      "a/pyproject.toml": project(`${SOURCE}\n${BUILD}`),
      "b/pyproject.toml": project(`${index}${BUILD}`),
    });
    for (const [line, named] of [
      ["create a -e ./a --installer pip", "[tool.uv.sources]"],
      ["create a -e ./b --installer pip", "index of [tool.uv]"],
      ["create a -e ./b", "index of [tool.uv]"],
      ["run --with ./b -- python -c 0", "index of [tool.uv]"],
    ] as const) {
      const { exitCode, stderr } = await at.skerry(line);
      expect([line, exitCode, stderr]).toEqual([line, failed(line), expect.stringContaining(named)]);
    }
    expect(at.index.requests).toEqual([]);
  }, 60_000);
});

test("what is followed, and what bears on nothing that is asked for, isn't in the way", async () => {
  const quiet = `
    [tool.uv]
    no-build = false
    constraint-dependencies = []
    [tool.uv.sources]
    gamma = { path = "lib" }
    [[tool.uv.index]]
    name = "only-for-gamma"
    url = "https://example.com/simple"
    explicit = true
    [[tool.uv.index]]
    url = "https://pypi.org/simple/"
    [tool.poetry.dependencies]
    alpha = "^1"
  `;
  await using at = await machine({ "pyproject.toml": project(quiet) });
  const named = `[[tool.uv.index]]\nurl = "${at.index.url}/"\n[tool.uv]\nno-build = true`;
  at.rig.write("named/pyproject.toml", project(named));
  at.rig.write("sources/pyproject.toml", project(SOURCE));
  at.rig.write("direct/pyproject.toml", project(SOURCE, `["alpha @ file://${at.rig.cwd}/alpha-1.0-py3-none-any.whl"]`));
  writeFileSync(join(at.rig.cwd, WHEELS[0]!.filename), WHEELS[0]!.bytes);
  at.rig.write("legacy/pyproject.toml", project('[tool.uv]\ndev-dependencies = ["beta"]'));
  for (const [line, env, shown] of [
    ["create a -r pyproject.toml", {}, "alpha 1.0"],
    ["create b -r named/pyproject.toml", { UV_NO_BUILD: "1" }, "alpha 1.0"],
    ["create c -r sources/pyproject.toml", { UV_NO_SOURCES: "1" }, "alpha 1.0"],
    ["create e -r direct/pyproject.toml", {}, "alpha 1.0"],
    ["create d -r legacy/pyproject.toml --group dev", {}, "beta 1.0"],
  ] as const) {
    const { exitCode, stderr } = await at.skerry(line, env);
    expect([line, exitCode, stderr]).toEqual([line, 0, expect.anything()]);
    const { stdout } = await at.skerry(`packages ${line.split(" ")[1]}`);
    expect(stdout.replace(/ +/g, " ")).toContain(shown);
  }
}, 60_000);

test.skipIf(process.geteuid?.() !== 0)(
  "another user's workspace around a project says nothing of its packages: it is refused, whatever is done",
  async () => {
    await using at = await machine({});
    const { rig } = at;
    for (const [path, bytes] of Object.entries(projectFiles({ name: "pj", version: "1.0", requires: ["alpha"] })))
      writeFileSync(rig.write(`pj/${path}`, ""), bytes);
    expect(await at.skerry("create before -e ./pj")).toMatchObject({ exitCode: 0 });
    const ran = join(rig.root, "ran");
    rig.write(
      "theirs/setup.py",
      `open(${JSON.stringify(ran)}, "w")\nimport setuptools\nsetuptools.setup(name="alpha", version="9")\n`,
    );
    const table = '[tool.uv.workspace]\nmembers = ["pj"]\n[tool.uv.sources]\nalpha = { path = "theirs" }\n';
    chownSync(rig.write("pyproject.toml", `[project]\nname = "outer"\nversion = "1"\n${table}`), 54_321, 54_321);
    chownSync(rig.cwd, 54_321, 54_321);
    for (const line of [
      "create a -e ./pj",
      "run --with ./pj -- python -c 0",
      "install before beta",
      "update before --all",
    ]) {
      const { exitCode, stderr } = await at.skerry(line);
      const refused = `${rig.cwd}/pyproject.toml belongs to another user (uid 54321)`;
      expect([line, exitCode, stderr]).toEqual([line, failed(line), expect.stringContaining(refused)]);
    }
    expect(await at.skerry("create b -e ./pj --installer pip")).toMatchObject({ exitCode: 0 });
    expect(existsSync(ran)).toBe(false);
  },
  60_000,
);
