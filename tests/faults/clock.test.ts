import { expect, test } from "bun:test";
import { WHEELS } from "../environments/setup.ts";
import { CACHED, Stage, SUBJECT } from "./stage.ts";

const DAY = 86_400_000;

/** Every column of the ledger that holds a time. */
const TIMES = `SELECT m.name AS tab, p.name AS col FROM sqlite_master m, pragma_table_info(m.name) p
  WHERE m.type = 'table' AND p.type = 'INTEGER' AND (p.name LIKE '%\\_at' ESCAPE '\\' OR p.name = 'time')`;

test("with a clock set back by ten days, everything that was made in the future goes on working", async () => {
  await using stage = await Stage.make(WHEELS, [
    ["create", SUBJECT, "--with", "alpha==1.0"],
    ["run", "--with", "gamma", "--", "python", "-c", "import gamma"],
  ]);
  stage.ledger(({ db }) => {
    const columns = db.all(TIMES);
    expect(columns.length).toBeGreaterThan(5);
    for (const { tab, col } of columns) db.run(`UPDATE ${tab} SET ${col} = ${col} + ?`, 10 * DAY);
  });
  const run = ["run", "--with", "gamma", "--", "python", "-c", "import gamma; print(gamma.__name__)"];
  expect(await stage.expectDone(run)).toBe("gamma\n");
  await stage.expectDone(["exec", SUBJECT, "--", "python", "-c", "import alpha"]);
  await stage.expectDone(["install", SUBJECT, "alpha==2.0"]);
  await stage.expectDone(["undo", SUBJECT]);
  const { environments } = JSON.parse(await stage.expectDone(["ls", "--json"]));
  expect((environments as { name: string }[]).map(({ name }) => name).sort()).toEqual(["bystander", SUBJECT]);
  expect(await stage.expectDone(["ls"])).not.toMatch(/-\d+ /);
  await stage.expectDone(["gc"]);
  expect(stage.shapeOf(CACHED)).toBeDefined();
  expect(await stage.expectDone(run)).toBe("gamma\n");
  await stage.expectDone(["exec", SUBJECT, "--", "python", "-c", "import alpha; assert alpha.VERSION == '1.0'"]);
  await stage.expectSound();
});
