import { dirname } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Worktree } from "../git/believe.ts";
import { isGone } from "../git/git-files.ts";
import { exists } from "../platform/files.ts";
import { readPointer } from "../project/pointer.ts";
import { readVenvConfig } from "../python/venv.ts";
import type { WorktreePlan } from "./plan.ts";
import type { ProjectChoice } from "./sources.ts";

/** What stands where a worktree's environment should. */
type State = "absent" | "own" | "moved" | "stray" | "foreign" | "takeable" | "unwanted";

export function stateOf({ kind, prefix }: WorktreePlan, found: EnvironmentRecord | undefined): State {
  if (!exists(prefix)) return "absent";
  const id = readPointer(prefix)?.id;
  // What its tool made by itself is what it would make now.
  if (id === undefined && kind.isManaged) return "takeable";
  if (id === undefined) return readVenvConfig(prefix)?.values.skerry === undefined ? "foreign" : "stray";
  if (id !== found?.id) return isInUse(prefix) ? "foreign" : "stray";
  if (found.spec.prefix === prefix) return "own";
  return found.spec.prefix !== undefined && readPointer(found.spec.prefix)?.id === id ? "stray" : "moved";
}

/** Whether a prefix lies where it was made, for an environment of this or another state folder that may be there still. */
function isInUse(prefix: string): boolean {
  const { prefix: made, place } = readPointer(prefix) ?? {};
  return made === prefix && place !== undefined && !isGone(place);
}

/** Installers take such parts of a path for a fragment, a marker or extras. */
export function refuseUninstallable(root: string): void {
  if (!/[#;[\]\p{Cc}]|\s$/u.test(root)) return;
  throw new SkerryError("SKE-WORKTREE-UNUSABLE", `No project can be installed from ${JSON.stringify(root)}`, {
    hint: "git worktree move it to a path without #, ;, brackets, control characters, and a space at its end",
  });
}

export function unknownError({ root }: Worktree, problem: string | undefined): SkerryError {
  const why = problem ?? "no worktree of its repository that you have installed is the same";
  return new SkerryError("SKE-WORKTREE-UNKNOWN", `Only what is known was to be installed in ${root}, and ${why}`, {
    hint: "look at what the branch has changed, for installing may run it; then: skerry worktree init",
  });
}

export function foreignError(prefix: string): SkerryError {
  const { place } = readPointer(prefix) ?? {};
  const whose =
    place === undefined ? "Skerry didn't make it" : `belongs to an environment of ${dirname(dirname(place))}`;
  return new SkerryError("SKE-ENV-EXISTS", `${prefix} is there already, and ${whose}`, {
    hint: "skerry worktree init --force makes another in its place",
    details: { prefix },
  });
}

/** @throws SKE-USAGE for what only virtual environments have */
export function refuseGroups(title: string, { groups, extras }: ProjectChoice): void {
  if (groups === undefined && extras === undefined) return;
  throw new SkerryError("SKE-USAGE", `--group and --extra choose nothing in a ${title}: its manifest does`, {
    hint: 'name features in [environments] of the manifest: default = ["test"]',
  });
}
