import type { Credentials } from "../../core/credentials.ts";
import { SkerryError } from "../../core/error.ts";
import type { RequirementsSpec } from "../../core/spec.ts";

/** What is asked for as it may be told and kept: the passwords in its addresses are remembered for this process alone. */
export function withoutSecrets(packages: RequirementsSpec, credentials: Credentials): RequirementsSpec {
  const hide = (lines: readonly string[]) => lines.map((line) => credentials.hide(line));
  const { requirements, files, constraints, forced } = packages;
  return {
    ...packages,
    requirements: hide(requirements),
    files: hide(files),
    constraints: hide(constraints),
    ...(forced ? { forced: { ...forced, ...(forced.overrides ? { overrides: hide(forced.overrides) } : {}) } } : {}),
  };
}

/** The error of a resolution, with a hint where something was asked for earlier with a password, which isn't kept. */
export function withAccessHint(error: unknown, asked: RequirementsSpec, credentials: Credentials): unknown {
  const isAccess = error instanceof SkerryError && /^SKE-(NETWORK|TOOL|PKG-(NOT-FOUND|REQUIREMENT))$/.test(error.code);
  const lines = [...asked.requirements, ...asked.files, ...asked.constraints];
  const bare = isAccess && lines.find((line) => credentials.lacks(line));
  if (!bare) return error;
  return new SkerryError(error.code, error.message, {
    hint: `${bare} was asked for with a password, which isn't kept: install it again with that, or put it into ~/.netrc`,
    details: { ...error.details, requirement: bare },
    cause: error,
  });
}
