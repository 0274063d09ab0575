import { closeSync, openSync, readSync } from "node:fs";
import { hideSecrets } from "../core/secrets.ts";
import { systemOutput } from "./identity.ts";

/** How much of a command line is looked at, in bytes, and how much of it is told, in characters. */
const READ = 4096;
const TOLD = 200;

/**
 * The command line of a running process as the system shows it to everybody, for people: its beginning, without
 * passwords in addresses. Undefined where it can't be seen. On macOS it is one text.
 */
export function commandLineOf(pid: number): readonly string[] | undefined {
  const words =
    process.platform === "linux" ? fromProc(pid) : [systemOutput("ps", ["-o", "args=", "-p", `${pid}`]).trim()];
  if (!words?.[0]) return undefined;
  const told: string[] = [];
  let left = TOLD;
  for (const word of words) {
    const text = hideSecrets(word);
    if (text.length > left) return [...told, `${text.slice(0, left)}…`];
    told.push(text);
    left -= text.length;
  }
  return told;
}

function fromProc(pid: number): string[] | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/cmdline`, "r");
    const buffer = Buffer.alloc(READ);
    const text = buffer.toString("utf8", 0, readSync(fd, buffer));
    return text.replace(/\0$/, "").split("\0");
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
