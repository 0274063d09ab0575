import type { Environment, PackageChange } from "../index.ts";
import type { Output } from "./output.ts";

/** Tells what an installation or removal changed. */
export function tellChange(output: Output, environment: Environment, change: PackageChange): void {
  const { added, removed, changed } = change;
  output.result({ environment: { id: environment.id, name: environment.name }, added, removed, changed }, () => {
    const lines = [
      ...added.map((one) => output.paint("green", `+ ${one}`)),
      ...changed.map((one) => output.paint("yellow", `~ ${one}`)),
      ...removed.map((one) => output.paint("red", `- ${one}`)),
    ];
    if (lines.length === 0) output.say(`nothing to change in ${environment.name}`);
    else output.print(lines.join("\n"));
  });
}
