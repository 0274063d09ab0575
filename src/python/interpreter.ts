import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { fileTime } from "../platform/file-time.ts";

/** The oldest Python that environments are made for. */
export const OLDEST_PYTHON = [3, 8] as const;

/** What is known of one interpreter. Plain JSON; paths are absolute unless said otherwise. */
export interface InterpreterFacts {
  /** As it was found: links are kept, since `/opt/homebrew/bin/python3` outlives what it points to. */
  readonly path: string;
  readonly implementation: "cpython" | "pypy";
  /** `3.12.1`, `3.14.0rc2`. */
  readonly version: string;
  readonly versionInfo: readonly [number, number, number];
  readonly releaseLevel: "alpha" | "beta" | "candidate" | "final";
  /** `cpython-312`, with a `t` at the end when free-threaded; `pypy310-pp73`. */
  readonly abi: string;
  /** The tag in the names of extension modules: `cpython-312-x86_64-linux-gnu`. */
  readonly soabi: string;
  readonly freeThreaded: boolean;
  /** As `sysconfig.get_platform()` gives it. */
  readonly platform: string;
  /** The C library it runs on: `glibc 2.36`, `musl 1.2`; empty on other systems. */
  readonly libc: string;
  readonly prefix: string;
  readonly execPrefix: string;
  readonly basePrefix: string;
  readonly baseExecPrefix: string;
  /** The interpreter that virtual environments are made from; of a virtual environment's python, the one below it. */
  readonly baseExecutable: string;
  readonly stdlib: string;
  readonly stdlibPlat: string;
  readonly isVenv: boolean;
  /** Relative to the prefix of a virtual environment: `lib/python3.12/site-packages`. */
  readonly sitePackages: string;
  /** PEP 668: packages here belong to the system's package manager. */
  readonly externallyManaged: boolean;
  readonly hasPip: boolean;
  readonly hasEnsurepip: boolean;
  readonly pointerBits: 32 | 64;
  /** The file behind all links; its time (milliseconds since 1970) and size (bytes) tell whether the facts still hold. */
  readonly realPath: string;
  readonly mtimeMs: number;
  readonly size: number;
}

/** Remembers facts. Facts of a file with another time or size are not given back. */
export interface FactsCache {
  get(path: string, mtimeMs: number, size: number): InterpreterFacts | undefined;
  put(facts: InterpreterFacts): void;
}

/** What identifies the file behind an interpreter's path. */
interface FileIdentity {
  readonly realPath: string;
  readonly mtimeMs: number;
  readonly size: number;
}

/** The file behind a path. @throws SKE-PYTHON-NOT-FOUND when there is none, SKE-PYTHON-BROKEN when it is no file */
export function interpreterFile(path: string): FileIdentity {
  try {
    const realPath = realpathSync(path);
    const stat = statSync(realPath);
    if (stat.isFile()) return { realPath, mtimeMs: fileTime(stat), size: stat.size };
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP")) throw error;
    const what = isErrno(error, "ELOOP")
      ? "its links form a circle"
      : isErrno(error, "EACCES")
        ? "it can't be read"
        : "it doesn't exist, or what it links to doesn't";
    throw new SkerryError("SKE-PYTHON-NOT-FOUND", `Can't use ${path} as an interpreter: ${what}`, {
      hint: "name another interpreter, or run `skerry python list` to see those of this machine",
      cause: error,
    });
  }
  throw new SkerryError("SKE-PYTHON-BROKEN", `Can't use ${path} as an interpreter: it is not a file`);
}

/**
 * The facts of an interpreter, from the cache while the file behind it is the same, else from {@link probeInterpreter}.
 * @throws SKE-PYTHON-NOT-FOUND, SKE-PYTHON-BROKEN, SKE-PYTHON-UNSUPPORTED
 */
export async function interpreterFacts(path: string, cache: FactsCache, op: Operation): Promise<InterpreterFacts> {
  const absolute = resolve(path);
  const file = interpreterFile(absolute);
  const known = cache.get(absolute, file.mtimeMs, file.size);
  if (known?.realPath === file.realPath) return known;
  const { probeInterpreter } = await import("./probe.ts");
  const facts = await probeInterpreter(absolute, op);
  cache.put(facts);
  return facts;
}

/** Facts of the interpreter below a virtual environment's; an interpreter that is none is given back as it is. */
export async function baseInterpreterFacts(
  facts: InterpreterFacts,
  cache: FactsCache,
  op: Operation,
): Promise<InterpreterFacts> {
  let base = facts;
  for (let depth = 0; base.isVenv && depth < 8; depth++) base = await interpreterFacts(base.baseExecutable, cache, op);
  return base;
}

/** `cpython 3.12.1`, `pypy 3.10.14`, `cpython 3.13.0 free-threaded`: for people. */
export function describeInterpreter(facts: InterpreterFacts): string {
  return `${facts.implementation} ${facts.version}${facts.freeThreaded ? " free-threaded" : ""}`;
}
