import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Rig } from "../rig/rig.ts";
import { zip } from "../rig/wheel.ts";
import { programs, TARGET } from "./setup.ts";

const BACKEND = (mark: string) =>
  `import os
os.makedirs(${JSON.stringify(mark)}, exist_ok=True)
open(os.path.join(${JSON.stringify(mark)}, os.path.basename(os.getcwd())), "w").close()
def __getattr__(name): raise SystemExit(1)
`;

/** Makes folders and archives under all names that a reader could see in a line; building any of them leaves a mark. */
export function setTraps(root: string, mark: string, lines: readonly string[]): void {
  const project: Record<string, string> = {
    "pyproject.toml": PROJECT,
    "evil.py": BACKEND(mark),
    "setup.py": BACKEND(mark),
  };
  const archive = zip(
    Object.entries(project).map(([path, text]) => ({ path: `foo-1/${path}`, bytes: new TextEncoder().encode(text) })),
  );
  const parts = lines.flatMap((line) => [
    line,
    line.split(";")[0]!,
    line.split(/[[;=<>~!@ (]/)[0]!,
    line.replace(/\s/g, ""),
  ]);
  for (const part of new Set([...parts.map((one) => one.trim()), "d", "foo", "1", "2", "x"])) {
    const path = resolve(root, part);
    if (part.includes("\0") || part.length > 200 || relative(root, path).startsWith("..") || path === root) continue;
    try {
      mkdirSync(dirname(path), { recursive: true });
      if (/\.(zip|whl|egg|tgz|tar(\.\w+)?)$/i.test(path)) writeFileSync(path, archive);
      else {
        mkdirSync(path, { recursive: true });
        for (const [file, text] of Object.entries(project)) writeFileSync(join(path, file), text);
      }
    } catch {
      // Another trap's file stands where this one's folder would.
    }
  }
}
const PROJECT = '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n';

/**
 * Gives lines to an installer in a folder full of traps: to uv each in a file of its own, for it stops at the first that it
 * doesn't understand; to pip, which takes long to start, all in one.
 * @returns the traps that sprang
 */
export async function give(rig: Rig, tool: "uv" | "pip", lines: readonly string[], mark: string): Promise<string[]> {
  const { uv, pip } = programs(rig);
  const python = TARGET.interpreter;
  const files = tool === "uv" ? lines : [lines.join("\n")];
  for (const [at, text] of files.entries()) writeFileSync(join(rig.cwd, `lines-${at}.in`), `${text}\n`);
  const each = `for file in lines-*.in; do "$@" "$file"; done >"$OUT" 2>&1`;
  const argv =
    tool === "uv"
      ? [uv, ...["pip", "compile", "--quiet", "--no-index", "--offline", "--no-config", "--python", python]]
      : [python, pip, ...["install", "--quiet", "--dry-run", "--no-index", "--break-system-packages", "-r"]];
  const OUT = join(rig.root, "out");
  await rig.run(["sh", "-c", each, "sh", ...argv], { timeout: 300_000, env: { OUT } });
  for (const at of files.keys()) rmSync(join(rig.cwd, `lines-${at}.in`));
  try {
    return readdirSync(mark);
  } catch {
    return [];
  }
}
