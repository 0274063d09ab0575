import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { quoteNu, quotePowerShell } from "../../src/core/quote.ts";
import { renderActivation, SHELLS, venvActivation } from "../../src/python/activation/render.ts";
import type { ShellActivation } from "../../src/python/activation/shell-change.ts";
import { writeVenv } from "../../src/python/venv.ts";
import { Rig } from "../rig/rig.ts";
import { newest } from "./facts.ts";

/** How a shell is started strictly, reads a file, and evaluates a program's output. */
interface ShellFacts {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly file: string;
  readonly read: (file: string) => string;
  readonly evaluate: (command: string) => string;
}

const posix = (name: string, ...options: string[]): ShellFacts => ({
  name,
  argv: [name, ...options, "-eu"],
  file: "activate",
  read: (file) => `. ${file}`,
  evaluate: (command) => `eval "$(${command})"`,
});
const shells: readonly ShellFacts[] = [
  posix("bash", "--norc"),
  posix("zsh", "-f"),
  posix("ksh"),
  posix("dash"),
  {
    name: "fish",
    argv: ["fish", "--no-config"],
    file: "activate.fish",
    read: (file) => `source ${file}`,
    evaluate: (command) => `${command} | source`,
  },
  {
    name: "tcsh",
    argv: ["tcsh", "-fe"],
    file: "activate.csh",
    read: (file) => `source ${file}`,
    evaluate: (command) => `eval "\`${command}\`"`,
  },
];
const installed = shells.filter(({ name }) =>
  ["/bin", "/usr/bin", "/usr/local/bin"].some((bin) => existsSync(join(bin, name))),
);

/** Runs lines in a shell that has only the variables given. */
async function inShell(rig: Rig, shell: ShellFacts, lines: readonly string[], env: Record<string, string> = {}) {
  const script = rig.write("script", `${lines.join("\n")}\n`);
  const variables = Object.entries({ PATH: "/usr/local/bin:/usr/bin:/bin", HOME: rig.user, LANG: "C.UTF-8", ...env });
  const argv = [
    "/usr/bin/env",
    "-i",
    ...variables.map(([name, value]) => `${name}=${value}`),
    ...shell.argv,
    script,
  ] as const;
  const { exitCode, stdout, stderr } = await rig.run(argv);
  expect(`${exitCode} ${stderr}`, shell.name).toBe("0 ");
  return stdout;
}

/** A line that writes all variables to a file of the rig. */
const dump = (file: string) => `/usr/bin/env -0 > ${file}`;

function variables(rig: Rig, file: string): Record<string, string> {
  const entries = readFileSync(join(rig.cwd, file), "utf8").split("\0").filter(Boolean);
  const pairs = entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]);
  // Shells count these by themselves.
  return Object.fromEntries(pairs.filter(([name]) => !["_", "SHLVL", "OLDPWD", "PWD"].includes(name!)));
}

function venv(rig: Rig, name: string, prompt = name): string {
  const prefix = join(rig.cwd, name);
  writeVenv({ prefix, facts: newest, systemSitePackages: false, prompt, version: "1" });
  return prefix;
}

const PREFIX = "python -c 'import sys; print(sys.prefix)'";
const PLAIN = { path: ["/opt/x/bin"], set: {}, unset: [], scripts: {} } satisfies ShellActivation;

test("the shells that can be run here are the usual ones", () => {
  expect(installed.map(({ name }) => name)).toEqual(expect.arrayContaining(["bash", "dash"]));
});

describe.each(installed.map((shell) => [shell.name, shell] as const))("in %s, strictly", (_, shell) => {
  test("a virtual environment is entered, and left without a trace", async () => {
    await using rig = await Rig.make();
    const own = venv(rig, "own");
    const lines = [
      dump("before"),
      shell.read(join(own, "bin", shell.file)),
      dump("in"),
      PREFIX,
      "deactivate",
      dump("after"),
    ];
    for (const env of [{}, { PYTHONHOME: "/some where", VIRTUAL_ENV: "/outer's", VIRTUAL_ENV_PROMPT: "o $x" }]) {
      expect(await inShell(rig, shell, lines, env)).toBe(`${own}\n`);
      expect(variables(rig, "in")).toMatchObject({ VIRTUAL_ENV: own, VIRTUAL_ENV_PROMPT: "own" });
      expect(variables(rig, "in").PATH).toStartWith(`${own}/bin:/`);
      expect(variables(rig, "in")).not.toHaveProperty("PYTHONHOME");
      expect(variables(rig, "after")).toEqual(variables(rig, "before"));
    }
  });

  test("entering a second one leaves the first", async () => {
    await using rig = await Rig.make();
    const [one, two] = [venv(rig, "one"), venv(rig, "two")];
    const [first, second] = [one, two].map((prefix) => shell.read(join(prefix, "bin", shell.file)));
    const lines = [dump("before"), first!, second!, PREFIX, dump("in"), first!, "deactivate", dump("after")];
    expect(await inShell(rig, shell, lines)).toBe(`${two}\n`);
    expect(variables(rig, "in").PATH).not.toContain(one);
    expect(variables(rig, "after")).toEqual(variables(rig, "before"));
  });

  test("one that another tool has entered is left first, and the other way round", async () => {
    await using rig = await Rig.make();
    // The activation files of the venv module don't hold under `set -e` in all of these shells.
    const lenient = { ...shell, argv: shell.argv.filter((word) => word !== "-eu") as [string, ...string[]] };
    if (shell.name === "tcsh") lenient.argv = ["tcsh", "-f"];
    // They need a prompt in tcsh.
    const prompt = shell.name === "tcsh" ? ["set prompt = '> '"] : [];
    const [own, other] = [venv(rig, "own"), join(rig.cwd, "other")];
    await rig.run([newest.path, "-m", "venv", "--without-pip", other]);
    const [enterOwn, enterOther] = [own, other].map((prefix) => shell.read(join(prefix, "bin", shell.file)));
    const lines = [
      enterOther!,
      enterOwn!,
      PREFIX,
      dump("in"),
      "deactivate",
      dump("between"),
      enterOwn!,
      enterOther!,
      PREFIX,
    ];
    const stdout = await inShell(rig, lenient, [
      ...prompt,
      dump("before"),
      ...lines,
      dump("last"),
      "deactivate",
      dump("after"),
    ]);
    expect(stdout).toBe(`${own}\n${other}\n`);
    expect(variables(rig, "in").PATH).not.toContain(other);
    expect(variables(rig, "between").PATH).toBe(variables(rig, "before").PATH!);
    expect(variables(rig, "last").PATH).not.toContain(`${own}/bin`);
    expect(variables(rig, "after").PATH).toBe(variables(rig, "before").PATH!);
  });

  test("any path and value is passed on as it is", async () => {
    await using rig = await Rig.make();
    const nasty = "a b 'c' \"d\" $HOME `id` \\n ! * ? [x] {y} ~ # ; & | < > % é 環境 🐍 -e";
    const activation = {
      path: [`/opt/${nasty}/bin`, "/opt/second"],
      set: { FIRST: nasty, SECOND: "", THIRD: "two\nlines", FOURTH: "'", FIFTH: "\\" },
      unset: ["GONE"],
      scripts: {},
    };
    const code = rig.write("code", renderActivation(shell.name, activation, { name: nasty }));
    const lines = [dump("before"), shell.read(code), dump("in"), "deactivate", dump("after")];
    await inShell(rig, shell, lines, { GONE: nasty, FIRST: "its $former 'value' !", SECOND: "second" });
    expect(variables(rig, "in")).toMatchObject(activation.set);
    expect(variables(rig, "in").PATH).toBe(`/opt/${nasty}/bin:/opt/second:${variables(rig, "before").PATH}`);
    expect(variables(rig, "in")).not.toHaveProperty("GONE");
    expect(variables(rig, "after")).toEqual(variables(rig, "before"));
  });

  test("the code can be evaluated from a program's output", async () => {
    await using rig = await Rig.make();
    const activation = { path: ["/opt/it's"], set: { NAME: "a  b! $x" }, unset: ["GONE"], scripts: {} };
    const code = rig.write("code", renderActivation(shell.name, activation, { name: "x" }));
    const lines = [dump("before"), shell.evaluate(`cat ${code}`), dump("in"), "deactivate", dump("after")];
    await inShell(rig, shell, lines, { GONE: "1" });
    expect(variables(rig, "in")).toMatchObject({ NAME: "a  b! $x" });
    expect(variables(rig, "in").PATH).toStartWith("/opt/it's:");
    expect(variables(rig, "after")).toEqual(variables(rig, "before"));
  });
});

describe.skipIf(!installed.some(({ name }) => name === "fish"))("the prompt of fish", () => {
  test("shows the name and keeps the status; leaving restores the function", async () => {
    await using rig = await Rig.make();
    const fish = installed.find(({ name }) => name === "fish")!;
    const code = rig.write("code", renderActivation("fish", PLAIN, { name: "it's" }));
    const lines = [
      'function fish_prompt; echo "$status> "; end',
      `source ${code}`,
      "false; fish_prompt",
      "deactivate",
      "false; fish_prompt",
      "functions -q _old_fish_prompt _old_virtual_status deactivate; or echo clean",
    ];
    expect(await inShell(rig, fish, lines)).toBe("(it's) 1> \n1> \nclean\n");
  });
});

describe("the prompt", () => {
  const bash = shells[0]!;
  const enter = (name: string) => renderActivation("bash", PLAIN, { name });

  test("shows the name, and is as before afterwards", async () => {
    await using rig = await Rig.make();
    const code = rig.write("code", enter("it's"));
    const lines = ["PS1='> '", `. ${code}`, 'echo "$PS1|"', "deactivate", 'echo "$PS1|"'];
    expect(await inShell(rig, bash, lines)).toBe("(it's) > |\n> |\n");
    expect(await inShell(rig, bash, lines, { VIRTUAL_ENV_DISABLE_PROMPT: "1" })).toBe("> |\n> |\n");
  });

  test("never runs what stands in a name", async () => {
    await using rig = await Rig.make();
    const code = rig.write("code", enter("$(touch stolen)`touch stolen`\\w"));
    await inShell(rig, bash, ["PS1='> '", `. ${code}`, 'echo "${PS1@P}"']);
    expect(existsSync(join(rig.cwd, "stolen"))).toBe(false);
  });
});

test("a virtual environment holds a file for every shell, and says which", async () => {
  await using rig = await Rig.make();
  const own = venv(rig, "own");
  const { scripts } = venvActivation(own, "own");
  expect(Object.keys(scripts)).toEqual([...SHELLS]);
  for (const [shell, file] of Object.entries(scripts)) {
    expect(readFileSync(file, "utf8")).toBe(renderActivation(shell, venvActivation(own, "own"), { name: "own" }));
  }
});

test("code is refused for an unknown shell and for a variable that no shell can have", () => {
  const usage = expect.objectContaining({ code: "SKE-USAGE" });
  expect(() => renderActivation("cmd", PLAIN, { name: "x" })).toThrow(usage);
  for (const name of ["a b", "1a", "x=$(id)", "PATH", ""]) {
    expect(() => renderActivation("bash", { ...PLAIN, set: { [name]: "" } }, { name: "x" }), name).toThrow(usage);
  }
});

// Neither shell is run by these tests: what they would read is held against their grammars.
describe("a word for a shell that isn't run here", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(..."'\"`$\\(){}\u2018\u2019\u201a\u201b\n\r\t#"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  });

  test("of PowerShell ends where it should: quotes of any kind stand in pairs", () => {
    fc.assert(
      fc.property(text, (value) => {
        const word = quotePowerShell(value);
        expect(word).toMatch(/^'(?:[^'\u2018-\u201b]|(['\u2018-\u201b])\1)*'$/su);
        expect(word.slice(1, -1).replace(/(['\u2018-\u201b])\1/g, "$1")).toBe(value);
      }),
    );
  });

  test("of Nushell ends where it should: quotes and backslashes are escaped, and nothing else is lost", () => {
    fc.assert(
      fc.property(text, (value) => {
        const word = quoteNu(value);
        expect(word).toMatch(/^"(?:[^"\\\p{Cc}]|\\["\\]|\\u\{[0-9a-f]+\})*"$/su);
        const read = word
          .slice(1, -1)
          .replace(
            /\\(?:u\{([0-9a-f]+)\}|(.))/gsu,
            (_, code, plain) => plain ?? String.fromCodePoint(Number.parseInt(code, 16)),
          );
        expect(read).toBe(value);
      }),
    );
  });
});
