import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf, setUp } from "./setup.ts";

test("doctor --fix repairs, removes what nobody owns, and leaves what may be on purpose", async () => {
  await using at = await setUp();
  await using env = await at.skerry.create({ name: "api", mode: "full", requirements: ["alpha==1.0", "gamma"] });
  const { prefix, site } = foldersOf(env);
  rmSync(join(prefix, "bin/python"));
  rmSync(join(site, "alpha.py"));
  rmSync(join(site, "gamma.py"));
  writeFileSync(join(site, "gamma.py"), "MINE = True\n");
  const strays = ["0", "1", "2"].map((digit) => digit.repeat(20)).map((id) => join(at.rig.home, "envs", id));
  for (const stray of strays) {
    mkdirSync(join(stray, "work"), { recursive: true });
    symlinkSync(at.rig.cwd, join(stray, "venv"));
  }
  writeFileSync(join(strays[1]!, "work", "precious"), "");
  // The last one was used today: it may belong to a ledger that was moved aside and comes back.
  const old = Date.now() / 1000 - 2 * 86_400;
  for (const stray of strays.slice(0, 2)) utimesSync(stray, old, old);
  const before = await at.skerry.doctor();
  expect(before.findings.find((one) => one.subject === "environment api")).toMatchObject({
    level: "problem",
    kinds: ["python-link", "files-missing", "files-changed"],
    hint: "skerry repair api mends it",
  });
  const { fixes, findings } = await at.skerry.doctor({ fix: true });
  expect(fixes.map(({ subject, ok }) => [subject, ok])).toEqual([
    ["environment api", true],
    [`folder ${"0".repeat(20)}`, true],
    [`folder ${"1".repeat(20)}`, false],
    [`folder ${"2".repeat(20)}`, false],
  ]);
  expect(strays.map((stray) => existsSync(stray))).toEqual([false, true, true]);
  expect(existsSync(at.rig.cwd)).toBe(true);
  expect(findings.find((one) => one.subject === "environment api")).toMatchObject({ kinds: ["files-changed"] });
  expect((await env.run(["python", "-c", "import alpha, gamma; print(gamma.MINE)"])).stdout).toBe("True\n");
});
