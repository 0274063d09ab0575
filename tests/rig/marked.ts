import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Outcome, Rig } from "./rig.ts";

/** The user of marked credentials. */
export const USER = "me";
/** A password that stands nowhere by accident, nor on the command lines of other tests that run meanwhile. */
export const MARK = `MARKED-5ecret-${process.pid}-${randomBytes(4).toString("hex")}`;

/** All the ways in which the mark may be written. */
export const FORMS = [MARK, Buffer.from(MARK).toString("hex"), ...base64Of(MARK)];

// Where it begins in a group of three bytes decides how base64 writes it; what shares its first and last letter is left out.
function base64Of(text: string): string[] {
  return ["", "x", "xx"].map((before) =>
    Buffer.from(before + text)
      .toString("base64")
      .replace(/=+$/, "")
      .slice(before.length * 2, -1)
      .slice(0, -1),
  );
}

/** The forms of the mark in a text. */
export function marksIn(text: string): string[] {
  return FORMS.filter((form) => text.includes(form));
}

/** Files below a folder whose contents, name or link target have the mark. */
export function markedFiles(folder: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (!entry) return;
    if (marksIn(path).length > 0) found.push(path);
    if (entry.isSymbolicLink() && marksIn(readlinkSync(path)).length > 0) found.push(path);
    if (entry.isFile() && marksIn(readFileSync(path, "latin1")).length > 0) found.push(path);
    if (entry.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
  };
  walk(folder);
  return found;
}

/**
 * Runs `skerry`, and looks at the command lines of all processes of this rig that start meanwhile.
 * @returns how it ended, and the command lines with the mark that aren't the one given here
 */
export async function runWatched(rig: Rig, args: readonly string[], env: Record<string, string> = {}) {
  const argv = [rig.program, ...args] as const;
  const before = new Set(pids());
  const running = rig.start(argv, { env });
  const shown = new Set<string>();
  let over = false;
  void running.exit.finally(() => {
    over = true;
  });
  while (!over) {
    for (const pid of pids()) {
      if (before.has(pid)) continue;
      const line = commandLine(pid);
      // A child has the command line of its parent until it becomes another program.
      if (line !== `${argv.join(" ")} ` && marksIn(line).length > 0 && isOf(rig, pid)) shown.add(line);
    }
    await Bun.sleep(5);
  }
  return { outcome: (await running.exit) as Outcome, shown: [...shown] };
}

/** Whether a process has variables of a rig; one that is gone by now may have had them. */
function isOf(rig: Rig, pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(rig.root);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EACCES";
  }
}

/** Of all processes. Where there is no /proc, none. */
function pids(): string[] {
  return existsSync("/proc/self/cmdline") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
