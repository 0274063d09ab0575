import { lstatSync } from "node:fs";
import { SkerryError } from "../core/error.ts";
import { writeInside } from "../platform/inside.ts";
import { readProjectFile, textOf } from "../project/files.ts";

const BEGIN = "# >>> skerry worktree >>>";
const END = "# <<< skerry worktree <<<";

/** The most that such a file may have, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Keeps a block of lines in a file that belongs to somebody else: what stands around it stays as it is. No lines: no block.
 * @param root what nothing may lead out of, and the path lies in: see {@link writeInside}
 * @param options.merge keep the lines that are in the block already
 * @returns whether the file was changed
 * @throws SKE-IO; SKE-CONFIG for a block without its end; SKE-CONFIG-UNTRUSTED for a link that leads out of the root
 */
export function writeBlock(
  root: string,
  path: string,
  lines: readonly string[],
  options: { readonly merge?: boolean } = {},
): boolean {
  const file = readProjectFile(path, { limit: MOST_BYTES, root });
  const text = file ? textOf(file) : "";
  const all = text.split("\n");
  const [begin, end] = [all.indexOf(BEGIN), all.indexOf(END)];
  if (begin >= 0 !== end > begin) {
    throw new SkerryError("SKE-CONFIG", `${path} has only one of the lines "${BEGIN}" and "${END}"`, {
      hint: "remove it, or add the other",
    });
  }
  const before = begin < 0 ? [] : all.slice(begin + 1, end);
  const wanted = options.merge ? [...new Set([...before, ...lines])] : [...lines];
  const block = wanted.length === 0 ? [] : [BEGIN, ...wanted, END];
  if (begin < 0 && text !== "" && !text.endsWith("\n")) all.push("");
  const rest = begin < 0 ? all : all.toSpliced(begin, end - begin + 1, ...block);
  if (begin < 0) rest.splice(rest.length - 1, 0, ...block);
  const next = rest.join("\n");
  if (next === text) return false;
  writeInside(root, path, next, modeOf(path));
  return true;
}

function modeOf(path: string): { readonly mode?: number } {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  // The mode of a link says nothing of the file that takes its place.
  return stat?.isFile() ? { mode: stat.mode & 0o777 } : {};
}
