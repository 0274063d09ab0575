import { fstatSync, type Stats } from "node:fs";

/**
 * The open descriptors above 2 that a command is told of: those that its words name as `/dev/fd/N`, as a shell's `<(…)`
 * does, and the pipe of make's jobserver
 * (https://www.gnu.org/software/make/manual/html_node/POSIX-Jobserver.html). JavaScript runtimes mark what they inherit
 * close-on-exec, so these reach a program only when it is started with them by number.
 */
export function namedDescriptors(argv: readonly string[], env: Readonly<NodeJS.ProcessEnv>): number[] {
  const candidates = argv.filter((word) => word.includes("/fd/"));
  const named = candidates.flatMap((word) =>
    [...word.matchAll(/\/(?:dev|proc\/self)\/fd\/(\d{1,4})\b/g)].map(([, n]) => Number(n)),
  );
  const pipe = jobserver(env.MAKEFLAGS).filter((fd) => statOf(fd)?.isFIFO());
  const open = named.filter((fd) => statOf(fd) !== undefined);
  return [...new Set([...open, ...pipe])].filter((fd) => fd > 2).sort((a, b) => a - b);
}

function jobserver(flags: string | undefined): number[] {
  if (!flags?.includes("--jobserver-")) return [];
  // The last one counts. A make that keeps its pipe to itself leaves the numbers there, for this process's own files.
  const all = [...flags.matchAll(/(?:^|\s)--jobserver-(?:auth|fds)=(\d{1,4}),(\d{1,4})(?!\S)/g)];
  return all.at(-1)?.slice(1).map(Number) ?? [];
}

/** What follows the three streams in the `stdio` of a spawn that passes these descriptors on, each under its own number. */
export function stdioFor(descriptors: readonly number[]): (number | "ignore")[] {
  return Array.from({ length: Math.max(2, ...descriptors) - 2 }, (_, at) =>
    descriptors.includes(at + 3) ? at + 3 : "ignore",
  );
}

function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}
