import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { LocalProcessRef } from "../../src/core/process.ts";
import { environmentLease } from "../../src/environments/context.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { closeLeases, tryLease } from "../../src/platform/lease.ts";
import { statePaths } from "../../src/platform/paths.ts";
import type { Program } from "../rig/program.ts";
import { Rig, SKERRY } from "../rig/rig.ts";

const UNSHARE = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"] as const;
const canUnshare = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), "true"]).status === 0;

/** Whether all containers are seen from here. */
const isFirst = canUnshare && readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]";

/** Pids of a container mean nothing outside of it, nor in another one with the same state folder. */
describe.skipIf(!canUnshare)("a state folder shared by two containers", () => {
  /** A command in an environment, started as if in a container; it runs until its input ends. */
  async function startInContainer(rig: Rig, name: string): Promise<Program> {
    const argv = [...UNSHARE, SKERRY, "exec", name, "--", "sh", "-c", "echo started; cat"] as const;
    const program = rig.start(argv, { keepInput: true });
    await program.until(/started/);
    return program;
  }

  test("keeps an environment in which the other one runs a command", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["create", "api", "--engine", "basic", "--idle", "1s"]);
    const there = await startInContainer(rig, "api");
    age(rig, "environments");
    // It would go by itself here, as nobody has used it for long.
    await rig.skerry(["ls"]);
    const refused = await rig.skerry(["rm", "api", "--yes"]);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain("another container");
    const doctor = await rig.skerry(["doctor", "--fix"]);
    expect(doctor.stdout).toContain("another container");
    const inAnother = await rig.run([...UNSHARE, SKERRY, "rm", "api", "--yes"]);
    expect(inAnother.stderr).toContain("another container");
    there.kill();
    await there.exit;
  });

  test("removes it with force", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["create", "api", "--engine", "basic"]);
    const there = await startInContainer(rig, "api");
    expect((await rig.skerry(["rm", "api", "--force", "--yes"])).exitCode).toBe(0);
    there.kill();
    await there.exit;
  });

  test("forgets a command of a container a week after its start", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["create", "api", "--engine", "basic"]);
    const there = await startInContainer(rig, "api");
    there.kill();
    await there.exit;
    // From a third container it can't be seen that the other one is gone.
    const remove = [...UNSHARE, SKERRY, "rm", "api", "--yes"] as const;
    expect((await rig.run(remove)).exitCode).toBe(4);
    age(rig, "processes");
    expect((await rig.run(remove)).exitCode).toBe(0);
  });

  test.skipIf(!isFirst)(
    "forgets a command of a container at once where it is seen that the container is gone",
    async () => {
      await using rig = await Rig.make();
      await rig.skerry(["create", "api", "--engine", "basic"]);
      const there = await startInContainer(rig, "api");
      expect((await rig.skerry(["rm", "api", "--yes"])).exitCode).toBe(4);
      there.kill();
      await there.exit;
      expect((await rig.skerry(["rm", "api", "--yes"])).exitCode).toBe(0);
    },
  );

  test("takes back nothing that the other one creates, and what it left half changed", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["create", "api", "--engine", "basic"]);
    const there = await startInContainer(rig, "api");
    const ledger = new Ledger(join(rig.home, "state.db"));
    const { id, place } = ledger.environments.byName("api")!;
    const owner = ledger.processes.list(id)[0]!.ref as LocalProcessRef;
    ledger.environments.update(id, { status: "creating" });
    ledger.intents.begin(id, { kind: "create" }, owner);
    // As the other one would: the kernel's locks are the same for all containers.
    const lease = tryLease(statePaths(rig.home), environmentLease(id), "exclusive")!;
    await rig.skerry(["ls"]);
    expect(existsSync(place)).toBe(true);
    expect((await rig.skerry(["rm", "api", "--force", "--yes"])).stderr).toContain("still being created");
    ledger.intents.end(id);
    lease.release();
    closeLeases(statePaths(rig.home));
    ledger.environments.update(id, { status: "ready" });
    ledger.intents.begin(id, { kind: "change" }, owner);
    await rig.skerry(["ls"]);
    expect(ledger.intents.list()).toEqual([]);
    ledger.close();
    there.kill();
    await there.exit;
  });

  /** Makes what the rows of a table say have happened eight days earlier. */
  function age(rig: Rig, table: "environments" | "processes"): void {
    const ledger = new Ledger(join(rig.home, "state.db"));
    const column = table === "environments" ? "used_at" : "started_at";
    ledger.db.run(`UPDATE ${table} SET ${column} = ${column} - ?`, 8 * 86_400_000);
    ledger.close();
  }
});
