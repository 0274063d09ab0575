import { lt } from "@renovatebot/pep440";
import type { Pinned } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import type { Lock } from "../../core/lock.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";

/** A package that doesn't work through a layer, and why. */
export interface FullOnly {
  readonly name: string;
  readonly version: string;
  /** Completes "it …". */
  readonly why: string;
}

/** Packages that don't work as they should where they, or others, are read through a layer; `before`: only older versions. */
const FULL_ONLY: Readonly<Record<string, { readonly before?: string; readonly why: string }>> = {
  coverage: { before: "7.14", why: "measures packages that lie outside of the prefix" },
  "dbt-core": { why: "copies read-only folders of its package into projects" },
  ddtrace: { why: "takes packages that lie outside of the prefix for code of yours" },
  pex: { why: "takes no packages that lie outside of the prefix" },
};

/** The first of these packages that needs an environment which has its packages as files of its own. */
export function fullOnly(
  packages: readonly { readonly name: string; readonly version: string | null }[],
): FullOnly | undefined {
  for (const { name, version } of packages) {
    const known = Object.hasOwn(FULL_ONLY, name) ? FULL_ONLY[name] : undefined;
    if (known && (known.before === undefined || (version !== null && lt(version, known.before))))
      return { name, version: version ?? "", why: known.why };
  }
  return undefined;
}

/** What holds a package that doesn't work through a layer is made full, whatever was asked for. */
export function fitted<
  P extends { readonly spec: EnvironmentSpec; readonly pinned: Pinned; readonly lock: Lock | undefined },
>(prepared: P): P {
  const { spec, pinned, lock } = prepared;
  if (spec.mode === "full" || !lock || !fullOnly(lock.packages)) return prepared;
  return {
    ...prepared,
    spec: { ...spec, mode: "full" },
    pinned: { ...pinned, spec: { ...pinned.spec, mode: "full" } },
  };
}

/** Refuses a package that comes into a thin environment and needs a full one. @throws SKE-USAGE */
export function refuseFullOnly(
  environment: string,
  packages: Parameters<typeof fullOnly>[0],
  before: Parameters<typeof fullOnly>[0],
): void {
  const had = new Set(before.map(({ name, version }) => `${name} ${version}`));
  const found = fullOnly(packages.filter(({ name, version }) => !had.has(`${name} ${version}`)));
  if (found === undefined) return;
  const { name, version, why } = found;
  throw new SkerryError(
    "SKE-USAGE",
    `${name} ${version} needs a full environment, and ${environment} is thin: it ${why}`,
    {
      hint: `make a full one like it: skerry clone ${environment} NEW --full`,
      details: { package: name, version },
    },
  );
}
