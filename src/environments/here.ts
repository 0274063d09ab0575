import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Variables } from "../core/variables.ts";
import { stampOfIndexes } from "../git/checkouts.ts";
import { refuseTracked } from "../git/tracked.ts";
import { environmentOf, type FolderEnvironment, pointersAbove } from "../project/environment.ts";
import { createFlags, folderOf, kindOf, type ProjectKind } from "../project/kind.ts";
import type { Context } from "./context.ts";

type Where = Pick<Context, "cwd" | "env" | "ledger">;

/** See {@link environmentOf}. @throws SKE-ENV-TRACKED */
export function lookHere({ cwd, env, ledger }: Where): FolderEnvironment | undefined {
  const found = environmentOf(cwd, env, (id) => ledger.environments.byId(id));
  if (found) refuseTracked(found.prefix);
  return found;
}

/**
 * What the answer of {@link managedHere} depends on, with a stamp that is another one where git may have written into a
 * prefix since; undefined where no such project can be meant. On the warm path.
 */
export function managedPointers(cwd: string, env: Variables): readonly string[] | undefined {
  const pointers = [...pointersAbove(cwd, env)];
  const last = pointers.findLastIndex(({ kind }) => kind.isManaged);
  if (last < 0) return undefined;
  return pointers.slice(0, last + 1).flatMap(({ prefix, id }) => [id, prefix, stampOfIndexes(folderOf(prefix))]);
}

/**
 * The environment of this folder where its kind of project manages it: who runs something there and asks for no packages
 * means that. @throws SKE-ENV-NOT-FOUND for a copy of another one's, SKE-ENV-TRACKED
 */
export function managedHere(where: Where): EnvironmentRecord | undefined {
  const found = lookHere(where);
  if (!found || !kindOf(found.record).isManaged || found.record.status !== "ready") return undefined;
  return found.relation === "own" ? found.record : refuseHere(found);
}

/** The error where a project that manages its environment has none. @param what can't be done without it, a sentence for people */
export function noEnvironmentYet({ title, engine }: ProjectKind, what?: string, details = {}): SkerryError {
  const the = what === undefined ? "The" : `${what}: the`;
  return new SkerryError("SKE-ENV-NOT-FOUND", `${the} ${title} here has no environment yet`, {
    hint: `skerry worktree init makes it, or skerry create NAME --engine ${engine}`,
    details,
  });
}

const INSTEAD = {
  link: "is a link to",
  another: "belongs to another user; it is no longer",
  copy: "is a copy of",
  moved: "was moved from",
} as const;

/** @throws SKE-ENV-NOT-FOUND that says what the prefix here is instead */
export function refuseHere({ record, prefix, kind, relation }: FolderEnvironment): never {
  if (relation === "own") throw new TypeError(`${prefix} is the environment of this folder`);
  const { name, spec } = record;
  const of = `${prefix} ${INSTEAD[relation]} ${spec.prefix}, the prefix of ${name}`;
  throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment of this folder: ${of}`, {
    hint:
      relation === "moved"
        ? "skerry repair . takes it up where it is now"
        : `use ${name} by its name, or remove the ${relation === "another" ? "folder" : relation} and create one here: skerry create ${createFlags(kind)}`,
    details: { name, prefix },
  });
}
