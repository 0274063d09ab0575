import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { lockOf, manifest, PIXI, PixiRig } from "../engines/pixi/setup.ts";
import { WHEELS } from "../environments/setup.ts";
import { git } from "../git/repository.ts";
import { startIndex } from "../rig/index.ts";
import { SKERRY } from "../rig/rig.ts";

const HELLO = 'python = "*"\nhello = "1.0"';
const IMPORT = ["python", "-c", "import hello, sys; print(hello.VERSION, sys.prefix)"];

/** A repository `shop` with these files, in a rig. @returns its main checkout */
function repository(pixi: PixiRig, files: Readonly<Record<string, string>>): string {
  const main = join(pixi.rig.cwd, "shop");
  mkdirSync(main);
  for (const [name, text] of Object.entries({ ".gitignore": ".pixi\n.venv\n", ...files }))
    writeFileSync(join(main, name), text);
  git(main, "init", "-q");
  git(main, "add", "-A");
  git(main, "commit", "-qm", "all");
  return main;
}

/** The files of a pixi project whose lock is in git, as it should be. */
function project(text: string) {
  return { "pixi.toml": text, "pixi.lock": lockOf(text) };
}

/** What `worktree verify` finds wrong. */
async function faults(pixi: PixiRig, cwd: string, env = {}): Promise<string[]> {
  const { stdout } = await pixi.skerry(["worktree", "verify", "--json"], { cwd, env });
  const { checks } = JSON.parse(stdout) as { checks: { check: string; ok: boolean; problem: string }[] };
  return checks.filter(({ ok }) => !ok).map(({ check, problem }) => `${check}: ${problem}`);
}

describe("tasks for pixi", () => {
  const TOML = `# the shop
[project]
name = "shop" # it sells
channels = []
platforms = ["linux-64"]

[tasks]
check-env = "true" # our own
build = { cmd = "make" }

[feature.docker.tasks]
docker-status = "docker ps"
`;

  test("are added to a manifest without touching what is there, once", async () => {
    await using pixi = await PixiRig.make();
    const main = repository(pixi, { "pixi.toml": TOML });
    const env = pixi.without;
    const first = JSON.parse(await pixi.ok(["worktree", "init", "--pixi-tasks", "--json"], { cwd: main, env }));
    const added = ["worktree-status", "worktree-verify", "worktree-init", "global-setup", "ansible-setup"];
    expect(first.pixiTasks).toEqual({ manifest: join(main, "pixi.toml"), added });
    const text = readFileSync(join(main, "pixi.toml"), "utf8");
    expect(text).toContain('check-env = "true" # our own\nbuild = { cmd = "make" }\n');
    expect(text).toContain('worktree-status = "skerry worktree status"\n');
    for (const line of TOML.split("\n")) expect(text).toContain(line);
    expect(Bun.TOML.parse(text)).toMatchObject({ tasks: { "ansible-setup": "skerry task ansible-setup" } });
    const again = JSON.parse(await pixi.ok(["worktree", "init", "--pixi-tasks", "--json"], { cwd: main, env }));
    expect(again.pixiTasks.added).toEqual([]);
    expect(readFileSync(join(main, "pixi.toml"), "utf8")).toBe(text);
  });

  test("need a manifest, and are not offered without pixi", async () => {
    await using pixi = await PixiRig.make();
    const main = repository(pixi, {
      "pyproject.toml": '[tool.pixi.project]\nname = "shop"\n\n[tool.black]\nline = 1\n',
    });
    const env = pixi.without;
    const { notes } = JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd: main, env }));
    // Without pixi there is nothing to run them.
    expect(notes.join()).not.toContain("--pixi-tasks");
    await pixi.ok(["worktree", "init", "--pixi-tasks"], { cwd: main, env });
    expect(Bun.TOML.parse(readFileSync(join(main, "pyproject.toml"), "utf8"))).toMatchObject({
      tool: { pixi: { tasks: { "global-setup": "skerry worktree global-setup" } }, black: { line: 1 } },
    });
    writeFileSync(join(main, "pyproject.toml"), "");
    const { exitCode, stderr } = await pixi.skerry(["worktree", "init", "--pixi-tasks"], { cwd: main, env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("has no manifest of pixi to add tasks to");
  });
});

test("a manifest gets no tasks from an init that is refused", async () => {
  await using pixi = await PixiRig.make();
  const main = repository(pixi, { "pixi.toml": '[project]\nname = "shop"\n' });
  const text = () => readFileSync(join(main, "pixi.toml"), "utf8");
  const before = text();
  const init = (env: Record<string, string>, ...args: string[]) =>
    pixi.skerry(["worktree", "init", "--pixi-tasks", ...args], { cwd: main, env });
  expect((await init(pixi.without, "--known")).stderr).toContain("Only what is known");
  expect((await init(pixi.empty(), "--group", "x")).exitCode).toBe(2);
  mkdirSync(join(main, ".venv"));
  expect((await init(pixi.without)).exitCode).toBe(4);
  expect(text()).toBe(before);
  rmSync(join(main, ".venv"), { recursive: true });
  await pixi.ok(["worktree", "init"], { cwd: main, env: pixi.without });
  expect((await init(pixi.without, "--known")).exitCode).toBe(0);
  expect(text()).toContain("worktree-status");
  const again = await pixi.ok(["worktree", "init", "--known", "--json"], { cwd: main, env: pixi.without });
  expect(JSON.parse(again).done).toBe("nothing");
});

test("what repair has brought up to date isn't out of date for worktrees either", async () => {
  await using pixi = await PixiRig.make();
  const main = repository(pixi, { "pixi.toml": '[project]\nname = "shop"\n' });
  const at = { cwd: main, env: pixi.empty() };
  const isOld = async () => {
    const [status, hook] = [
      await pixi.ok(["worktree", "--json"], at),
      await pixi.skerry(["__hook", "bash", "more"], at),
    ];
    return [JSON.parse(status).outOfDate, hook.stderr.includes("is out of date")];
  };
  await pixi.ok(["worktree", "init"], at);
  expect(await isOld()).toEqual([false, false]);
  writeFileSync(join(main, "pixi.toml"), '[project]\nname = "other"\n');
  expect(await isOld()).toEqual([true, true]);
  await pixi.ok(["repair", "."], at);
  expect(await isOld()).toEqual([false, false]);
  expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], at)).done).toBe("nothing");
});

describe("a pixi project without pixi", () => {
  test("gets its environment from PyPI where all of it is there", async () => {
    await using pixi = await PixiRig.make();
    await using index = await startIndex({ distributions: WHEELS });
    const toml = (extra: string) => `[project]
name = "shop"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = ">=3.8,<4"

[pypi-dependencies]
alpha = "==1.0"
${extra}
[feature.test.pypi-dependencies]
gamma = { version = "*", extras = [] }

[environments]
default = ["test"]
`;
    const main = repository(pixi, { "pixi.toml": toml("") });
    const env = { ...pixi.without, PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
    const at = { cwd: main, env };
    const made = JSON.parse(await pixi.ok(["worktree", "init", "--json"], at));
    expect(made).toMatchObject({ done: "created", prefix: `${main}/.venv` });
    expect(made.notes).toContain("pixi isn't on this machine: pixi.toml is followed from PyPI");
    const script = "import alpha, importlib.metadata as m; print(alpha.VERSION, m.version('gamma'))";
    expect(await pixi.ok(["exec", ".", "--", "python", "-c", script], at)).toBe("1.0 1.0\n");
    expect(await faults(pixi, main, env)).toEqual([]);
    expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], at)).done).toBe("nothing");
    writeFileSync(join(main, "pixi.toml"), toml('beta = ">=1,<2"\n').replace("==1.0", ">=1,<2"));
    expect(JSON.parse(await pixi.ok(["worktree", "--json"], at)).outOfDate).toBe(true);
    const synced = JSON.parse(await pixi.ok(["worktree", "init", "--json"], at));
    expect(synced.done).toBe("synced");
    expect(
      JSON.parse(await pixi.ok(["worktree", "--json"], at)).packages.map((one: { name: string }) => one.name),
    ).toEqual(["alpha", "beta", "gamma"]);
  });

  test("is refused where it needs conda packages, and says which", async () => {
    await using pixi = await PixiRig.make();
    const toml =
      '[project]\nname = "x"\n\n[dependencies]\npython = "*"\ngdal = "3.*"\n\n[target.unix.dependencies]\ngcc = "*"\n';
    const main = repository(pixi, { "pixi.toml": toml });
    const env = pixi.without;
    const { exitCode, stderr } = await pixi.skerry(["worktree", "init"], { cwd: main, env });
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(/gdal, gcc of .*pixi\.toml are conda packages\n.*https:\/\/pixi\.sh/);
    expect(existsSync(join(main, ".venv"))).toBe(false);
    // What other files of the project say is enough to go on.
    writeFileSync(join(main, "requirements.txt"), "");
    const { notes, done } = JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd: main, env }));
    expect(done).toBe("created");
    expect(notes).toContain("pixi isn't on this machine: not installed what only pixi.toml asks for: gdal, gcc");
  });
});

if (PIXI === undefined) test.skip("worktrees of a project with a real pixi", () => {});
else
  describe("worktrees of a project with a real pixi", () => {
    test("each have an environment of pixi's own", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      const other = join(pixi.rig.cwd, "other");
      git(main, "worktree", "add", "-q", "-b", "other", other);
      const offer = "skerry worktree init --pixi-tasks lets pixi run worktree-status, and 6 more";
      for (const cwd of [main, other]) {
        const made = JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd }));
        expect(made.notes).toEqual(cwd === main ? [offer] : []);
        expect(made).toMatchObject({ done: "created", prefix: `${cwd}/.pixi/envs/default` });
        expect(await pixi.ok(["exec", ".", "--", ...IMPORT], { cwd })).toBe(`1.0 ${cwd}/.pixi/envs/default\n`);
        expect(await faults(pixi, cwd)).toEqual([]);
        expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd })).done).toBe("nothing");
      }
      for (const [name, text] of Object.entries(project(manifest(HELLO.replace("1.0", "1.1")))))
        writeFileSync(join(other, name), text);
      expect(JSON.parse(await pixi.ok(["worktree", "--json"], { cwd: other })).outOfDate).toBe(true);
      expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd: other })).done).toBe("synced");
      expect(JSON.parse(await pixi.ok(["worktree", "--json"], { cwd: other })).outOfDate).toBe(false);
      expect(await pixi.ok(["exec", ".", "--", ...IMPORT], { cwd: other })).toStartWith("1.1 ");
      expect(await pixi.ok(["exec", ".", "--", ...IMPORT], { cwd: main })).toStartWith("1.0 ");
      for (const [option, value] of [
        ["--python", "3.12"],
        ["--group", "dev"],
      ]) {
        const { exitCode } = await pixi.skerry(["worktree", "init", option!, value!], { cwd: main });
        expect(exitCode).toBe(2);
      }
    });

    test("tell which of the manifest's packages are there, and of which Python", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, { ...project(manifest(HELLO)), "requirements.txt": "nosuch\n", ".gitignore": "" });
      await pixi.ok(["worktree", "init"], { cwd: main });
      expect(git(main, "status", "--porcelain")).toBe("");
      const { stdout } = await pixi.skerry(["worktree"], { cwd: main });
      expect(stdout).toContain("1 of 1 available: hello\n");
      const version = /Python +(\d+\.\d+\.\d+) /.exec(stdout)?.[1];
      expect(await pixi.ok(["ls"], { cwd: main })).toContain(` pixi    ${version}`);
      const shown = await pixi.ok(["show", "."], { cwd: main });
      expect(shown).toMatch(new RegExp(`^python +${version}$`, "m"));
      expect(shown).not.toMatch(/^packages/m);
      expect(await pixi.ok(["worktree", "verify"], { cwd: main })).toContain("ok    package hello\n");
      writeFileSync(join(main, "tool.py"), "");
      await pixi.ok(["worktree", "init", "--entry", "tool.py"], { cwd: main });
      const alone = await pixi.rig.run(["python3", "_skerry_entry.py"], { cwd: main, env: pixi.env });
      expect(alone.stdout).toContain("Packages     not known without Skerry\n");
      const meta = join(main, ".pixi/envs/default/conda-meta");
      for (const name of readdirSync(meta).filter((one) => one.startsWith("hello-"))) rmSync(join(meta, name));
      expect(await faults(pixi, main)).toEqual(["package hello: it isn't installed"]);
      expect(JSON.parse(await pixi.ok(["worktree", "--json"], { cwd: main })).isolated).toBe(true);
    });

    test("are made unasked only of what was installed before in the repository", async () => {
      await using pixi = await PixiRig.make();
      const toml = manifest(HELLO, '[activation]\nscripts = ["enter.sh"]\n');
      const main = repository(pixi, { ...project(toml), "enter.sh": "export ENTERED=yes\n" });
      await pixi.ok(["worktree", "init"], { cwd: main });
      const add = (name: string) => {
        const folder = join(pixi.rig.cwd, name);
        git(main, "worktree", "add", "-q", "-b", name, folder);
        return folder;
      };
      const same = add("same");
      await pixi.ok(["worktree", "init", "--known"], { cwd: same });
      expect(await pixi.ok(["run", "--", "sh", "-c", "echo $ENTERED"], { cwd: same })).toBe("yes\n");
      const other = add("other");
      writeFileSync(join(other, "enter.sh"), "touch ran\n");
      await pixi.skerry(["worktree", "init", "--known"], { cwd: other });
      expect(existsSync(join(other, ".pixi"))).toBe(false);
    });

    test("are entered by shells, also when files were only touched", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      await pixi.ok(["worktree", "init"], { cwd: main });
      const enter = () => pixi.skerry(["__hook", "bash", "more"], { cwd: main });
      const entered = { exitCode: 0, stderr: "", stdout: expect.stringContaining(`${main}/.pixi/envs/default/bin`) };
      expect(await enter()).toMatchObject({ ...entered, stderr: expect.not.stringContaining("out of date") });
      utimesSync(join(main, "pixi.toml"), 1, 1);
      expect(await enter()).toMatchObject({ ...entered, stderr: expect.not.stringContaining("out of date") });
      writeFileSync(join(main, "pixi.toml"), manifest(HELLO.replace("1.0", "1.1")));
      expect((await enter()).stderr).toContain("is out of date");
    });

    test("are taken up where they were moved to, and given up with their worktree", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      const [before, after] = [join(pixi.rig.cwd, "before"), join(pixi.rig.cwd, "after")];
      git(main, "worktree", "add", "-q", "-b", "other", before);
      await pixi.ok(["worktree", "init"], { cwd: before });
      git(main, "worktree", "move", before, after);
      expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd: after })).done).not.toBe("created");
      expect(await pixi.ok(["exec", ".", "--", ...IMPORT], { cwd: after })).toBe(`1.0 ${after}/.pixi/envs/default\n`);
      expect(await faults(pixi, after)).toEqual([]);
      git(main, "worktree", "remove", "--force", after);
      await pixi.ok(["worktree", "prune"], { cwd: main });
      expect(JSON.parse(await pixi.ok(["ls", "--json"])).environments).toEqual([]);
    });

    test("install nothing unasked of what was changed before they were moved", async () => {
      await using pixi = await PixiRig.make();
      const toml = manifest(HELLO, '[activation]\nscripts = ["enter.sh"]\n');
      const main = repository(pixi, { ...project(toml), "enter.sh": "export ENTERED=yes\n" });
      const [before, after] = [join(pixi.rig.cwd, "before"), join(pixi.rig.cwd, "after")];
      git(main, "worktree", "add", "-q", "-b", "other", before);
      await pixi.ok(["worktree", "init"], { cwd: before });
      const ran = join(pixi.rig.cwd, "ran");
      writeFileSync(join(before, "enter.sh"), `touch ${ran}\nexport ENTERED=other\n`);
      git(main, "worktree", "move", before, after);
      await pixi.ok(["ls"], { cwd: after });
      await pixi.ok(["worktree", "prune"], { cwd: main });
      await pixi.skerry(["__hook", "bash"], { cwd: after });
      await pixi.skerry(["doctor", "--fix"], { cwd: after });
      expect(existsSync(ran)).toBe(false);
      expect((await pixi.skerry(["worktree", "init", "--known"], { cwd: after })).exitCode).not.toBe(0);
      const refused = await pixi.skerry(["run", "--", "true"], { cwd: after });
      expect(refused).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("skerry repair .") });
      expect(existsSync(ran)).toBe(false);
      await pixi.ok(["worktree", "init"], { cwd: after });
      expect(existsSync(ran)).toBe(true);
      expect(await pixi.ok(["run", "--", "sh", "-c", "echo $ENTERED"], { cwd: after })).toBe("other\n");
      // Nor where it stands still.
      rmSync(ran);
      writeFileSync(join(after, "enter.sh"), `touch ${ran}\n`);
      for (const gone of [[], [".pixi"]]) {
        for (const name of gone) rmSync(join(after, name), { recursive: true });
        await pixi.skerry(["doctor", "--fix"], { cwd: after });
        expect(existsSync(ran)).toBe(false);
      }
    });

    test("stay pixi's where pixi isn't found for once", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      await pixi.ok(["worktree", "init"], { cwd: main });
      const at = { cwd: main, env: pixi.without };
      expect(JSON.parse(await pixi.ok(["worktree", "init", "--json"], at))).toMatchObject({
        done: "nothing",
        prefix: `${main}/.pixi/envs/default`,
      });
      writeFileSync(join(main, "pixi.toml"), manifest(HELLO.replace("1.0", "1.1")));
      const { exitCode, stderr } = await pixi.skerry(["worktree", "init"], at);
      expect(exitCode).toBe(6);
      expect(stderr).toContain("there is no pixi on PATH");
      expect(existsSync(join(main, ".pixi/envs/default/bin/python"))).toBe(true);
      // Unless a .venv is asked for.
      writeFileSync(join(main, "pixi.toml"), manifest('python = "*"'));
      const other = JSON.parse(await pixi.ok(["worktree", "init", "--force", "--json"], at));
      expect(other).toMatchObject({ done: "created", prefix: `${main}/.venv` });
      expect(existsSync(join(main, ".pixi"))).toBe(false);
    });

    test("change from a .venv to pixi once pixi is there, and keep the .venv when that fails", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest('python = "*"')));
      await pixi.ok(["worktree", "init"], { cwd: main, env: pixi.without });
      expect(existsSync(join(main, ".venv/bin/python"))).toBe(true);
      writeFileSync(join(main, "pixi.toml"), manifest('python = "*"\nnosuch = "*"'));
      expect((await pixi.skerry(["worktree", "init"], { cwd: main })).exitCode).toBe(1);
      expect(await pixi.ok(["exec", ".", "--", "python", "-c", "print(1)"], { cwd: main })).toBe("1\n");
      writeFileSync(join(main, "pixi.toml"), manifest(HELLO));
      const made = JSON.parse(await pixi.ok(["worktree", "init", "--json"], { cwd: main }));
      expect(made).toMatchObject({ done: "created", prefix: `${main}/.pixi/envs/default` });
      expect(existsSync(join(main, ".venv"))).toBe(false);
      expect(JSON.parse(await pixi.ok(["ls", "--json"])).environments).toHaveLength(1);
      expect(await faults(pixi, main)).toEqual([]);
    });

    test("answer pixi run worktree-status", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      await pixi.ok(["worktree", "init", "--pixi-tasks"], { cwd: main });
      const bin = join(pixi.rig.root, "bin");
      mkdirSync(bin);
      symlinkSync(SKERRY, join(bin, "skerry"));
      const at = { cwd: main, env: { PATH: `${bin}:${pixi.env.PATH}` } };
      const status = await pixi.pixi(["run", "worktree-status"], at);
      expect(status).toMatch(/Worktree +shop \(main\)/);
      expect(status).toMatch(/Isolated +yes/);
      expect(await pixi.pixi(["run", "worktree-verify"], at)).toContain("ok");
      await pixi.pixi(["run", "worktree-init"], at);
      await pixi.pixi(["run", "check-env"], at);
      await pixi.pixi(["run", "global-setup"], at);
    });

    test("are entered by the hook and by shims", async () => {
      await using pixi = await PixiRig.make();
      const main = repository(pixi, project(manifest(HELLO)));
      await pixi.ok(["worktree", "init"], { cwd: main });
      await pixi.ok(["shims", "install"]);
      mkdirSync(join(main, "deep"));
      const where = `${main}/.pixi/envs/default`;
      const env = { ...pixi.env, SKERRY };
      const through = { ...env, VIRTUAL_ENV: "", PATH: `${pixi.rig.home}/shims:${pixi.env.PATH}` };
      const shimmed = await pixi.rig.run(["python", ...IMPORT.slice(1)], { cwd: join(main, "deep"), env: through });
      expect(shimmed).toMatchObject({ stdout: `1.0 ${where}\n`, stderr: "" });
      const lines = [
        'eval "$("$SKERRY" hook bash)"',
        'cd "$1/deep"; __skerry_hook; hello; echo "$CONDA_PREFIX"',
        'cd /; __skerry_hook; echo "${CONDA_PREFIX-none}"',
      ];
      const hooked = await pixi.rig.run(["bash", "-c", lines.join("\n"), "-", main], { env });
      expect(hooked.stdout.split("\n").slice(-3)).toEqual([where, "none", ""]);
      expect(hooked.stderr).toContain("entered shop");
    });

    test("run tasks of features by pixi, in the environment that has the feature", async () => {
      await using pixi = await PixiRig.make();
      const feature = '[feature.extra.dependencies]\nhello = "1.1"\n[feature.extra.tasks]\nsay = "hello"\n';
      const orphan = '[feature.lone.tasks]\nlone = "true"\n';
      const text = manifest('python = "*"', `${feature}${orphan}[environments]\nmore = ["extra"]\n`);
      const main = repository(pixi, project(text));
      expect((await pixi.skerry(["task", "say"], { cwd: main })).exitCode).toBe(125);
      await pixi.ok(["trust", "--yes"], { cwd: main });
      expect(await pixi.ok(["task", "say"], { cwd: main })).toContain("1.1");
      expect((await pixi.skerry(["task", "lone"], { cwd: main })).stderr).toContain("no environment of the manifest");
      // What activating runs is trusted along with them.
      writeFileSync(join(main, "pixi.toml"), `${text}[activation]\nscripts = ["other.sh"]\n`);
      expect((await pixi.skerry(["task", "say"], { cwd: main })).stderr).toContain("skerry trust");
    });
  });
