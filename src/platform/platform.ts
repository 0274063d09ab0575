import { readdirSync, readFileSync } from "node:fs";
import { cut } from "../core/scan.ts";

/** Names of files with a C library in them. */
const LIBC = /^(?:libc\.so\.6|libc-2\.\d+\.so|ld-musl-.+\.so\.1|libc\.musl-.+\.so\.1)$/;

let tag: string | undefined;

/**
 * The C library that this process runs on: `glibc 2.36`, `musl 1.2`; empty where it can't be told or there is only one
 * (macOS). Read once from the library's own file: no process is started.
 */
export function libcTag(): string {
  tag ??= process.platform === "linux" ? findLibc() : "";
  return tag;
}

function findLibc(): string {
  try {
    const maps = readFileSync("/proc/self/maps", "latin1");
    const paths = maps.split("\n").map((line) => cut(line, "/")[1]);
    const mapped = paths.find((path) => LIBC.test(path?.slice(path.lastIndexOf("/") + 1) ?? ""));
    const musl = () => readdirSync("/lib").find((name) => /^ld-musl-.+\.so\.1$/.test(name));
    const file = `/${mapped ?? `lib/${musl()}`}`;
    return libcVersion(readFileSync(file));
  } catch {
    return "";
  }
}

/**
 * The version in the bytes of a C library. glibc keeps its banner ("… stable release version 2.36."), musl the bare
 * version between zero bytes.
 */
export function libcVersion(content: Buffer): string {
  const banner = content.indexOf("GNU C Library");
  if (banner >= 0) {
    const version = / version (\d+\.\d+)/.exec(content.toString("latin1", banner, banner + 200))?.[1];
    return version ? `glibc ${version}` : "";
  }
  const musl = /\0(1\.\d+)\.\d+(?:-git[^\0]*)?\0/.exec(content.toString("latin1"))?.[1];
  return musl ? `musl ${musl}` : "";
}
