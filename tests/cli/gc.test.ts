import { expect, test } from "bun:test";
import { Ledger } from "../../src/ledger/ledger.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { packagesFrom } from "./setup.ts";

test("cached environments are listed with size, last use and processes, and collected when nobody uses them", async () => {
  await using rig = await Rig.make();
  const wheels = ["demo", "other"].map((name) => buildWheel({ name, version: "1.0" }));
  await using index = await startIndex({ distributions: wheels });
  const env = packagesFrom(index.url);
  const run = (name: string, ...command: string[]): [string, ...string[]] => {
    return [SKERRY, "run", "--python", newestPython().path, "--with", name, "--", ...command];
  };
  const skerry = (...args: string[]) => rig.skerry(args, { env });
  // A year ago, and two and a half.
  const age = () => {
    const ledger = new Ledger(statePaths(rig.home).db);
    const set = (name: string, days: number) =>
      ledger.db.run(
        "UPDATE environments SET used_at = ? WHERE spec LIKE ?",
        Date.now() - days * 86_400_000 - 7_200_000,
        `%${name}%`,
      );
    set("demo", 365);
    set("other", 900);
    ledger.close();
  };
  expect((await rig.run(run("other", "python", "-c", ""), { env })).exitCode).toBe(0);
  const program = rig.start(run("demo", "sh", "-c", "echo ready; exec sleep 60"), { env });
  await program.until(/ready/);
  age();
  const shown = (text: string) => text.replaceAll(`${program.pid}`, "[PID]").replace(/ +/g, " ");
  expect(shown((await skerry("ls", "--cached")).stdout).split("\n")).toEqual([
    "ID PYTHON PACKAGES SIZE LAST USED RUNNING",
    expect.stringMatching(/^\w{20} 3\.\d+\.\d+ demo \d+\.\d KiB 365 d 2 h ago \[PID\]$/),
    expect.stringMatching(/^\w{20} 3\.\d+\.\d+ other \d+\.\d KiB 900 d 2 h ago$/),
    "",
  ]);
  const { environments } = JSON.parse((await skerry("ls", "--cached", "--json")).stdout);
  expect(environments).toMatchObject([{ running: [{ ref: { pid: program.pid } }] }, { running: [] }]);
  expect((await skerry("doctor")).stdout).toMatch(
    /^ok +store: 2 packages, 2 layers, 2 cached environments, .*; skerry gc would free \d/m,
  );
  const would = await skerry("gc", "--dry-run");
  expect(would.stderr).toMatch(/^would free \d+\.\d KiB\n$/);
  expect(would.stdout.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
    "KIND NAME LAST USED WHY FREES",
    expect.stringMatching(/^environment cached-\w{12} 900 d 2 h ago not used lately \d+\.\d KiB$/),
    "",
  ]);
  const did = JSON.parse((await skerry("gc", "--all", "--json")).stdout);
  expect(did).toMatchObject({ schema: 1, dryRun: false, skipped: [] });
  expect(did.collected.map((one: { kind: string; name: string }) => one.kind)).toEqual([
    "environment",
    "layer",
    "tree",
  ]);
  expect((await skerry("ls", "--cached")).stdout).not.toContain("other");
  expect((await skerry("gc", "--all")).stderr).toBe("nothing to collect\n");
  program.kill();
  await program.exit;
  expect((await skerry("gc", "--all")).stderr).toMatch(/^freed \d+\.\d KiB\n$/);
  expect((await skerry("ls", "--cached")).stderr).toBe("no cached environments; skerry run --with makes them\n");
});
