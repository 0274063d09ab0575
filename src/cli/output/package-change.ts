import { versionText } from "../../core/package-change.ts";
import { isBroken } from "../../core/package-drift.ts";
import { counted, listed } from "../../core/text.ts";
import { formatSize } from "../../core/units.ts";
import { describeDrift, type Environment, type PackageChange, type PlannedChange } from "../../index.ts";
import { localTime, type Output, paint } from "./output.ts";

/** How many packages a line of the history names of many. */
const NAMED = 3;

/** Tells what a change of packages did, and what of the environment isn't as recorded all the same. */
export async function tellChange(output: Output, environment: Environment, change: PackageChange): Promise<void> {
  const { id, name } = environment;
  // To look at every file takes several times as long as the change of one package; check does.
  const drift = await environment.packages.drift({ shallow: true });
  if (isBroken(drift)) {
    output.warn(`${name} isn't as recorded: ${describeDrift(drift).join("; ")}`, `skerry repair ${name} mends it`);
  }
  output.result({ environment: { id, name }, dryRun: false, ...change, drift }, () => {
    tellRelaxed(output, change.relaxed);
    printChange(output, change, name);
  });
}

/** Tells what would be done. */
export function tellPlan(
  output: Output,
  { id, name }: { readonly id?: string; readonly name: string },
  change: PlannedChange,
): void {
  const { downloads } = change;
  output.result({ environment: { ...(id === undefined ? {} : { id }), name }, dryRun: true, ...change }, () => {
    tellRelaxed(output, change.relaxed);
    if (!printChange(output, change, name)) return;
    const known = downloads.filter((one) => one.bytes !== undefined);
    const size = formatSize(known.reduce((sum, one) => sum + (one.bytes ?? 0), 0));
    const sized = known.length === 0 ? "" : known.length < downloads.length ? `, more than ${size}` : `, ${size}`;
    const count = counted(downloads.length, "package");
    const fetched = downloads.length === 0 ? "" : `; there would be ${count} to fetch${sized}`;
    output.say(`nothing was changed, because of --dry-run${fetched}`);
  });
}

/** Tells which bounds gave way. */
export function tellRelaxed(output: Output, relaxed: PackageChange["relaxed"] = []): void {
  for (const { from, to } of relaxed) output.say(`${to} was taken for ${from}`);
}

/** @returns false when there was nothing to change */
function printChange(output: Output, { added, changed, removed }: PackageChange, name: string): boolean {
  const lines = [
    ...added.map((one) => [paint("green", `+ ${versionText(one)}`)]),
    ...changed.map((one) => [paint("yellow", `~ ${versionText(one)}`)]),
    ...removed.map((one) => [paint("red", `- ${versionText(one)}`)]),
  ];
  if (lines.length === 0) output.say(`nothing to change in ${name}`);
  else output.print(...lines);
  return lines.length > 0;
}

/** Tells what the packages of an environment were, and which of it they are. */
export async function tellHistory(output: Output, environment: Environment): Promise<void> {
  const history = await environment.packages.history();
  output.result({ environment: { id: environment.id, name: environment.name }, history }, () => {
    if (history.length === 0) output.say(`${environment.name} has no history`);
    output.table(
      ["", "NUMBER", "TIME", "OPERATION", "CHANGE"],
      history.map(({ n, present, createdAt, operation, asked, change }) => [
        present ? "*" : "",
        String(n),
        localTime(createdAt),
        `${operation} ${asked}`.trim(),
        inShort(change),
      ]),
    );
  });
}

function inShort({ added, changed, removed }: PackageChange): string {
  const all = [
    ...added.map((one) => `+ ${versionText(one)}`),
    ...changed.map((one) => `~ ${versionText(one)}`),
    ...removed.map((one) => `- ${versionText(one)}`),
  ];
  return listed(all, NAMED);
}
