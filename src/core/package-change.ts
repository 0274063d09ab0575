import type { Lock } from "./lock.ts";

/** What moved the packages of an environment; its creation begins their history. */
export const PACKAGE_OPERATIONS = [
  "create",
  "install",
  "uninstall",
  "sync",
  "update",
  "adopt",
  "undo",
  "redo",
  "restore",
  "repair",
] as const;
export type PackageOperation = (typeof PACKAGE_OPERATIONS)[number];

/** A requirement line that was changed so that it fits the others. */
export interface RelaxedRequirement {
  readonly from: string;
  readonly to: string;
}

/** A package in one version; null where only a build tells it. */
export interface PackageVersion {
  readonly name: string;
  readonly version: string | null;
}

/** A package that is there in another version than before; null where only a build tells it. */
export interface VersionChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What a change of packages did. */
export interface PackageChange {
  readonly added: readonly PackageVersion[];
  readonly removed: readonly PackageVersion[];
  readonly changed: readonly VersionChange[];
  /** What was asked for in another way than it was given; absent where nothing was. */
  readonly relaxed?: readonly RelaxedRequirement[];
}

/** What leads from one lock to another. */
export function changeBetween(from: Lock, to: Lock): PackageChange {
  const versions = (lock: Lock) => new Map(lock.packages.map((one) => [one.name, one.version]));
  const before = versions(from);
  const after = versions(to);
  return {
    added: [...after].filter(([name]) => !before.has(name)).map(([name, version]) => ({ name, version })),
    removed: [...before].filter(([name]) => !after.has(name)).map(([name, version]) => ({ name, version })),
    changed: [...after].flatMap(([name, to]) => {
      const from = before.get(name);
      return from === undefined || from === to ? [] : [{ name, from, to }];
    }),
  };
}

/** `click 8.1`, or `click 8.0 → 8.1` */
export function versionText(one: PackageVersion | VersionChange): string {
  return "version" in one ? `${one.name} ${one.version ?? "?"}` : `${one.name} ${one.from ?? "?"} → ${one.to ?? "?"}`;
}
