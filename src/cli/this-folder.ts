import type { Environment, Skerry } from "../index.ts";
import type { Invocation } from "./invocation.ts";

/** Opens the environment that a verb is to change, and says which one that is where `.` stands for it. */
export async function openToChange({ environment: name, output }: Invocation, skerry: Skerry): Promise<Environment> {
  const found = await skerry.open(name);
  if (name === "." && !output.json)
    output.say(`the environment of this folder is ${found.name}, in ${found.record.spec.prefix}`);
  return found;
}
