import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { CACHED, Stage, SUBJECT } from "../faults/stage.ts";

const strace = Bun.which("strace");

/** Every call with which a program changes files. Those of the database are many, and its own business. */
const CHANGING =
  "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,write,ftruncate,chmod,fchmod,fchmodat,utimensat";

/** Which calls are killed: one of so many; all of them take minutes. */
const EVERY = process.env.FAULTS_EVERY === undefined ? undefined : Number(process.env.FAULTS_EVERY);

/** The calls of a log of strace, in order, each with its number among those of its kind in the same thread. */
function callsIn(log: string): { call: string; nth: number }[] {
  const counts = new Map<string, number>();
  return log.split("\n").flatMap((line) => {
    const [, thread = "", call] = /^(\d+ +)?(\w+)\(/.exec(line) ?? [];
    if (call === undefined) return [];
    const nth = (counts.get(thread + call) ?? 0) + 1;
    counts.set(thread + call, nth);
    return [{ call, nth }];
  });
}

interface Case {
  /** Command lines that lead to where the change begins. */
  readonly prepare?: readonly (readonly string[])[];
  readonly change: readonly string[];
  /** Exit status of the change when it was made already. */
  readonly madeAlready: number;
  /** Trace the threads that remove files too. */
  readonly threads?: boolean;
  /** See {@link EVERY}. */
  readonly every: number;
}

const alpha1 = ["create", SUBJECT, "--with", "alpha==1.0"];
const thin = (args: readonly string[]) => [...args, "--thin"];

const CASES: Readonly<Record<string, Case>> = {
  "create, with an empty store": { change: alpha1, madeAlready: 4, every: 29 },
  "create, with packages in the store": {
    prepare: [alpha1, ["rm", SUBJECT]],
    change: alpha1,
    madeAlready: 4,
    every: 17,
  },
  "create --thin": { change: thin(alpha1), madeAlready: 4, every: 29 },
  "create --prefix": { change: ["create", SUBJECT, "--prefix", ".venv"], madeAlready: 4, every: 7 },
  "create --editable": { change: ["create", SUBJECT, "-e", "proj"], madeAlready: 4, every: 23 },
  "run --with": { change: ["run", "--with", "alpha==1.0", "--", "python", "-c", ""], madeAlready: 0, every: 29 },
  install: { prepare: [alpha1], change: ["install", SUBJECT, "alpha==2.0"], madeAlready: 0, every: 17 },
  "install, thin": { prepare: [thin(alpha1)], change: ["install", SUBJECT, "alpha==2.0"], madeAlready: 0, every: 17 },
  "install, thin, the first package": {
    prepare: [alpha1, ["rm", SUBJECT], ["create", SUBJECT, "--thin"]],
    change: ["install", SUBJECT, "alpha==1.0"],
    madeAlready: 0,
    every: 11,
  },
  "install --editable": {
    prepare: [alpha1],
    change: ["install", SUBJECT, "-e", "proj"],
    madeAlready: 0,
    every: 17,
  },
  uninstall: { prepare: [alpha1], change: ["uninstall", SUBJECT, "alpha"], madeAlready: 3, every: 7 },
  "uninstall, thin": { prepare: [thin(alpha1)], change: ["uninstall", SUBJECT, "alpha"], madeAlready: 3, every: 5 },
  rm: { prepare: [alpha1], change: ["rm", SUBJECT], madeAlready: 3, threads: true, every: 5 },
  "rm, with a prefix elsewhere": {
    prepare: [[...alpha1, "--prefix", ".venv"]],
    change: ["rm", SUBJECT],
    madeAlready: 3,
    threads: true,
    every: 5,
  },
};

describe("killed at system calls that change files", () => {
  for (const [title, { prepare = [], change, madeAlready, threads = false, every }] of Object.entries(CASES)) {
    test.skipIf(!strace)(
      `skerry ${title}: it happened or it didn't, and works when typed again`,
      async () => {
        await using stage = await Stage.make(WHEELS, prepare);
        const name = change[0] === "run" ? CACHED : SUBJECT;
        const before = stage.shapeOf(name);
        const tracer = [strace!, ...(threads ? ["-f"] : []), "-qq"] as const;
        const log = join(stage.rig.root, "calls");
        const whole = await stage.under([...tracer, "-o", log, "-e", `trace=${CHANGING}`], change);
        expect(whole).toMatchObject({ exitCode: 0 });
        const after = stage.shapeOf(name);
        const points = callsIn(readFileSync(log, "utf8")).filter((_, n) => n % (EVERY ?? every) === 0);
        let kills = 0;
        for (const { call, nth } of points) {
          stage.restore();
          const inject = `inject=${call}:signal=SIGKILL:when=${nth}`;
          const { exitCode, stderr } = await stage.under(
            [...tracer, "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject],
            change,
          );
          const at = `${call} ${nth}`;
          // How threads share their work, and how often the runtime wakes itself up, differs each time: the call may not come.
          const hasEnded = exitCode === 137 || exitCode === 0;
          expect({ at, hasEnded, exitCode, stderr }).toMatchObject({ at, hasEnded: true });
          if (exitCode === 137) kills++;
          await stage.expectSound();
          const now = stage.shapeOf(name);
          const isMade = JSON.stringify(now) === JSON.stringify(after);
          if (!isMade) expect({ at, now }).toEqual({ at, now: before });
          const again = await stage.skerry(change);
          const expected = isMade ? madeAlready : 0;
          expect({ at, exitCode: again.exitCode, ...(expected ? {} : { stderr: again.stderr }) }).toMatchObject({
            at,
            exitCode: expected,
          });
          expect({ at, now: stage.shapeOf(name) }).toEqual({ at, now: after });
        }
        // Otherwise this has shown nothing.
        expect(kills).toBeGreaterThan(points.length * 0.7);
      },
      240_000,
    );
  }
});
