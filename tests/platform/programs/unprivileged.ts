// Removes a sealed tree, and moves one away, as a user whom permissions bind. Usage: unprivileged.ts folder
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exists } from "../../../src/platform/files.ts";
import { ensureState, statePaths } from "../../../src/platform/paths.ts";
import { removeTree, trash } from "../../../src/platform/remove.ts";

const folder = process.argv[2] ?? "";
const NOBODY = 65534;
if (process.geteuid?.() === 0) {
  chownSync(folder, NOBODY, NOBODY);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
const paths = statePaths(join(folder, "state"));
ensureState(paths);
for (const name of ["one", "two"]) {
  const tree = join(folder, name);
  mkdirSync(join(tree, "sub/sub"), { recursive: true });
  writeFileSync(join(tree, "sub/sub/file"), "", { mode: 0o444 });
  for (const path of ["sub/sub", "sub", "."]) chmodSync(join(tree, path), 0o555);
}
await removeTree(join(folder, "one"));
const away = trash(paths, join(folder, "two"));
if (away === undefined || exists(join(folder, "one")) || exists(join(folder, "two")))
  throw new Error("something is left");
await removeTree(away);
if (exists(away)) throw new Error("trash is left");
chmodSync(paths.home, 0o500);
try {
  ensureState(paths);
  throw new Error("a state folder that can't be written to was taken");
} catch (error) {
  if ((error as { code?: string }).code !== "SKE-IO") throw error;
}
chmodSync(paths.home, 0o700);
