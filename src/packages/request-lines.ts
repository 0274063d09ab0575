import { hideSecrets } from "../core/secrets.ts";
import type { Requirement } from "../python/requirement.ts";
import type { ReadRequirements } from "../python/requirements.ts";

/** One file in the syntax of requirements files with all that was asked for, independent of any working folder. */
export function requirementLines(read: ReadRequirements): string {
  return [...read.requirements.map(requirementLine), ...read.remote.requirements.map((url) => `-r ${url}`), ""].join(
    "\n",
  );
}

/** The same of the constraints; empty where there are none. */
export function constraintLines(read: ReadRequirements): string {
  const lines = [...read.constraints.map(requirementLine), ...read.remote.constraints.map((url) => `-c ${url}`)];
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** What a lock keeps of what was asked for: sorted lines, passwords taken out. */
export function rootLines(read: ReadRequirements): string[] {
  return [...read.requirements.map(requirementLine), ...read.remote.requirements.map((url) => `-r ${url}`)]
    .map(hideSecrets)
    .sort();
}

/** What is asked for, in a few words. */
export function summary(read: ReadRequirements): string {
  const names = read.requirements.map((one) =>
    hideSecrets(one.source.kind === "index" ? one.text : (one.name ?? one.text)),
  );
  return names.length > 4
    ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`
    : names.join(", ") || "the requirements";
}

/** A requirement as a line that both installers read. */
export function requirementLine(requirement: Requirement): string {
  return requirement.editable ? `-e ${requirement.text}` : requirement.text;
}
