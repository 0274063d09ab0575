import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Rig } from "../rig/rig.ts";

const DBT = ["--with", "dbt-core==1.9.4", "--with", "dbt-duckdb==1.9.3"];

test("dbt: a project that it makes for who isn't root can be edited, run and removed", async () => {
  await using rig = await Rig.ordinary();
  const dbt = (...args: string[]) =>
    rig.skerry(["run", "--python", rig.python, ...DBT, "--", "dbt", ...args], { timeout: 600_000 });
  expect(await dbt("init", "made", "--skip-profile-setup")).toMatchObject({ exitCode: 0 });
  const made = join(rig.cwd, "made");
  const sealed = readdirSync(made, { recursive: true, encoding: "utf8" }).filter(
    (path) => (statSync(join(made, path)).mode & 0o200) === 0,
  );
  expect(sealed).toEqual([]);
  rig.write("made/models/example/mine.sql", "select 1 as one\n");
  rig.write("made/profiles.yml", "made: { target: dev, outputs: { dev: { type: duckdb, path: made.duckdb } } }\n");
  const run = await dbt("run", "--project-dir", "made", "--profiles-dir", "made", "--select", "mine");
  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("PASS=1") });
  expect(await rig.run(["rm", "-r", "made"])).toMatchObject({ exitCode: 0, stderr: "" });
}, 900_000);
