import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { isReserved } from "../core/reserved.ts";
import { leadsInto, readIfExists, readWhole, writeAtomic } from "../platform/files.ts";
import { writeInside } from "../platform/inside.ts";
import { runTool } from "../processes/run-tool.ts";
import { ENTRY_SCRIPT } from "./entry-script.ts";
import FIRST_PLACE from "./first-place.py" with { type: "text" };

/** The file that scripts import. */
export const ENTRY_FILE = "_skerry_entry.py";

const LINE = `if __name__ == "__main__": import ${basename(ENTRY_FILE, ".py")}`;

/** The most that a script may have, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What {@link writeEntry} changed. */
export interface EntryReport {
  /** The file that was written or was there; absolute. */
  readonly file: string;
  readonly script: string;
  readonly changed: boolean;
}

/**
 * Lets a script find the Python of the worktree that it is run in: writes the entry file beside it, and the line that
 * imports it as its first statement. Again it changes nothing, but brings an older entry file up to date.
 * @param root of the worktree @param script absolute
 * @param python an interpreter of 3.8 or newer, to read the script
 * @throws SKE-USAGE, SKE-IO
 */
export async function writeEntry(root: string, script: string, python: string, op: Operation): Promise<EntryReport> {
  checkScript(root, script);
  const bytes = readWhole(script);
  const file = join(dirname(script), ENTRY_FILE);
  const hasFile = readIfExists(file) === ENTRY_SCRIPT;
  const hasLine = bytes.includes(LINE);
  if (!hasFile) writeInside(root, file, ENTRY_SCRIPT, { mode: 0o644 });
  if (!hasLine) {
    const argv = [python, "-I", "-c", FIRST_PLACE, script] as const;
    const { exitCode, stdout, stderr } = await runTool([...argv], { op, timeoutMs: 30_000 });
    if (exitCode !== 0)
      throw refuse(script, `Python can't read it: ${stderr.trim().split("\n").at(-1)}`, "correct it first");
    writeAtomic(script, withLine(bytes, Number(stdout)), { mode: lstatSync(script).mode & 0o7777 });
  }
  return { file, script, changed: !hasFile || !hasLine };
}

/** @throws SKE-USAGE for what is no script of the worktree that can be changed */
export function checkScript(root: string, script: string): void {
  const stat = lstatSync(script, { throwIfNoEntry: false });
  if (!stat) throw refuse(script, "there is no such file", "name a Python script of this worktree");
  if (!stat.isFile()) throw refuse(script, "it is no regular file", "name the file that a link leads to");
  if (!leadsInto(dirname(script), root))
    throw refuse(script, `it lies outside of ${root}`, "name a script of this worktree");
  if (isReserved(relative(realpathSync(root), realpathSync(script))))
    throw refuse(script, "it lies in a folder of git's or an environment's", "name a script of this worktree");
  if (stat.size > MOST_BYTES)
    throw refuse(script, "it is larger than a script may be (4 MiB)", "name a smaller script that imports it");
}

function refuse(script: string, why: string, hint: string): SkerryError {
  return new SkerryError("SKE-USAGE", `Could not let ${script} find its worktree's Python: ${why}`, { hint });
}

/** The bytes of a script with the line behind so many others, with line ends like theirs. */
function withLine(bytes: Buffer, behind: number): Buffer {
  let at = 0;
  for (let n = 0; n < behind; n++) {
    const end = bytes.indexOf("\n", at);
    if (end < 0) return Buffer.concat([bytes, Buffer.from(`\n${LINE}\n`)]);
    at = end + 1;
  }
  const first = bytes.indexOf("\n");
  const end = first > 0 && bytes[first - 1] === 13 ? "\r\n" : "\n";
  // What tells UTF-8 stands before everything.
  if (at === 0 && bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) at = 3;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(`${LINE}${end}`), bytes.subarray(at)]);
}
