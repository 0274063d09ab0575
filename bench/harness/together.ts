import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import type { Surroundings } from "./measure.ts";

/** How one of many ended. */
export interface Outcome {
  /** Milliseconds from the moment that all were let go to its end. */
  readonly ms: number;
  readonly exitCode: number | null;
}

/** Says that it is there, waits until its input is closed, then becomes the program. */
const WAIT = 'echo; read _; exec "$@"';

/** Runs `count` programs that all start at the same moment: each is a shell that waits until every other waits too. */
export async function together(count: number, argv: readonly string[], { cwd, env }: Surroundings): Promise<Outcome[]> {
  const children = Array.from({ length: count }, () =>
    spawn("/bin/sh", ["-c", WAIT, "sh", ...argv], { cwd, env, stdio: ["pipe", "pipe", "ignore"] }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const ended = children.map(async (child) => {
    const [exitCode] = (await once(child, "exit")) as [number | null];
    return { exitCode, at: performance.now() };
  });
  const released = performance.now();
  for (const child of children) child.stdin.end();
  return (await Promise.all(ended)).map(({ exitCode, at }) => ({ exitCode, ms: at - released }));
}
