import type { Place } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Fault, FaultKind } from "../../core/fault.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { folderFault, mendFolder } from "../../platform/mend-state.ts";
import { POINTER, readPointer } from "../../project/pointer.ts";
import type { InterpreterFacts } from "../../python/interpreter.ts";
import { readVenvConfig, wrongActivations, wrongKeys, wrongLinks } from "../../python/venv.ts";
import { venvFaults } from "../../python/verify.ts";
import { isOwn } from "../pointer.ts";
import { prefixFor, prefixOf, readlinkIf } from "./prefix.ts";

/** What is wrong with a prefix and the way to it, packages apart. */
export function prefixFaults(spec: EnvironmentSpec, place: Place, python: InterpreterFacts): Fault[] {
  const prefix = prefixFor(spec, place);
  const gone = unusable(prefix, spec, python);
  if (gone) return [gone];
  if (!isTakeable(prefix, spec, place)) {
    return [{ kind: "prefix-foreign", message: `${prefix} isn't this environment's: something else was put there` }];
  }
  const base = { path: python.baseExecutable, version: python.version };
  return [...wayFaults(spec, place), ...venvFaults(prefix, base), ...ownFaults(prefix, spec, python)];
}

/** A prefix that nothing can be looked up in, or put into. What somebody put in the place of one elsewhere is left to them. */
function unusable(prefix: string, spec: EnvironmentSpec, { sitePackages }: InterpreterFacts): Fault | undefined {
  const why = folderFault(prefix);
  const isElsewhere = spec.prefix !== undefined;
  if (why !== undefined && !(isElsewhere && why === "is no folder"))
    return { kind: "prefix-gone", message: `${prefix} ${why}` };
  for (const folder of why === undefined ? foldersIn(prefix, sitePackages) : []) {
    const fault = folderFault(folder);
    if (fault !== undefined && fault !== "is gone") return { kind: "prefix-gone", message: `${folder} ${fault}` };
  }
  return undefined;
}

/** Opens folders of an environment's prefix that are closed, and keeps aside what stands in the place of one. @throws SKE-IO, SKE-ENV-EXISTS */
export function mendPrefix(spec: EnvironmentSpec, place: Place, { sitePackages }: InterpreterFacts): void {
  const prefix = prefixFor(spec, place);
  // Only inside of it can be seen whose it is.
  if (spec.prefix === undefined || folderFault(prefix) === "is closed to its owner") mendFolder(prefix);
  if (!isTakeable(prefix, spec, place)) throw foreignPrefix(prefix, spec.name);
  for (const folder of foldersIn(prefix, sitePackages)) mendFolder(folder);
}

function foldersIn(prefix: string, sitePackages: string): string[] {
  const parts = sitePackages.split("/");
  return [`${prefix}/bin`, ...parts.map((_, at) => `${prefix}/${parts.slice(0, at + 1).join("/")}`)];
}

/** Whether a prefix that exists is this environment's, or lost nothing but the pointer that tells so. */
export function isTakeable(prefix: string, spec: EnvironmentSpec, place: Place): boolean {
  if (spec.prefix === undefined || isOwn(prefix, place)) return true;
  return readPointer(prefix) === undefined && readVenvConfig(prefix)?.values.skerry !== undefined;
}

/** The error for a prefix that something else stands in. */
function foreignPrefix(prefix: string, name: string): SkerryError {
  return new SkerryError("SKE-ENV-EXISTS", `Could not rebuild ${name} in ${prefix}: something else was put there`, {
    hint: `move it away, then run skerry repair ${name} again; or give the environment up: skerry rm ${name}`,
  });
}

/** A prefix elsewhere and the place lead to each other. */
function wayFaults(spec: EnvironmentSpec, place: Place): Fault[] {
  const { prefix } = spec;
  if (prefix === undefined) return [];
  const faults: Fault[] = [];
  if (readlinkIf(prefixOf(place)) !== prefix)
    faults.push({ kind: "prefix-moved", message: `${prefixOf(place)} doesn't lead to ${prefix}` });
  if (readPointer(prefix)?.place !== place.root)
    faults.push({ kind: "prefix-moved", message: `${prefix}/${POINTER} doesn't lead to ${place.root}` });
  return faults;
}

/** Files that make the prefix an environment and belong to no package: whatever was put in their place is told. */
function ownFaults(prefix: string, spec: EnvironmentSpec, python: InterpreterFacts): Fault[] {
  const config = readVenvConfig(prefix);
  const keys = config ? wrongKeys(config, python, spec.systemSitePackages) : [];
  const says = keys.includes("include-system-site-packages") ? "the base interpreter's packages" : keys[0];
  return [
    ...(keys.length > 0 ? [{ kind: "venv-config", message: `pyvenv.cfg says otherwise of ${says}` } as const] : []),
    ...told("python-link", wrongLinks(prefix, python), "isn't the link that it has to be"),
    ...told("activation", wrongActivations(prefix, spec.name), "is gone or for another path"),
  ];
}

function told(kind: FaultKind, [first, ...more]: readonly string[], what: string): Fault[] {
  if (first === undefined) return [];
  return [{ kind, message: `${first}${more.length > 0 ? ` and ${more.length} more` : ""} ${what}` }];
}
