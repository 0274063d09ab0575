import { EMPTY_LOCK } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { asksForPackages, type RequirementsSpec } from "../../core/spec.ts";
import { addForced } from "../../packages/forced.ts";
import { treesFolder } from "../../store/tree.ts";
import type { Context } from "../context.ts";
import { homeOf } from "./home.ts";
import type { Locked, NextPackages } from "./install.ts";
import { resolvePackages } from "./resolve.ts";
import { refuseAbsent, removeRoots, rootNames } from "./roots.ts";

/**
 * Resolves the packages of an environment without some that it has. Changes nothing.
 * @param force leave out also what others require
 * @throws SKE-PKG-NOT-FOUND, SKE-PKG-REQUIRED
 */
export async function resolveUninstall(
  context: Context,
  { record, lock }: Locked,
  { remove, force = false }: { readonly remove: readonly string[]; readonly force?: boolean | undefined },
  op: Operation,
): Promise<NextPackages> {
  refuseAbsent(lock, remove, "remove", record.name);
  const refuse = async (still: string) => {
    const { requiredError } = await import("./required.ts");
    return requiredError(context, { record, lock }, remove, still);
  };
  const asked = rootNames(lock);
  const unasked = force ? undefined : remove.find((name) => !asked.has(name));
  if (unasked !== undefined) throw await refuse(unasked);
  const packages = removeRoots(lock, record.spec.packages.constraints, remove);
  const rest = { constraints: packages.constraints, asked: [...(force ? ["--force"] : []), ...remove].join(" ") };
  if (!asksForPackages(packages)) return { lock: { ...EMPTY_LOCK, installer: lock.installer }, ...rest };
  const { target } = homeOf(context, record);
  const resolveWith = async (some: RequirementsSpec) => {
    const attempt = (offline: boolean) =>
      resolvePackages(
        context,
        { target, spec: { ...record.spec, packages: some } },
        { preferences: lock, offline },
        op,
      );
    // All of it was installed before, so the installer's cache usually knows enough.
    return (await attempt(true).catch(() => attempt(false))).lock;
  };
  // Constraints may say something else than when the lock was made.
  const isPlain = packages.constraints.length === 0 && !packages.forced;
  const { remainderOf } = await import("../../packages/remainder.ts");
  const left = isPlain ? remainderOf(lock, packages.requirements, target, treesFolder(context.paths)) : undefined;
  const next = left ?? (await resolveWith(packages));
  const required = remove.filter((name) => next.packages.some((one) => one.name === name));
  const [still] = required;
  if (still === undefined) return { lock: next, ...rest };
  if (force) {
    const forced = addForced(packages.forced, { without: required });
    return { lock: await resolveWith(forced ? { ...packages, forced } : packages), ...rest };
  }
  throw await refuse(still);
}
