import { describe, expect, test } from "bun:test";
import { WHEELS } from "../environments/setup.ts";
import { CACHED, Stage, SUBJECT } from "./stage.ts";

const strace = Bun.which("strace");

/** Every call with which a program changes files. Those of the database are many, and its own business. */
const CHANGING =
  "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,write,ftruncate,chmod,fchmod,fchmodat,utimensat";

interface Case {
  /** Command lines that lead to where the change begins. */
  readonly prepare?: readonly (readonly string[])[];
  readonly change: readonly string[];
  /** Exit status of the change when it was made already. */
  readonly madeAlready: number;
  /** Trace the threads that remove files too. */
  readonly threads?: boolean;
  /** Which calls are killed: one of so many. */
  readonly every: number;
}

const alpha1 = ["create", SUBJECT, "--with", "alpha==1.0"];
const thin = (args: readonly string[]) => [...args, "--thin"];

const CASES: Readonly<Record<string, Case>> = {
  "create, with an empty store": { change: alpha1, madeAlready: 4, every: 17 },
  "create, with packages in the store": {
    prepare: [alpha1, ["rm", SUBJECT]],
    change: alpha1,
    madeAlready: 4,
    every: 11,
  },
  "create --thin": { change: thin(alpha1), madeAlready: 4, every: 17 },
  "create --prefix": { change: ["create", SUBJECT, "--prefix", ".venv"], madeAlready: 4, every: 5 },
  "create --editable": { change: ["create", SUBJECT, "-e", "proj"], madeAlready: 4, every: 17 },
  "run --with": { change: ["run", "--with", "alpha==1.0", "--", "python", "-c", ""], madeAlready: 0, every: 17 },
  install: { prepare: [alpha1], change: ["install", SUBJECT, "alpha==2.0"], madeAlready: 0, every: 11 },
  "install, thin": { prepare: [thin(alpha1)], change: ["install", SUBJECT, "alpha==2.0"], madeAlready: 0, every: 11 },
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
    every: 11,
  },
  uninstall: { prepare: [alpha1], change: ["uninstall", SUBJECT, "alpha"], madeAlready: 3, every: 5 },
  "uninstall, thin": { prepare: [thin(alpha1)], change: ["uninstall", SUBJECT, "alpha"], madeAlready: 3, every: 5 },
  rm: { prepare: [alpha1], change: ["rm", SUBJECT], madeAlready: 3, threads: true, every: 2 },
  "rm, with a prefix elsewhere": {
    prepare: [[...alpha1, "--prefix", ".venv"]],
    change: ["rm", SUBJECT],
    madeAlready: 3,
    threads: true,
    every: 2,
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
        await stage.expectDone(change);
        const after = stage.shapeOf(name);
        let killed = 0;
        for (let n = 1; ; n += Number(process.env.EVERY ?? every)) {
          stage.restore();
          const inject = `inject=${CHANGING}:signal=SIGKILL:when=${n}`;
          const tracer = [strace!, ...(threads ? ["-f"] : []), "-qq", "-o", "/dev/null"] as const;
          const { exitCode, stderr } = await stage.under([...tracer, "-e", `trace=${CHANGING}`, "-e", inject], change);
          await stage.expectSound();
          if (exitCode === 0) break;
          expect({ exitCode, stderr, n }).toEqual({ exitCode: 137, stderr: expect.any(String), n });
          killed++;
          const now = stage.shapeOf(name);
          const isMade = JSON.stringify(now) === JSON.stringify(after);
          if (!isMade) expect(now).toEqual(before);
          const again = await stage.skerry(change);
          expect({ exitCode: again.exitCode, n, stderr: again.exitCode ? again.stderr : "" }).toMatchObject({
            exitCode: isMade ? madeAlready : 0,
          });
          expect(stage.shapeOf(name)).toEqual(after);
        }
        expect(killed).toBeGreaterThan(1);
      },
      240_000,
    );
  }
});
