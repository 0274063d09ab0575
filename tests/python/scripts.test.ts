import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isSafeScriptName, readShebang, relocateScript } from "../../src/python/scripts.ts";
import { pythons } from "../rig/pythons.ts";

const BUILT = "/build/bin/python3";
const isOurs = (program: string) => program === BUILT;
/** Shows what it was started with. */
const SHOW = `import json, os, sys\nprint(json.dumps([sys.argv, os.path.dirname(sys.executable), "s" in os.environ]))\n`;
const [oldest] = pythons();
const newest = pythons().at(-1)!;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-scripts-")));
});
afterEach(() => rmSync(root, { recursive: true }));

function relocated(text: string, encoding: BufferEncoding = "utf8"): Buffer {
  const script = relocateScript(Buffer.from(text, encoding), isOurs);
  if (!script) throw new Error("the script wasn't taken for one of the interpreter's");
  return Buffer.from(script);
}

/** Puts a script into `bin/` of a folder, beside an interpreter. @returns its path */
function place(folder: string, script: Uint8Array, python = newest.path): string {
  const bin = join(root, folder, "bin");
  mkdirSync(bin, { recursive: true });
  // As in a virtual environment.
  writeFileSync(join(root, folder, "pyvenv.cfg"), `home = ${dirname(python)}\n`);
  symlinkSync(python, join(bin, "python"));
  writeFileSync(join(bin, "tool"), script);
  chmodSync(join(bin, "tool"), 0o755);
  return join(bin, "tool");
}

const run = (program: string, args: string[] = [], options: { cwd?: string; env?: Record<string, string> } = {}) =>
  execFileSync(program, args, {
    encoding: "utf8",
    cwd: root,
    env: { PATH: "/usr/bin:/bin", ...options.env },
    ...options,
  });

describe("a relocated script", () => {
  for (const folder of ["plain", "with space", "línea ☃", "line\nbreak", `${"long/".repeat(50)}end`, "quote'\"$x"]) {
    test(`starts the interpreter beside it, in ${JSON.stringify(folder.slice(0, 20))}`, () => {
      const tool = place(folder, relocated(`#!${BUILT}\n${SHOW}`));
      expect(JSON.parse(run(tool, ["a b", "", "*"]))).toEqual([[tool, "a b", "", "*"], dirname(tool), false]);
    });
  }

  test("goes on working when its environment is moved", () => {
    place("old", relocated(`#!${BUILT}\n${SHOW}`));
    execFileSync("mv", [join(root, "old"), join(root, "new")]);
    expect(JSON.parse(run(join(root, "new/bin/tool")))[1]).toBe(join(root, "new/bin"));
  });

  test("is found through a symbolic link, and keeps the name it was called by", () => {
    const tool = place("env with space", relocated(`#!${BUILT}\n${SHOW}`));
    symlinkSync(tool, join(root, "alias"));
    expect(JSON.parse(run(join(root, "alias"), ["x"]))).toEqual([[join(root, "alias"), "x"], dirname(tool), false]);
  });

  test("may be called without a slash", () => {
    const tool = place("env", relocated(`#!${BUILT}\n${SHOW}`));
    const bin = dirname(tool);
    expect(JSON.parse(run("/bin/sh", ["tool", "-x"], { cwd: bin }))[0]).toEqual(["./tool", "-x"]);
    expect(JSON.parse(run("tool", ["1"], { env: { PATH: `${bin}:/bin` } }))[0]).toEqual([tool, "1"]);
  });

  test("leaves the caller's variables alone", () => {
    const tool = place("env", relocated(`#!${BUILT}\nimport os; print(os.environ["s"], os.environ["dir"])\n`));
    expect(run(tool, [], { env: { s: "mine", dir: "too", PATH: "/usr/bin:/bin" } })).toBe("mine too\n");
  });

  test("starts no process but the interpreter", () => {
    const tool = place("env", relocated(`#!${BUILT}\nimport os; print(os.getpid())\n`));
    const shown = execFileSync("/bin/sh", ["-c", `echo $$; exec "$0"`, tool], { encoding: "utf8", env: { PATH: "" } });
    const [shell, python] = shown.trim().split("\n");
    expect(python).toBe(shell);
  });

  for (const python of [oldest!, newest]) {
    test(`is a Python program without warnings to ${python.minor}`, () => {
      const tool = place("env", relocated(`#!${BUILT}\nprint("fine")\n`), python.path);
      // PyPy has no -x.
      const options = python.implementation === "pypy" ? ["-Werror"] : ["-Werror", "-x"];
      for (const option of options) expect(run(python.path, [option, tool])).toBe("fine\n");
    });

    test(`keeps its docstring and imports from the future in ${python.minor}`, () => {
      const docs = [
        [`# a comment\n\n"""Usage: tool"""\nprint(__doc__)\n`, "Usage: tool\n"],
        [`r'Usage: \\d'\nprint(__doc__)\n`, "Usage: \\d\n"],
        [`from __future__ import annotations\nprint(1)\n`, "1\n"],
      ] as const;
      for (const [n, [text, output]] of docs.entries()) {
        expect(run(place(`env${n}`, relocated(`#!${BUILT}\n${text}`), python.path))).toBe(output);
      }
      for (const [n, quotes] of ["'''", '"""', '"'].entries()) {
        // PyPy takes no import from __future__ after two strings.
        if (quotes.length === 1 && python.implementation === "pypy") continue;
        const text = `#!${BUILT}\n${quotes}Usage${quotes}\nfrom __future__ import annotations\nprint(__doc__[-5:])\n`;
        expect(run(place(`both${n}`, relocated(text), python.path))).toBe("Usage\n");
      }
    });
  }

  test("keeps an encoding that it declares", () => {
    const latin = relocated(`#!${BUILT}\n# -*- coding: latin-1 -*-\nprint(ascii("caf\xe9"))\n`, "latin1");
    expect(run(place("env", latin))).toBe("'caf\\xe9'\n");
  });
});

describe("relocating", () => {
  test("knows the ways in which installers write the interpreter", () => {
    const spaced = "/with space/python";
    expect(readShebang(`#!${BUILT}\n`)?.program).toBe(BUILT);
    expect(readShebang(`#! ${BUILT} -E -s\r\n`)?.program).toBe(BUILT);
    expect(readShebang(`#!${spaced}\n`)?.program).toBe(spaced);
    expect(readShebang(`#!/bin/sh\n'''exec' "${spaced}" "$0" "$@"\n' '''\nimport x\n`)?.program).toBe(spaced);
    expect(readShebang(`#!/bin/sh\n'''exec' ${BUILT} "$0" "$@"\n' '''\nimport x\n`)?.program).toBe(BUILT);
  });

  test("takes the whole head of the long form away", () => {
    const script = relocated(`#!/bin/sh\n'''exec' "${BUILT}" "$0" "$@"\n' '''\n${SHOW}`);
    expect(script.toString()).not.toContain(BUILT);
    expect(JSON.parse(run(place("env", script)))[1]).toBe(join(root, "env/bin"));
  });

  test("leaves other programs alone", () => {
    for (const text of [
      "#!/bin/sh\necho\n",
      "#!/usr/bin/env python3\n",
      "\x7fELF\x02",
      "",
      "#!",
      "#!/other/python\n",
    ]) {
      expect(relocateScript(Buffer.from(text, "latin1"), isOurs)).toBeUndefined();
    }
  });
});

test("no script may take the interpreter's name or leave its folder", () => {
  for (const bad of [
    "python",
    "python3",
    "python3.12",
    "Python3.13t",
    "pythonw",
    "python.exe",
    "",
    ".",
    "..",
    "a/b",
    "a\0",
  ])
    expect([bad, isSafeScriptName(bad)]).toEqual([bad, false]);
  for (const good of ["pip", "python-argcomplete", "pythonic", "jupyter-lab", "2to3"])
    expect([good, isSafeScriptName(good)]).toEqual([good, true]);
});
