import { SkerryError } from "../../core/error.ts";
import type { RepairReport } from "../../index.ts";
import { environment, python } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { tellTaken } from "../invocation/this-folder.ts";
import type { Output } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry repair ENVIRONMENT`. With `--dry-run` it exits with 1 when something is wrong. */
export default {
  summary: "Mend an environment whose interpreter, files or folder were changed or are gone",
  description:
    "What was put there by hand beside the recorded packages stays, and so do edited configuration and certificates. Only another version of Python, which --python names, changes which packages there are.",
  operands: [{ ...environment, optional: true }],
  options: {
    all: { type: "boolean", description: "Repair every environment" },
    python: { ...python, description: "Take this interpreter; packages are resolved anew for another version" },
    deep: { type: "boolean", description: "Compare the contents of files, not only sizes and times" },
    "dry-run": { type: "boolean", description: "Only tell what is wrong; exit with 1 when something is" },
  },
  examples: [
    ["skerry repair web", "Put back what is gone or was changed"],
    ["skerry repair web --python 3.13", "Move to another Python, when its own is gone"],
    ["skerry repair --all --dry-run", "Tell what is wrong with any environment"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { operands, output, library, signal } = invocation;
  const all = invocation.flag("all");
  if (all === operands.length > 0) {
    throw new SkerryError("SKE-USAGE", all ? "--all takes no name" : "skerry repair needs an environment", {
      hint: "skerry repair ENVIRONMENT, or skerry repair --all",
    });
  }
  const dryRun = invocation.flag("dry-run");
  const options = {
    dryRun,
    deep: invocation.flag("deep"),
    python: invocation.text("python"),
    signal,
  };
  const skerry = await library.open();
  const names = all ? (await skerry.list()).map(({ name }) => name) : operands;
  const reports: RepairReport[] = [];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      const report = await skerry.repair(name, options);
      reports.push(report);
      if (name === ".") tellTaken(output, await skerry.find(report.environment.id));
      if (!output.json) tellRepair(output, report, dryRun);
    } catch (error) {
      if (signal.aborted || names.length === 1) throw error;
      failures.push(error);
    }
  }
  const { asSkerryError, tellError } = await import("../output/failure.ts");
  const errors = failures.map(asSkerryError);
  if (output.json) output.document({ environments: reports, errors: errors.map((error) => error.toJSON()) });
  else for (const error of errors) tellError(output, error);
  const isWrong = dryRun && reports.some(({ faults }) => faults.length > 0);
  return errors[0]?.exitCode ?? (isWrong ? 1 : 0);
}

/** Tells what was wrong and what was done about it. */
export function tellRepair(
  output: Output,
  { environment, faults, mended, removed, kept, aside }: RepairReport,
  dryRun: boolean,
): void {
  const { name } = environment;
  for (const { kind, message } of faults) {
    const done = !mended.includes(kind) ? "left as it is" : dryRun ? "would be mended" : "mended";
    output.print(`${name}: ${kind}: ${message} (${done})`);
  }
  for (const line of removed) output.print(`${name}: ${line} (${dryRun ? "would be removed" : "removed"})`);
  for (const line of kept) output.print(`${name}: ${line} (kept)`);
  if (aside !== undefined)
    output.print(`${name}: what was put among the packages of the former Python is kept in ${aside}`);
  if (faults.length + removed.length + kept.length === 0) output.say(`nothing is wrong with ${name}`);
}
