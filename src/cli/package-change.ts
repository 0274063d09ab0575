import type { Environment, PackageChange } from "../index.ts";
import { localTime, type Output } from "./output.ts";

/** How many packages a line of the history names. */
const NAMED = 4;

/** Tells what a change of packages did. @param more members of the JSON document */
export function tellChange(
  output: Output,
  environment: Environment,
  { added, removed, changed }: PackageChange,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { id, name } = environment;
  output.result({ environment: { id, name }, ...more, added, removed, changed }, () => {
    const lines = [
      ...added.map((one) => output.paint("green", `+ ${one}`)),
      ...changed.map((one) => output.paint("yellow", `~ ${one}`)),
      ...removed.map((one) => output.paint("red", `- ${one}`)),
    ];
    if (lines.length === 0) output.say(`nothing to change in ${environment.name}`);
    else output.print(lines.join("\n"));
  });
}

/** Tells what the packages of an environment were, and which of it they are. */
export function tellHistory(output: Output, environment: Environment): void {
  const history = environment.packages.history();
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
    ...added.map((one) => `+ ${one}`),
    ...changed.map((one) => `~ ${one}`),
    ...removed.map((one) => `- ${one}`),
  ];
  const more = all.length > NAMED ? ` and ${all.length - NAMED + 1} more` : "";
  return `${all.slice(0, more ? NAMED - 1 : NAMED).join(", ")}${more}`;
}
