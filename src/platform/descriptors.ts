import { fstatSync } from "node:fs";

/**
 * The open descriptors above 2 that the words of a command name as `/dev/fd/N`, as a shell's `<(…)` does. JavaScript
 * runtimes mark what they inherit close-on-exec, so these reach a program only when it is started with them by name.
 */
export function namedDescriptors(argv: readonly string[]): number[] {
  const candidates = argv.filter((word) => word.includes("/fd/"));
  const named = candidates.flatMap((word) =>
    [...word.matchAll(/\/(?:dev|proc\/self)\/fd\/(\d{1,4})\b/g)].map(([, n]) => Number(n)),
  );
  return [...new Set(named)].filter((fd) => fd > 2 && isOpen(fd)).sort((a, b) => a - b);
}

/** What follows the three streams in the `stdio` of a spawn that passes these descriptors on, each under its own number. */
export function stdioFor(descriptors: readonly number[]): (number | "ignore")[] {
  return Array.from({ length: Math.max(2, ...descriptors) - 2 }, (_, at) =>
    descriptors.includes(at + 3) ? at + 3 : "ignore",
  );
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}
