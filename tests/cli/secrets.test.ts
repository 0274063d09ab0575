import { describe, expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { MARK, markedFiles, marksIn, runWatched } from "../rig/marked.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";

const PYTHON = newestPython().path;
const SET = { API_TOKEN: MARK };
const PRINT = ["--", "python", "-c", "import os; print(len(os.environ['API_TOKEN']))"];
const SEEN = `${MARK.length}\n`;
const TASKS = `[tasks]\nsee = { command = ["python", "-c", "import os; print(len(os.environ['API_TOKEN']))"], environment = "api" }\n`;
const USER_FILE = "../home/.config/skerry/config.toml";

/** A rig with an environment called api that has a secret. */
async function rigWithApi(...args: readonly string[]): Promise<Rig> {
  const rig = await Rig.make();
  const made = await rig.skerry(["create", "api", "--python", PYTHON, "--secret", "API_TOKEN", ...args]);
  expect(made).toMatchObject({ exitCode: 0 });
  return rig;
}

/** The ways to start something, each with the status that a refusal has. */
const STARTS: Readonly<Record<string, readonly string[]>> = {
  exec: ["exec", "api", ...PRINT],
  "exec with a time-out": ["exec", "api", "--timeout", "60s", ...PRINT],
  "exec --json": ["exec", "api", "--json", ...PRINT],
  run: ["run", "--python", PYTHON, "--secret", "API_TOKEN", ...PRINT],
  "run with a time-out": ["run", "--python", PYTHON, "--secret", "API_TOKEN", "--timeout", "60s", ...PRINT],
  task: ["task", "see"],
};

describe("a secret", () => {
  test("reaches what is started by each road, and stands nowhere afterwards", async () => {
    await using rig = await rigWithApi();
    rig.write(USER_FILE, TASKS);
    const told: string[] = [];
    const watch = async (args: readonly string[], env: Record<string, string>) => {
      const { outcome, shown } = await runWatched(rig, args, env);
      told.push(...shown, ...marksIn(outcome.stdout + outcome.stderr));
      return outcome;
    };
    for (const [road, args] of Object.entries(STARTS)) {
      const { exitCode, stdout } = await watch(args, SET);
      const printed = args.includes("--json") ? JSON.parse(stdout).stdout : stdout;
      expect({ road, exitCode, printed }).toEqual({ road, exitCode: 0, printed: SEEN });
    }
    for (const args of [
      ["shell", "api", "--shell", "bash"],
      ["activate", "api", "--shell", "bash"],
      ["clone", "api", "other"],
      ["repair", "api"],
      ["show", "api", "--json"],
      ["ls", "--json"],
      ["events", "--json"],
      ["doctor", "--json"],
    ])
      await watch(args, SET);
    expect({ told, kept: markedFiles(rig.root) }).toEqual({ told: [], kept: [] });
  }, 60_000);

  test.each(Object.entries(STARTS))(
    "that is missing or empty has %s refused, with the way to set it",
    async (_, args) => {
      await using rig = await rigWithApi();
      rig.write(USER_FILE, TASKS);
      for (const env of [{}, { API_TOKEN: "" }]) {
        const { exitCode, stdout, stderr } = await rig.skerry(args, { env });
        expect({ exitCode, said: stdout + stderr }).toMatchObject({
          exitCode: 125,
          said: expect.stringContaining("API_TOKEN is not set, but is a secret of "),
        });
        expect(stdout + stderr).toContain("read -rs API_TOKEN; export API_TOKEN");
      }
    },
  );

  test("can be typed as the hint says", async () => {
    await using rig = await rigWithApi();
    const { stderr } = await rig.skerry(["exec", "api", ...PRINT]);
    const typed = /type or paste each with: (.*)/.exec(stderr)![1]!;
    const script = `${typed}\nexec "$0" "$@"`;
    const program = rig.start(["bash", "-c", script, SKERRY, "exec", "api", ...PRINT], { input: `${MARK}\n` });
    expect(await program.exit).toMatchObject({ exitCode: 0, stdout: SEEN });
  });

  test("can be given for one command, before the caller's", async () => {
    await using rig = await rigWithApi();
    const { stdout } = await rig.skerry(["exec", "api", "--env", "API_TOKEN=four", ...PRINT], { env: SET });
    expect(stdout).toBe("4\n");
  });

  test("that is missing in a shell is told by activate, which enters all the same", async () => {
    await using rig = await rigWithApi();
    const told = "warning: API_TOKEN is not set, but is a secret of api";
    const without = await rig.skerry(["activate", "api", "--shell", "bash"]);
    expect(without).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(told) });
    const having = await rig.skerry(["activate", "api", "--shell", "bash"], { env: SET });
    expect(having).toMatchObject({ exitCode: 0, stderr: "", stdout: without.stdout });
  });

  test("that is missing is told by the hook on entering", async () => {
    await using rig = await rigWithApi("--prefix", ".venv");
    const enter = (env: Record<string, string>) => rig.skerry(["__hook", "bash"], { env });
    expect((await enter({})).stderr).toContain("skerry: API_TOKEN is not set, but is a secret of api");
    const { stdout, stderr } = await enter(SET);
    expect({ stderr, marks: marksIn(stdout) }).toEqual({ stderr: "skerry: entered api\n", marks: [] });
  });

  test("is named by show, comes along with clone, and is in no list where there is none", async () => {
    await using rig = await rigWithApi();
    await rig.skerry(["clone", "api", "other"]);
    for (const name of ["api", "other"]) {
      expect((await rig.skerry(["show", name])).stdout).toMatch(/^secrets +API_TOKEN$/m);
      expect(await rig.skerry(["exec", name, ...PRINT])).toMatchObject({ exitCode: 125 });
    }
    await rig.skerry(["create", "plain", "--engine", "basic"]);
    expect((await rig.skerry(["show", "plain"])).stdout).not.toContain("secrets");
  });

  test("of the configuration counts beside those of the command line, in a basic environment too", async () => {
    await using rig = await Rig.make();
    rig.write(USER_FILE, 'secrets = ["B_KEY", "API_TOKEN"]\n');
    await rig.skerry(["create", "api", "--engine", "basic", "--secret", "C_KEY", "--secret", "API_TOKEN"]);
    const { stderr } = await rig.skerry(["exec", "api", ...PRINT], { env: { B_KEY: "x" } });
    expect(stderr).toContain("API_TOKEN, C_KEY are not set, but are secrets of api");
    expect(stderr).toContain("read -rs API_TOKEN; read -rs C_KEY; export API_TOKEN C_KEY");
  });

  test("makes a cached environment of its own, so that others are asked for nothing", async () => {
    await using rig = await Rig.make();
    const run = ["run", "--python", PYTHON];
    expect(await rig.skerry([...run, "--secret", "API_TOKEN", ...PRINT], { env: SET })).toMatchObject({ exitCode: 0 });
    expect(await rig.skerry([...run, "--", "true"])).toMatchObject({ exitCode: 0 });
  });
});

/** What can't be a secret's name. */
const NO_NAMES: Readonly<Record<string, string>> = {
  "with its value": `API_TOKEN=${MARK}`,
  "that is a value": MARK,
  "of two words": "A B",
  "that is too long": "A".repeat(300),
  ...Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "PYTHONPATH", "PYTHONWARNINGS", "LD_PRELOAD", "LD_LIBRARY_PATH", "VIRTUAL_ENV"]
      .concat("CONDA_PREFIX", "SKERRY_HOME", "__proto__")
      .map((name) => [name, name]),
  ),
};

test.each(Object.entries(NO_NAMES))("--secret %s is refused, and isn't repeated", async (_, name) => {
  await using rig = await Rig.make();
  for (const verb of [["create", "api"], ["run"]]) {
    const { exitCode, stderr } = await rig.skerry([...verb, "--secret", name, ...(verb[1] ? [] : ["--", "true"])]);
    expect(exitCode).toBe(verb[1] ? 2 : 125);
    expect(stderr).toContain("expected the name of a variable");
    expect(marksIn(stderr)).toEqual([]);
  }
  expect((await rig.skerry(["ls"])).stdout).not.toContain("api");
  expect(markedFiles(realpathSync(rig.home))).toEqual([]);
});

test("a variable with a value isn't a secret, wherever the value comes from", async () => {
  await using rig = await Rig.make();
  const create = ["create", "api", "--engine", "basic", "--secret", "API_TOKEN"];
  const refused = { exitCode: 2, stderr: expect.stringContaining("API_TOKEN can't be a variable that is kept") };
  expect(await rig.skerry([...create, "--env", `API_TOKEN=${MARK}`])).toMatchObject(refused);
  rig.write(USER_FILE, `variables = { API_TOKEN = "x" }\n`);
  expect(await rig.skerry(create)).toMatchObject(refused);
  expect(markedFiles(rig.home)).toEqual([]);
});
