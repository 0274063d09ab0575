import { SkerryError } from "../../core/error.ts";
import { environment } from "../grammar/options.ts";
import { confirm } from "../invocation/confirm.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { tellTaken } from "../invocation/this-folder.ts";
import type { Verb } from "../verb.ts";

/** `skerry rm ENVIRONMENT…` */
export default {
  summary: "Remove environments and everything of their own",
  operands: [{ ...environment, optional: true, multiple: true }],
  options: {
    all: { type: "boolean", description: "Remove every environment; asks first" },
    force: {
      type: "boolean",
      short: "f",
      description: "Stop what still runs in them, and don't mind when there is none",
    },
  },
  examples: [
    ["skerry rm web", "Remove an environment"],
    ["skerry rm --all --yes", "Remove all of them without a question"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { operands, output, library, signal } = invocation;
  const all = invocation.flag("all");
  const force = invocation.flag("force");
  if (all === operands.length > 0) {
    throw new SkerryError("SKE-USAGE", all ? "--all takes no names" : "skerry rm needs an environment", {
      hint: "skerry rm ENVIRONMENT…, or skerry rm --all",
    });
  }
  const skerry = await library.open();
  const names = all ? (await skerry.list()).map((record) => record.name) : operands;
  if (all && names.length > 0) await confirm(invocation, `Remove all environments (${names.join(", ")})?`);
  const removed: string[] = [];
  const failures: unknown[] = [];
  for (const name of new Set(names)) {
    try {
      const found = name === "." ? await skerry.here(library.cwd) : undefined;
      if (found) tellTaken(output, found.record);
      if (await skerry.destroy(found?.id ?? name, { force, signal })) removed.push(found?.name ?? name);
      // Opening it tells that there is none, and what name is near.
      else if (!force && !all) await skerry.open(name);
    } catch (error) {
      if (signal.aborted || names.length === 1) throw error;
      failures.push(error);
    }
  }
  if (!output.json) for (const name of removed) output.say(`removed ${name}`);
  const { asSkerryError, tellError } = await import("../output/failure.ts");
  const errors = failures.map(asSkerryError);
  if (output.json) output.document({ removed, errors: errors.map((error) => error.toJSON()) });
  else for (const error of errors) tellError(output, error);
  return errors[0]?.exitCode ?? 0;
}
