import type { Environment, EnvironmentRecord, Skerry } from "../../index.ts";
import type { Output } from "../output/output.ts";
import type { Invocation } from "./invocation.ts";

/** Opens the environment that a verb is to change, and says which one that is where `.` stands for it. */
export async function openToChange({ environment: name, output }: Invocation, skerry: Skerry): Promise<Environment> {
  const found = await skerry.open(name);
  if (name === ".") tellTaken(output, found.record);
  return found;
}

/** Says which environment `.` stood for, to who is to change or remove it; for `--json` the document does. */
export function tellTaken(output: Output, { name, spec }: Pick<EnvironmentRecord, "name" | "spec">): void {
  if (!output.json) output.say(`the environment of this folder is ${name}, in ${spec.prefix}`);
}
