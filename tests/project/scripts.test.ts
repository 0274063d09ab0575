import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { ENTRY_SCRIPT } from "../../src/worktrees/entry-script.ts";
import { MODULES, projectFiles, ROOT, read } from "./sources.ts";

/** What only scripts of Python, sh, bash, zsh and fish have: words that begin or end a line. */
const SCRIPT =
  /^(?:#!\/|[ \t]*(?:def \w+\(|import \w+$|from \w+ import |elif |(?:fi|done|esac|end)[ \t]*$|function \w+$|\w+ ?\(\) ?\{$|(?:if|while|for) .*[:;] ?(?:then|do)?$|case .* in$))/m;

describe("scripts", () => {
  test("of several lines stand in files of their own language, not in modules of src", () => {
    expect(MODULES.filter((path) => hasScript(read(path)))).toEqual([]);
  });

  test.each([
    ["`#!/bin/sh\nexec python\n`", true],
    ["`x=1\nif [ -n ${x} ]; then\n  echo\nfi\n`", true],
    ["`\nimport os\nprint(1)\n`", true],
    ["`function x\n  echo\nend`", true],
    ["'import os\\nimport sys\\n'", true],
    ["`one line; fi`", false],
    ["`error: it ended\n  hint: end it\n`", false],
    ["'one\\ntwo'", false],
    ["/* import os\nimport sys\n */ 1", false],
  ])("are known in a module: %j", (text, isScript) => {
    expect(hasScript(`export const x = ${text};`)).toBe(isScript);
  });

  const files = projectFiles("src").filter((path) => /\.(py|sh|bash|zsh|fish|nu|ps1)$/.test(path));

  test("are all imported as text by a module beside them", () => {
    const imported = MODULES.flatMap((path) =>
      [...read(path).matchAll(/^import \w+ from "(\.[^"]+)" with \{ type: "text" \};$/gm)].map(([, specifier]) =>
        join(path, "..", specifier!),
      ),
    );
    expect(files.length).toBeGreaterThan(15);
    expect([...new Set(imported)].toSorted()).toEqual(files.toSorted());
  });

  const shells: readonly (readonly [program: string, end: string])[] = [
    ["dash", ".sh"],
    ["bash", ".sh"],
    ["zsh", ".sh"],
    ["bash", ".bash"],
    ["zsh", "climb.bash"],
    ["zsh", ".zsh"],
    ["fish", ".fish"],
  ];
  test.each(shells)("are understood by %s: *%s", (program, end) => {
    const some = files.filter((path) => path.endsWith(end));
    expect(some).not.toEqual([]);
    for (const path of some) expect(run([program, "-n", path])).toEqual({ path, exitCode: 0, stderr: "" });
  });

  test("are Python of 3.8", () => {
    const folder = mkdtempSync(join(tmpdir(), "skerry-scripts-"));
    try {
      const entry = join(folder, "entry.py");
      writeFileSync(entry, ENTRY_SCRIPT);
      const parse = "import ast, sys\nwith open(sys.argv[1]) as file: ast.parse(file.read(), feature_version=(3, 8))";
      for (const path of [...files.filter((one) => one.endsWith(".py")), entry])
        expect(run(["python3", "-W", "error", "-c", parse, path])).toEqual({ path, exitCode: 0, stderr: "" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function run(argv: readonly string[]): { path: string; exitCode: number; stderr: string } {
  const { exitCode, stderr } = Bun.spawnSync([...argv], { cwd: ROOT, timeout: 20_000 });
  return { path: argv.at(-1)!, exitCode, stderr: stderr.toString() };
}

/** Whether a module has a text of several lines that is a script. */
function hasScript(module: string): boolean {
  let found = false;
  const look = (text: string) => {
    found ||= text.trim().includes("\n") && SCRIPT.test(text);
  };
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const one = node as { type?: string; value?: unknown; quasis?: { value: { cooked: string } }[] };
    if (one.type === "Literal" && typeof one.value === "string") look(one.value);
    if (one.type === "TemplateLiteral") look(one.quasis!.map(({ value }) => value.cooked).join("x"));
    for (const child of Object.values(node)) walk(child);
  };
  walk(parseSync("module.ts", module).program);
  return found;
}
