import type { Lock } from "./lock.ts";

/** What moved the packages of an environment; its creation begins their history. */
export type PackageOperation =
  | "create"
  | "install"
  | "uninstall"
  | "sync"
  | "update"
  | "adopt"
  | "undo"
  | "redo"
  | "restore"
  | "repair";

/** A requirement line that was changed so that it fits the others. */
export interface RelaxedRequirement {
  readonly from: string;
  readonly to: string;
}

/** What a change of packages did: `name version` lines. */
export interface PackageChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `name old → new` */
  readonly changed: readonly string[];
  /** What was asked for in another way than it was given; absent where nothing was. */
  readonly relaxed?: readonly RelaxedRequirement[];
}

/** What leads from one lock to another. */
export function changeBetween(from: Lock, to: Lock): PackageChange {
  const versions = (lock: Lock) => new Map(lock.packages.map((one) => [one.name, one.version ?? "?"]));
  const before = versions(from);
  const after = versions(to);
  return {
    added: [...after].filter(([name]) => !before.has(name)).map(([name, version]) => `${name} ${version}`),
    removed: [...before].filter(([name]) => !after.has(name)).map(([name, version]) => `${name} ${version}`),
    changed: [...after].flatMap(([name, version]) =>
      before.has(name) && before.get(name) !== version ? [`${name} ${before.get(name)} → ${version}`] : [],
    ),
  };
}
