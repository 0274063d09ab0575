import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../src/index.ts";
import { uvFolder } from "../rig/uv.ts";
import { buildWheel, projectFiles } from "../rig/wheel.ts";
import { type Setup, setUp, WHEELS } from "./setup.ts";

const names = async (env: Environment) => (await env.packages.list()).map(({ name, version }) => `${name} ${version}`);
const pages = (at: Setup) => at.index.requests.filter((path) => path.startsWith("/simple/")).length;

describe("an environment's lock", () => {
  for (const installer of ["uv", "pip"] as const) {
    test(`makes another one with exactly its packages, without asking for versions, by ${installer}`, async () => {
      await using at = await setUp();
      await using env = await at.skerry.create({ installer, requirements: ["alpha<2"] });
      const { text } = await env.packages.lock();
      expect(text).toContain(`index = "${at.index.url}"`);
      at.rig.write("pylock.toml", text);
      at.index.add(buildWheel({ name: "beta", version: "2.5" }));
      const asked = pages(at);
      await using other = await at.skerry.create({ installer, files: ["pylock.toml"] });
      expect(await other.packages.list()).toEqual(await env.packages.list());
      expect(other.record.lock).toBe(env.record.lock);
      expect(pages(at)).toBe(asked);

      if (installer === "pip") return;
      // In a state that has nothing yet, each file is fetched and nothing else.
      const elsewhere = await at.again({ home: join(at.rig.root, "elsewhere") });
      await using third = await elsewhere.create({ installer, files: ["pylock.toml"] });
      expect(await third.packages.list()).toEqual(await env.packages.list());
      expect(pages(at)).toBe(asked);
    });
  }

  test("that names other files is refused, and nothing is changed", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["gamma"] });
    await using other = await at.skerry.create({ requirements: ["beta"] });
    const { text } = await other.packages.lock();
    at.rig.write("pylock.toml", text.replace(/sha256 = "\w+"/, `sha256 = "${"0".repeat(64)}"`));
    const before = env.record.lock;
    for (const change of [
      env.packages.sync({ files: ["pylock.toml"] }),
      env.packages.install({ files: ["pylock.toml"] }),
    ])
      await expect(change).rejects.toMatchObject({ code: "SKE-PKG-HASH" });
    expect({ names: await names(env), lock: env.record.lock }).toEqual({ names: ["gamma 1.0"], lock: before });
  });

  test("stands beside what is there when it is installed, and beside other requirements", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["alpha<2"] });
    at.rig.write("pylock.toml", (await env.packages.lock()).text);
    await using other = await at.skerry.create({ requirements: ["beta"] });
    await other.packages.install({ files: ["pylock.toml"], requirements: ["gamma"] });
    expect(await names(other)).toEqual(["alpha 1.0", "beta 2.0", "gamma 1.0"]);
    expect((await other.packages.lock()).lock.roots).toEqual(["alpha<2", "beta==2.0", "gamma"]);
    await expect(other.packages.install({ files: ["pylock.toml"], requirements: ["alpha>=2"] })).rejects.toMatchObject({
      code: "SKE-PKG-CONFLICT",
    });
  });

  test("serves run, which finds the same environment until the file changes", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["alpha<2"] });
    const file = at.rig.write("pylock.toml", (await env.packages.lock()).text);
    const run = () => at.skerry.cached({ files: ["pylock.toml"] });
    const first = await run();
    expect(await names(first)).toEqual(["alpha 1.0", "beta 2.0"]);
    expect((await run()).id).toBe(first.id);
    await env.packages.install(["alpha>=2"]);
    writeFileSync(file, (await env.packages.lock()).text);
    expect(await names(await run())).toEqual(["alpha 2.0", "beta 2.0"]);
  });

  test("of uv is read as uv reads it", async () => {
    await using at = await setUp();
    at.rig.write(
      "pyproject.toml",
      '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["alpha<2"]\n[dependency-groups]\ntest = ["gamma"]\n',
    );
    const env = { UV_DEFAULT_INDEX: at.index.url, UV_PYTHON_DOWNLOADS: "never" };
    expect(await at.rig.run([join(uvFolder(), "uv"), "lock", "--quiet"], { env })).toMatchObject({ exitCode: 0 });
    await using made = await at.skerry.create({ files: ["uv.lock"] });
    expect(await names(made)).toEqual(["alpha 1.0", "beta 2.0"]);
    expect(await made.packages.sync({ files: ["uv.lock"], groups: ["test"] })).toMatchObject({
      added: [{ name: "gamma", version: "1.0" }],
    });
    await expect(made.packages.sync({ files: ["uv.lock"], groups: ["nope"] })).rejects.toMatchObject({
      message: expect.stringContaining("nope"),
    });
  });

  test("of uv is that of its folder, whatever a folder above says of that, with its paths", async () => {
    await using at = await setUp();
    const env = { UV_DEFAULT_INDEX: at.index.url, UV_PYTHON_DOWNLOADS: "never" };
    const project = (name: string, rest: string) =>
      `[project]\nname = "${name}"\nversion = "1"\nrequires-python = ">=3.8"\n${rest}`;
    for (const [path, bytes] of Object.entries(projectFiles({ name: "part", version: "1.0" })))
      writeFileSync(at.rig.write(`part/${path}`, ""), bytes);
    const sources = '[tool.uv.sources]\npart = { path = "../part", editable = true }\n';
    at.rig.write("shop/pyproject.toml", project("shop", `dependencies = ["alpha<2", "part"]\n${sources}`));
    const lock = (folder: string) =>
      at.rig.run([join(uvFolder(), "uv"), "lock", "-q"], { env, cwd: join(at.rig.cwd, folder) });
    expect(await lock("shop")).toMatchObject({ exitCode: 0 });
    const member = '[tool.uv.workspace]\nmembers = ["shop"]\n';
    at.rig.write("pyproject.toml", project("outer", `dependencies = ["gamma"]\n${member}`));
    at.rig.write("uv.lock", "what nobody is to read");
    at.rig.write("uv.toml", "also = that");
    await using made = await at.skerry.create({ files: ["shop/uv.lock"] });
    expect(await names(made)).toEqual(["alpha 1.0", "beta 2.0", "part 1.0"]);
    expect((await made.packages.lock()).lock.packages.find(({ name }) => name === "part")).toMatchObject({
      directory: { path: join(at.rig.cwd, "part"), editable: true },
    });
  });
});

describe("sync", () => {
  test("leaves exactly what is named and what that requires, and tells it before", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["gamma", "beta<2"] });
    at.rig.write(
      "pyproject.toml",
      '[project]\nname = "demo"\ndependencies = ["beta"]\n[dependency-groups]\nmore = ["alpha>=2"]\n',
    );
    const asked = { files: ["pyproject.toml"], groups: ["more"] };
    const change = {
      added: [{ name: "alpha", version: "2.0" }],
      removed: [{ name: "gamma", version: "1.0" }],
      changed: [{ name: "beta", from: "1.0", to: "2.0" }],
    };
    expect(await env.packages.sync({ ...asked, dryRun: true })).toMatchObject(change);
    expect(await names(env)).toEqual(["beta 1.0", "gamma 1.0"]);
    expect(await env.packages.sync(asked)).toEqual(change);
    expect(await names(env)).toEqual(["alpha 2.0", "beta 2.0"]);
    expect(await env.packages.sync(asked)).toEqual({ added: [], removed: [], changed: [] });

    // What is there stays where it fits; an empty file leaves nothing.
    at.index.add(buildWheel({ name: "beta", version: "2.5" }));
    expect(await env.packages.sync({ files: ["pyproject.toml"] })).toMatchObject({
      removed: [{ name: "alpha", version: "2.0" }],
      changed: [],
    });
    expect(await env.packages.sync({ files: ["pyproject.toml"], upgrade: "all" })).toMatchObject({
      changed: [{ name: "beta", from: "2.0", to: "2.5" }],
    });
    at.rig.write("none.txt", "# nothing\n");
    expect(await env.packages.sync({ files: ["none.txt"] })).toMatchObject({
      removed: [{ name: "beta", version: "2.5" }],
    });
  });

  test("holds requirements files to their hashes", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create();
    const gamma = WHEELS.find((one) => one.project === "gamma")!;
    at.rig.write("good.txt", `gamma==1.0 --hash=sha256:${gamma.sha256}\n`);
    at.rig.write("bad.txt", `gamma==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    expect(await env.packages.sync({ files: ["good.txt"] })).toMatchObject({
      added: [{ name: "gamma", version: "1.0" }],
    });
    await expect(env.packages.sync({ files: ["bad.txt"] })).rejects.toMatchObject({ code: "SKE-PKG-HASH" });
  });
});

describe("what an environment tells of its packages", () => {
  test("is what requires what, and why each is there", async () => {
    await using at = await setUp({
      distributions: [
        buildWheel({ name: "app", version: "1.0", requires: ["lib[fast]>=1", 'none ; sys_platform == "nowhere"'] }),
        buildWheel({ name: "lib", version: "1.5", requires: ["core"], extras: { fast: ["quick>=2"] } }),
        buildWheel({ name: "quick", version: "2.0", requires: ["Core (>=2,<4)"] }),
        buildWheel({ name: "core", version: "3.0", requires: ["loop"] }),
        buildWheel({ name: "loop", version: "1.0", requires: ["core"] }),
      ],
    });
    await using env = await at.skerry.create({ requirements: ["app", "quick"] });
    const told = await env.packages.tree();
    const lines = (nodes: typeof told, depth = 0): string[] =>
      nodes.flatMap((one) => [
        `${"  ".repeat(depth)}${one.name} ${one.version}${one.requested ? " asked" : ""}${one.repeated ? " above" : ""}`,
        ...lines([...one.requires], depth + 1),
      ]);
    expect(lines(told)).toEqual([
      "app 1.0 asked",
      "  lib 1.5",
      "    core 3.0",
      "      loop 1.0",
      "        core 3.0 above",
      "    quick 2.0 asked",
      "      core 3.0 above",
    ]);
    const chains = async (name: string) =>
      (await env.packages.why(name)).map((chain) => chain.map((one) => one.requirement ?? one.name));
    expect(await chains("Core")).toEqual([
      ["quick", "core>=2,<4"],
      ["app", "lib[fast]>=1", "core"],
      ["app", "lib[fast]>=1", 'quick>=2 ; extra == "fast"', "core>=2,<4"],
    ]);
    await expect(env.packages.why("cor")).rejects.toMatchObject({
      code: "SKE-PKG-NOT-FOUND",
      hint: "did you mean core?",
    });
  });

  test("is which could be newer", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["alpha<2", "gamma"] });
    at.index.add(buildWheel({ name: "beta", version: "2.5" }), buildWheel({ name: "gamma", version: "2.0rc1" }));
    expect(await env.packages.outdated()).toEqual([
      { name: "alpha", version: "1.0", allowed: "1.0", newest: "2.0" },
      { name: "beta", version: "2.0", allowed: "2.5", newest: "2.5" },
    ]);
    expect(await names(env)).toEqual(["alpha 1.0", "beta 2.0", "gamma 1.0"]);
  });
});

describe("skerry lock", () => {
  test("writes a file that others can use, and overwrites nothing else", async () => {
    await using at = await setUp();
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url };
    const skerry = (...args: string[]) => at.rig.skerry(args, { env });
    await skerry("create", "app", "--with", "alpha");
    expect(await skerry("lock", "app")).toMatchObject({ exitCode: 0, stdout: "" });
    const text = readFileSync(join(at.rig.cwd, "pylock.toml"), "utf8");
    expect((await skerry("lock", "app", "-o", "-")).stdout).toBe(text);
    expect(await skerry("lock", "app")).toMatchObject({ exitCode: 0 });
    at.rig.write("pylock.mine.toml", "something = 'else'\n");
    expect(await skerry("lock", "app", "-o", "pylock.mine.toml")).toMatchObject({ exitCode: 2 });
    expect(await skerry("lock", "app", "-o", "pylock.mine.toml", "--force")).toMatchObject({ exitCode: 0 });
    expect(await skerry("lock", "app", "-o", "requirements.txt")).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(at.rig.cwd, "requirements.txt"))).toBe(false);

    const prefix = join(at.rig.root, "other");
    const python = (
      await skerry("exec", "app", "--", "python", "-c", "import sys; print(sys._base_executable)")
    ).stdout.trim();
    const uv = async (...args: string[]) => {
      const outcome = await at.rig.run([join(uvFolder(), "uv"), ...args], { env: { UV_PYTHON_DOWNLOADS: "never" } });
      expect(outcome).toMatchObject({ exitCode: 0 });
      return outcome.stdout;
    };
    await uv("venv", "--quiet", "--python", python, prefix);
    await uv("pip", "sync", "--quiet", "--python", join(prefix, "bin/python"), "pylock.toml");
    expect(await uv("pip", "freeze", "--python", join(prefix, "bin/python"))).toBe("alpha==2.0\nbeta==2.0\n");
  });
});
