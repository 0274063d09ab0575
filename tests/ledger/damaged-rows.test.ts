import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Ledger } from "../../src/ledger/ledger.ts";
import { type Outcome, Rig } from "../rig/rig.ts";

/** A state with an environment, and a way to write into its rows what nothing of ours would. */
async function withEnvironment() {
  const rig = await Rig.make();
  await rig.skerry(["create", "web"]);
  const write = (sql: string) => {
    const ledger = new Ledger(join(rig.home, "state.db"));
    ledger.db.run(sql);
    ledger.close();
  };
  return { rig, write, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

describe("a row that holds something else than was written", () => {
  test.each([
    ["environments", "spec"],
    ["environments", "state"],
    ["environments", "trees"],
    ["environments", "cleanup"],
    ["environments", "labels"],
    ["history", "packages"],
    ["history", "change"],
    ["events", "data"],
  ])(
    "in %s.%s ends what reads it with the file and what to do",
    async (table, column) => {
      await using here = await withEnvironment();
      here.write(`UPDATE ${table} SET ${column} = '{"cut'`);
      const verbs = ["ls", "show web", "show web --history", "doctor", "events", "gc", "rm web --yes"];
      const outcomes: Outcome[] = [];
      for (const verb of verbs) outcomes.push(await here.rig.skerry(verb.split(" ")));
      const failed = outcomes.filter(({ exitCode }) => exitCode !== 0);
      expect(failed.length).toBeGreaterThan(0);
      for (const { exitCode, stderr } of failed) {
        expect(stderr).not.toContain("Skerry itself failed");
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/state\.db: .*\n *hint: move .*state\.db aside/);
      }
    },
    60_000,
  );

  test("in the cache, or of processes that are gone, is forgotten or told", async () => {
    await using here = await withEnvironment();
    here.write("UPDATE cache SET value = 'x'");
    expect((await here.rig.skerry(["run", "--", "python", "-c", "print(1)"])).stdout).toBe("1\n");
    expect((await here.rig.skerry(["create", "other"])).exitCode).toBe(0);
  }, 60_000);

  test.each(["{}", "7", '{"python": {"path": 3}}', '{"prefix": 1}'])(
    "as the state %s leaves the environment to be removed",
    async (state) => {
      await using here = await withEnvironment();
      here.write(`UPDATE environments SET state = '${state}', launch = NULL`);
      const skerry = (...words: string[]) => here.rig.skerry(words);
      expect((await skerry("ls")).stdout).toContain("web");
      expect(await skerry("check", "web")).toMatchObject({ exitCode: 1 });
      const { stderr } = await skerry("exec", "web", "--", "true");
      expect(stderr).toContain("what is recorded of it is damaged");
      expect(stderr).not.toContain("Skerry itself failed");
      expect(await skerry("rm", "web", "--yes")).toMatchObject({ exitCode: 0 });
      expect((await skerry("ls", "--json")).stdout).toContain('"environments":[]');
    },
    60_000,
  );
});
