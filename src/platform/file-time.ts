import { type Stats, utimesSync } from "node:fs";

/**
 * A file's time of modification in whole milliseconds since 1970: the one form in which such times are stored and
 * compared. As a double, a finer time has no one form in all runtimes.
 */
export function fileTime(stat: Pick<Stats, "mtimeMs">): number {
  return Math.floor(stat.mtimeMs);
}

/**
 * Whether two times of {@link fileTime} may be the same file's. One that went through tar, a cache of CI or some file
 * systems has the whole second only, and a time that was set is a millisecond early where a double rounds it down.
 */
export function isSameTime(a: number, b: number): boolean {
  if (Math.abs(a - b) <= 1.5) return true;
  return (a % 1000 === 0 || b % 1000 === 0) && Math.floor(a / 1000) === Math.floor(b / 1000);
}

/** Sets a file's time of modification, in milliseconds since 1970. @throws the operating system's error */
export function setFileTime(path: string, time: number): void {
  // The half of a millisecond keeps the double from being rounded down to the one before.
  const seconds = (Math.floor(time) + 0.5) / 1000;
  utimesSync(path, seconds, seconds);
}
