import { lstatSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import { stopped } from "../core/operation.ts";
import { fileTime } from "../platform/file-time.ts";
import { leadsInto } from "../platform/files.ts";
import { hashFile } from "../platform/hash-file.ts";

/** How long files are looked at before signals are let in, in milliseconds. */
const BREATH_MS = 50;

/** Where patterns are looked for. */
export interface Ground {
  /** The folder that they count from. */
  readonly folder: string;
  /** The folders that a link may lead into: that one, and what is shared with it. */
  readonly reach: readonly string[];
}

/**
 * Each file with its content: equal lists, equal files. What went away meanwhile counts as missing; undefined where one
 * can't be read. @throws SKE-INTERRUPTED
 */
export async function contentsOf(
  ground: Ground,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<(readonly [string, string])[] | undefined> {
  const contents: (readonly [string, string])[] = [];
  const breathe = breather(signal);
  for (const path of paths) {
    await breathe();
    try {
      contents.push([path, contentOf(join(ground.folder, path), ground.reach)]);
    } catch (error) {
      if (!isErrno(error, ...ABSENT)) return undefined;
      contents.push([path, "missing"]);
    }
  }
  return contents;
}

function contentOf(path: string, reach: readonly string[]): string {
  const isLink = lstatSync(path).isSymbolicLink();
  const link = isLink ? readlinkSync(path) : "";
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return `link ${link}`;
  // What lies elsewhere isn't opened for a project that may not be trusted yet: reading may take for ever there.
  if (isLink && !reach.some((folder) => leadsInto(path, folder))) {
    return `${link} elsewhere ${stat.dev} ${stat.ino} ${stat.size} ${fileTime(stat)} ${stat.ctimeMs}`;
  }
  return `${link} ${stat.mode & 0o111 ? "x" : "-"} ${hashFile(path)}`;
}

/** How the operating system says that there is nothing of a name. */
export const ABSENT = ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"] as const;

/** Lets signals in when it is time for it, and stops at one. */
export function breather(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH_MS) return undefined;
    return new Promise((resolve) => setImmediate(resolve)).then(() => {
      if (signal?.aborted) throw stopped(signal);
      last = performance.now();
    });
  };
}
