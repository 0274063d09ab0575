import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { isErrno } from "../core/error.ts";
import { sha256 } from "../core/json.ts";

/** Version of what lies in the store. It is part of every key: another format never meets this one's trees. */
export const STORE_FORMAT = 3;

/** Length of a digest with what follows it, in bytes. */
const SEAL = 65;

/** The text of a manifest: lines of JSON, and last a digest of each, so that no damage to them goes unseen. */
export function printManifest(...lines: readonly unknown[]): string {
  const texts = lines.map((line) => JSON.stringify(line));
  return `${texts.join("\n")}\n${texts.map((text) => sha256(text)).join(" ")}\n`;
}

/** The lines of a manifest, parsed; undefined when the file is gone or damaged. Their shape is the caller's to check. */
export function readManifest(file: string, lines: number): readonly unknown[] | undefined {
  return whole(() => {
    const texts = readFileSync(file, "utf8").split("\n");
    const seals = texts[lines]?.split(" ") ?? [];
    const parts = texts.slice(0, lines).map((text, n) => unseal(text, seals[n]));
    return texts.length !== lines + 2 || parts.includes(undefined) ? undefined : parts;
  });
}

/** Room for most first lines; what is behind them is up to a hundred times as long. */
const head = Buffer.allocUnsafe(4096);

/** The first line alone: reads no more than it has to. @param size the file's, in bytes @param lines how many it has */
export function readFirstLine(file: string, size: number, lines: number): unknown {
  return whole(() => {
    const fd = openSync(file, "r");
    try {
      const end = head.subarray(0, readSync(fd, head, 0, head.length, 0)).indexOf("\n");
      const text = end < 0 ? readFileSync(file, "utf8").split("\n", 1)[0]! : head.toString("utf8", 0, end);
      const seals = Buffer.alloc(SEAL * lines);
      const read = readSync(fd, seals, 0, seals.length, Math.max(0, size - seals.length));
      // Of one that was cut short, the end is missing.
      return read === seals.length && seals.at(-1) === 10
        ? unseal(text, seals.toString("latin1", 0, SEAL - 1))
        : undefined;
    } finally {
      closeSync(fd);
    }
  });
}

function unseal(text: string, seal: string | undefined): unknown {
  return sha256(text) === seal ? (JSON.parse(text) as unknown) : undefined;
}

function whole<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EIO"))
      return undefined;
    throw error;
  }
}
