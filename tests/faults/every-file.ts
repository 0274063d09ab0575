import { expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { DAMAGES, Damaged, ROWS, RUN, VERBS } from "./damaged.ts";

/** What has to work once the damage is mended. */
const AFTER = [
  ["exec", "thin", "--", "alpha"],
  ["exec", "full", "--", "alpha"],
  ["exec", "web", "--", "alpha"],
  ["exec", "own", "--", "python", "-c", "import proj"],
  RUN,
];

/** What has to work where the ledger is lost. */
const AFTER_LOSS = [["trust", "--yes"], ["ls"], ["create", "another", "--with", "beta==1.0"], RUN];

/**
 * Damages things of ours, tries verbs and then mends it.
 * @param rows of {@link ROWS}
 * @param choose which of the damages that can be done to the n-th row, and which verbs are tried on it
 */
export function tryDamages(rows: readonly string[], choose: (n: number) => { damages: string[]; verbs: number }): void {
  const what = rows.length === 1 ? `${rows[0]}, damaged` : `of ${rows.length} kinds, each damaged`;
  test(`${what}, makes no verb fail but for a reason and a remedy`, async () => {
    await using stage = await Damaged.make();
    const failures: string[] = [];
    let turn = 0;
    for (const [n, row] of rows.entries()) {
      const { path: pathOf, byHand, asks = ["ls"] } = ROWS[row]!;
      const { damages, verbs } = choose(n);
      for (const damage of damages) {
        stage.restore();
        const path = pathOf(stage);
        if (!existsSync(path) || !DAMAGES[damage]!(path)) continue;
        const tell = (args: readonly string[], what: unknown) =>
          failures.push(`${row}, ${damage}: ${args.join(" ")}: ${JSON.stringify(what)}`.replaceAll(stage.rig.root, ""));
        for (let count = 0; count < verbs; count++) {
          const args = VERBS[turn++ % VERBS.length]!;
          const outcome = await stage.skerry(args).catch((error: unknown) => String(error));
          if (!isClear(outcome)) tell(args, outcome);
        }
        if (byHand) {
          chmodSync(stage.rig.root, 0o755);
          const first = await stage.skerry(asks);
          if (first.exitCode !== 0) byHand(path);
        }
        for (const args of [
          ["doctor", "--fix"],
          ["repair", "--all"],
        ]) {
          const outcome = await stage.skerry(args);
          if (!isClear(outcome)) tell(args, outcome);
        }
        const isLost = byHand && !(await stage.done(["ls", "--json"])).includes('"thin"');
        for (const args of isLost ? AFTER_LOSS : AFTER) {
          const outcome = await stage.skerry(args);
          if (outcome.exitCode !== 0) tell(args, outcome);
        }
      }
    }
    expect(failures).toEqual([]);
  }, 3_600_000);
}

/** Success, what a program in an environment says, or one error with a hint. */
function isClear(outcome: { exitCode: number; stdout: string; stderr: string } | string): boolean {
  if (typeof outcome === "string") return false;
  const { exitCode, stderr } = outcome;
  if (/Skerry itself failed|SKE-INTERNAL|^ {4}at /m.test(stderr)) return false;
  return exitCode === 0 || !/^error:/m.test(stderr) || /^ {2}hint:/m.test(stderr);
}

/** The damages that something can suffer, by name. */
export const NAMES = Object.keys(DAMAGES);
