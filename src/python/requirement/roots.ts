// The lines that a lock keeps of what it was resolved from: a requirement, `-e` with a project folder, or `-r` with the
// address of a requirements file.
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../core/spec.ts";
import { parseRequirement, type Requirement } from "./requirement.ts";

/** A requirement as a line that both installers read. */
export function rootLine({ editable, text }: Requirement): string {
  return editable ? `-e ${text}` : text;
}

/** Reads such a line; undefined for the address of a file. @throws SKE-PKG-REQUIREMENT */
export function parseRoot(line: string): Requirement | undefined {
  const [kind, rest] = split(line);
  return kind === "-r" ? undefined : parseRequirement(rest, { editable: kind === "-e" });
}

/** What asks for these lines again, from any folder. */
export function specOfRoots(lines: readonly string[]): RequirementsSpec {
  const all = lines.map(split);
  const those = (wanted: string) => all.flatMap(([kind, rest]) => (kind === wanted ? rest : []));
  return { ...EMPTY_REQUIREMENTS, requirements: those(""), files: those("-r"), editables: those("-e") };
}

function split(line: string): [kind: string, rest: string] {
  const kind = /^-[er](?= )/.exec(line)?.[0] ?? "";
  return [kind, kind ? line.slice(kind.length + 1) : line];
}
