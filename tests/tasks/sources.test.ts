import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectRefusal } from "../cli/refusal.ts";
import { Rig } from "../rig/rig.ts";
import { furnish, said, task, trust } from "./project.ts";

const PIXI = `[workspace]
name = "shop"
channels = ["conda-forge"]
platforms = ["linux-64"]

[tasks]
plain = "sh -c 'echo plain'"
where = { cmd = 'echo "$MODE $PWD" && echo args:', cwd = "sub", env = { MODE = "m" } }
both = { cmd = ["echo", "both"], depends-on = ["plain", { task = "where" }], description = "Both" }
old = { cmd = "echo old", depends_on = ["plain"] }
alias = ["plain"]
kept = { cmd = "touch kept && echo made", inputs = ["in"], outputs = ["kept"] }
template = { cmd = "echo {{ x }}", args = ["x"] }
outside = { cmd = "true", cwd = ".." }
clean = { cmd = "env", clean-env = true }
elsewhere = { cmd = "true", default-environment = "test" }
expanded = { cmd = "env", env = { FOO = "$HOME/x" } }
system = "echo any"

[target.unix.tasks]
system = "echo unix"

[target.win-64.tasks]
system = "echo windows"
`;

const PYPROJECT = `[project]
name = "shop"
version = "1"
[project.scripts]
shop = "shop.main:run"
plain = "shop.main:plain"
[tool.skerry.tasks]
own = { command = "echo own", environment = false }
first = { command = "echo pyproject", environment = false }
[tool.pixi.tasks]
inner = "echo inner"
plain = "echo hidden"
`;

const names = async (rig: Rig, cwd = rig.cwd) => {
  const { tasks } = JSON.parse(await said(rig, ["--json"], { cwd }));
  return tasks.map(({ name, source }: { name: string; source: string }) => `${name} ${source}`);
};

describe("tasks of other tools' files", () => {
  test("are found beside Skerry's own, the first of a name counts, and other keys of the files make no difference", async () => {
    await using rig = await Rig.make();
    rig.write("pixi.toml", PIXI);
    rig.write("pyproject.toml", PYPROJECT);
    rig.write("skerry.toml", '[tasks]\nfirst = { command = "echo skerry", environment = false }\n');
    const pixi = [
      "plain",
      "where",
      "both",
      "old",
      "alias",
      "kept",
      "template",
      "outside",
      "clean",
      "elsewhere",
      "expanded",
      "system",
      "inner",
    ];
    expect(await names(rig)).toEqual([
      "first project",
      "own pyproject",
      ...pixi.map((one) => `${one} pixi`),
      "shop scripts",
    ]);
    expect((await task(rig)).stdout).toMatch(/^own +pyproject\.toml +echo own$/m);
    expect((await rig.skerry(["task"], { env: { SKERRY_NO_CONFIG: "1" } })).stdout).toBe("");
    await trust(rig);
    expect(await said(rig, ["first"])).toBe("skerry\n");
  });

  test("are those of the nearest folder, from any folder below it", async () => {
    await using rig = await Rig.make();
    rig.write("pixi.toml", '[tasks]\nt = "pwd"\n');
    const below = join(rig.write("a/b/x", ""), "..");
    expect(await names(rig, below)).toEqual(["t pixi"]);
    await trust(rig, below);
    await furnish(rig);
    expect(await said(rig, ["t"], { cwd: below })).toBe(`${rig.cwd}\n`);
  });

  test("run as pixi runs them: what takes a shell in one, with arguments behind the last command", async () => {
    await using rig = await Rig.make();
    rig.write("pixi.toml", PIXI);
    rig.write("sub/x", "");
    rig.write("in", "");
    await trust(rig);
    await furnish(rig);
    expect(await said(rig, ["where", "--", "a b", "$(touch x)"])).toBe(`m ${rig.cwd}/sub\nargs: a b $(touch x)\n`);
    expect(await said(rig, ["system"])).toBe("unix\n");
    const both = (await said(rig, ["both"])).split("\n");
    expect(both.slice(0, 3).sort()).toEqual(["plain | plain", "where | args:", `where | m ${rig.cwd}/sub`]);
    expect(both.slice(3)).toEqual(["both | both", ""]);
    expect(await said(rig, ["old"])).toBe("plain | plain\nold | old\n");
    expect(await said(rig, ["alias"])).toBe("plain\n");
    expect([await said(rig, ["kept"]), await said(rig, ["kept"])]).toEqual(["made\n", ""]);
    const refused = { code: "SKE-TASK-INVALID", exit: 125, hint: /skerry\.toml/ } as const;
    await expectRefusal(rig, { ...refused, args: ["task", "template"], message: /templates/ });
    await expectRefusal(rig, { ...refused, args: ["task", "outside"], message: /outside of the project/ });
    await expectRefusal(rig, { ...refused, args: ["task", "clean"], message: /clean-env/ });
    await expectRefusal(rig, { ...refused, args: ["task", "elsewhere"], message: /default-environment/ });
    await expectRefusal(rig, { ...refused, args: ["task", "expanded"], message: /a shell fills in/ });
  }, 60_000);

  test("of pixi take arguments where they end in a simple command, and run without in any case", async () => {
    const behind = {
      last: "true && echo x",
      lines: "true\n# a comment; (\necho x\n",
      redirected: "echo x 2>&1 > out; cat < out | sed s/x/x/ -",
      word: "echo x \\# '#' \"(;\" a#b | tail -c 20 && echo x",
      variable: 'N=1; M=2 echo "${N}" $(echo x)',
    };
    const none = {
      group: "echo x && (echo y || true)",
      brace: "{ echo x; }",
      loop: "for f in a b; do echo $f; done < /dev/null",
      condition: "if true; then echo x; fi",
      choice: "case x in x) echo x;; esac",
      comment: "echo x # c; echo d",
      end: "echo x;",
      background: "echo x > /dev/null & wait & ",
      assignment: "echo x; A=1",
      text: "cat <<END\nx\nEND\necho x",
      function: "f() { echo x; }; f() { echo y; }",
    };
    await using rig = await Rig.make();
    const lines = Object.entries({ ...behind, ...none }).map(([name, script]) => `${name} = ${JSON.stringify(script)}`);
    rig.write("pixi.toml", `[tasks]\n${lines.join("\n")}\n`);
    await trust(rig);
    await furnish(rig);
    for (const name of [...Object.keys(behind), ...Object.keys(none)]) await said(rig, [name]);
    for (const name of ["last", "lines", "variable"]) {
      expect(await said(rig, [name, "--", "a  b", "$(c)"]), name).toEndWith(" a  b $(c)\n");
    }
    for (const name of Object.keys(behind)) {
      const { tasks } = JSON.parse(await said(rig, [name, "--dry-run", "--json", "--", "a"]));
      expect(tasks[0].argv.slice(2), name).toEqual([expect.stringMatching(/ "\$@"$/), name, "a"]);
    }
    const refused = { code: "SKE-USAGE", exit: 125, message: /simple command/, hint: /shell = true/ } as const;
    for (const name of Object.keys(none)) {
      await expectRefusal(rig, { ...refused, args: ["task", name, "--dry-run", "--", "a"] });
    }
  }, 60_000);

  test("of pixi wait for the environment of their project, as an empty one has nothing that they need", async () => {
    await using rig = await Rig.make();
    rig.write("pixi.toml", '[tasks]\nt = "touch ran"\n');
    await trust(rig);
    const refused = { code: "SKE-ENV-NOT-FOUND", exit: 125, hint: /skerry worktree init/ } as const;
    await expectRefusal(rig, { ...refused, args: ["task", "t"], message: /the pixi project here has no environment/ });
    expect(existsSync(join(rig.cwd, "ran"))).toBe(false);
    await furnish(rig);
    await said(rig, ["t"]);
    expect(existsSync(join(rig.cwd, "ran"))).toBe(true);
  });

  test("run nothing before they are trusted as they are now; another branch's changed ones neither", async () => {
    await using rig = await Rig.make();
    rig.write("pixi.toml", '[tasks]\nt = "touch ran"\n');
    const refused = {
      args: ["task", "t"],
      code: "SKE-CONFIG-UNTRUSTED",
      exit: 125,
      message: /pixi\.toml: tasks can run/,
      hint: /skerry trust/,
    } as const;
    await rig.skerry(["ls"]);
    await expectRefusal(rig, refused);
    // What runs no task needs no trust.
    expect((await rig.skerry(["run", "--", "true"])).exitCode).toBe(0);
    const { trusted } = JSON.parse((await rig.skerry(["trust", "--yes", "--json"])).stdout);
    expect(trusted.settings).toEqual([{ file: join(rig.cwd, "pixi.toml"), key: "tasks", value: { t: "touch ran" } }]);
    await furnish(rig);
    rig.write("pixi.toml", '# a comment\n[tasks]\nt = "touch ran"\n[dependencies]\npython = "3.12"\n');
    await said(rig, ["t"]);
    expect(existsSync(join(rig.cwd, "ran"))).toBe(true);
    rig.write("pixi.toml", '[tasks]\nt = "touch other"\n');
    await expectRefusal(rig, refused);
    rig.write("pixi.toml", '[tasks]\nt = "touch ran"\n');
    expect((await rig.skerry(["trust", "--revoke"])).stderr).toBe("trusted no more\n");
    await expectRefusal(rig, refused);
  });

  test("aren't trusted by way of a trusted task that depends on one", async () => {
    await using rig = await Rig.make();
    rig.write("skerry.toml", '[tasks.t]\ncommand = "touch t"\ndepends-on = ["late"]\nenvironment = false\n');
    await trust(rig);
    rig.write("pixi.toml", '[tasks]\nlate = "touch late"\n');
    const refused = { code: "SKE-CONFIG-UNTRUSTED", exit: 125, message: /pixi\.toml/, hint: /skerry trust/ } as const;
    await expectRefusal(rig, { args: ["task", "t"], ...refused });
  });

  test("of [project.scripts] are the programs that are installed", async () => {
    await using rig = await Rig.make();
    rig.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\n[project.scripts]\nx-program = "x:main"\n');
    await trust(rig);
    const { exitCode, stderr } = await task(rig, ["x-program"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 127, stderr: expect.stringContaining("x-program") });
    const made = await rig.skerry(["create", "x", "--prefix", ".venv"]);
    expect(made).toMatchObject({ exitCode: 0 });
    writeFileSync(join(rig.cwd, ".venv/bin/x-program"), '#!/bin/sh\necho "$VIRTUAL_ENV" "$@"\n', { mode: 0o755 });
    expect(await said(rig, ["x-program", "--", "-q"])).toBe(`${rig.cwd}/.venv -q\n`);
  });

  test.each([
    ["pixi.toml", "[tasks", /pixi\.toml:1: this is not valid TOML/],
    ["pixi.toml", "tasks = 1", /pixi\.toml: tasks is no table/],
    ["pixi.toml", "[tasks]\nt = { cmd = 1 }", /pixi\.toml: tasks\.t can't be understood/],
    ["pixi.toml", '[tasks]\n"a b" = "x"', /can't have this name/],
    ["pixi.toml", "[tasks]\nt = { cmd = inf }", /only texts, numbers/],
    ["pixi.toml", `[tasks]\nt = ${"[".repeat(20)}${"]".repeat(20)}`, /nested too deeply/],
    ["pyproject.toml", "[project]\nscripts = 1", /project\.scripts is no table/],
  ])("%s with %s is refused", async (path, text, message) => {
    await using rig = await Rig.make();
    rig.write(path, text);
    const { exitCode, stderr } = await task(rig);
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(message) });
  });
});

test("a user's own file has tasks for every project, which need no trust", async () => {
  await using rig = await Rig.make();
  const file = join(rig.user, ".config/skerry/config.toml");
  await rig.run(["mkdir", "-p", join(file, "..")]);
  writeFileSync(file, '[tasks]\nmine = { command = "pwd", environment = false }\n');
  expect(await said(rig, ["mine"])).toBe(`${rig.cwd}\n`);
});

test("names of tasks complete, and no state is made for that", async () => {
  await using rig = await Rig.make();
  rig.write("skerry.toml", '[tasks]\nbuild = "x"\nbump = "y"\ntest = "z"\n');
  const words = async (...typed: string[]) => (await rig.skerry(["__complete", "--", ...typed])).stdout;
  expect(await words("task", "bu")).toBe(":none\nbuild\nbump\n");
  expect(await words("task", "build", "--", "x")).toBe(":files\n");
  expect(await words("task", "build", "--fo")).toMatch(/^:none\n--force\t/);
  expect(existsSync(rig.home)).toBe(false);
});
