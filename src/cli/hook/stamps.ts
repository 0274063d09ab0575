import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What a shell compares by its own `-nt` and `-ot`, without starting anything. */
export interface Watched {
  /** A file, and two that are a little older and a little newer than it was. */
  readonly files: readonly (readonly [file: string, older: string, newer: string])[];
  /** What isn't there, and should be noticed when it is. */
  readonly absent: readonly string[];
}

export const NOTHING_WATCHED: Watched = { files: [], absent: [] };

/** How far from a file's time its stamps lie, in seconds: numbers hold times to a quarter of a microsecond; some file systems to a second. */
const DISTANCES = [2e-6, 0.02, 2];

/** A file that was changed so lately, in milliseconds, may change again without its time changing. */
const SETTLED_MS = 20;

/**
 * Makes stamps in a folder for the files that are there. What is read of them is to be read after this: a change in
 * between is newer than the stamp. Stamps of former times of these files go, at which shells that still compare with
 * them look again.
 */
export function watch(folder: string, paths: readonly string[]): Watched {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = new Set(readdirSync(folder));
  const times = paths.map((path) => [path, statSync(path, { throwIfNoEntry: false, bigint: true })?.mtimeNs] as const);
  const files = times.flatMap(([path, time], n) => {
    if (time === undefined) return [];
    const stamp = join(folder, `${n}-${time}`);
    const isThere = before.has(`${basename(stamp)}+`);
    if (!isThere && Date.now() - Number(time / 1_000_000n) > SETTLED_MS) setBeside(stamp, time);
    return [[path, `${stamp}-`, `${stamp}+`] as const];
  });
  const current = new Set(files.flatMap(([, ...stamps]) => stamps.map((stamp) => basename(stamp))));
  for (const name of before) if (!current.has(name)) rmSync(join(folder, name), { force: true });
  return { files, absent: times.flatMap(([path, time]) => (time === undefined ? [path] : [])) };
}

/** @param time nanoseconds since 1970 */
function setBeside(stamp: string, time: bigint): void {
  for (const distance of DISTANCES) {
    const sides = [`${stamp}-`, `${stamp}+`] as const;
    for (const [n, path] of sides.entries()) {
      const seconds = Number(time) / 1e9 + (n === 0 ? -distance : distance);
      writeFileSync(path, "", { mode: 0o600 });
      utimesSync(path, seconds, seconds);
    }
    const [older, newer] = sides.map((path) => statSync(path, { bigint: true }).mtimeNs);
    if (older! < time && time < newer!) return;
  }
}
