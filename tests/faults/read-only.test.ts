import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { startIndex } from "../rig/index.ts";
import { CAN_MOUNT } from "../rig/mounts.ts";
import { newestPython, Rig } from "../rig/rig.ts";

const PYTHON = ["--python", newestPython().path];
const RUN = ["run", ...PYTHON, "--with", "alpha==1.0", "--", "alpha"];

/** What reads, and what starts what exists. */
const READS: readonly (readonly string[])[] = [
  ["exec", "thin", "--", "alpha"],
  ["exec", "full", "--", "alpha"],
  ["exec", "thin", "--timeout", "1m", "--", "alpha"],
  RUN,
  ["ls"],
  ["ls", "--cached"],
  ["show", "thin"],
  ["packages", "full"],
  ["check", "thin"],
  ["check", "full"],
  ["doctor"],
  ["activate", "thin"],
  ["events"],
  ["config", "show"],
  ["__hook", "bash"],
];

const WRITES: readonly (readonly string[])[] = [
  ["create", "other", ...PYTHON],
  ["install", "full", "gamma"],
  ["pin", "full"],
  ["clone", "thin", "copy"],
  ["rm", "full"],
  ["gc", "--all", "--yes"],
];

/** Runs a command on a state that nobody can write to; the user's home is the same. */
function onReadOnly(rig: Rig, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = `set -e
for folder in ${rig.home} ${rig.user}; do [ -d $folder ] || continue; mount --bind $folder $folder; mount -o remount,bind,ro $folder; done
exec "$@"`;
  return rig.run(["unshare", "-m", "sh", "-c", script, "sh", rig.program, ...args], { env });
}

/** What may be left of the log of the ledger. */
const LOGS: Readonly<Record<string, (file: string) => void>> = {
  "with a log": (file) => expect(existsSync(`${file}-wal`)).toBe(true),
  "whose log was written back": (file) => {
    const db = new Database(file);
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
  },
};

describe("a state on a file system that is read-only", () => {
  for (const [what, prepare] of Object.entries(LOGS)) {
    test.skipIf(!CAN_MOUNT)(
      `${what}: what exists can be looked at and started, all else is refused and changes nothing`,
      async () => {
        await using rig = await Rig.make();
        await using index = await startIndex({ distributions: WHEELS });
        const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
        for (const args of [
          ["create", "thin", "--thin", "--with", "alpha==1.0", ...PYTHON],
          ["create", "full", "--with", "alpha==1.0", ...PYTHON],
          RUN,
        ])
          expect(await rig.skerry(args, { env })).toMatchObject({ exitCode: 0 });
        prepare(join(rig.home, "state.db"));
        const failed: string[] = [];
        for (const args of READS) {
          const { exitCode, stderr } = await onReadOnly(rig, args, env);
          if (exitCode !== 0) failed.push(`${args.join(" ")}: ${exitCode} ${stderr}`);
        }
        for (const args of WRITES) {
          const { exitCode, stderr } = await onReadOnly(rig, args, env);
          if (exitCode === 0 || !/^error: .*\n {2}hint: .*(read-only|--home)/m.test(stderr))
            failed.push(`${args.join(" ")}: ${exitCode} ${stderr}`);
        }
        expect(failed).toEqual([]);
        expect(await rig.skerry(["doctor"], { env })).toMatchObject({ exitCode: 0 });
        expect((await rig.skerry(["ls", "--json"], { env })).stdout).not.toContain("other");
        expect(await rig.skerry(["exec", "full", "--", "alpha"], { env })).toMatchObject({ exitCode: 0 });
      },
      180_000,
    );
  }

  test.skipIf(!CAN_MOUNT)("that lost the index of its log says what to do", async () => {
    await using rig = await Rig.make();
    expect(await rig.skerry(["create", "web", "--engine", "basic"])).toMatchObject({ exitCode: 0 });
    rmSync(join(rig.home, "state.db-shm"));
    const { exitCode, stderr } = await onReadOnly(rig, ["ls"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/hint: .*--home/) });
  });

  test.skipIf(!CAN_MOUNT)("and that isn't there yet says where else it can be", async () => {
    await using rig = await Rig.make();
    const { exitCode, stderr } = await onReadOnly(rig, ["ls", "--home", join(rig.user, "state")]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/hint: .*--home, SKERRY_HOME/) });
    expect(await onReadOnly(rig, ["ls", "--home", join(rig.cwd, ".skerry")])).toMatchObject({ exitCode: 0 });
  });
});
