import type { Engine, Pinned } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { EnvironmentSpec, RuleName } from "../core/spec.ts";

/** What each rule is called, and whether a spec asks by it for more than an environment without rules has. */
const RULES: { readonly [K in RuleName]: { readonly called: string; asks(rule: EnvironmentSpec[K]): boolean } } = {
  limits: { called: "limits", asks: (limits = {}) => Object.values(limits).some((value) => value !== undefined) },
  network: { called: "a rule for the network", asks: (network = "full") => network !== "full" },
  security: { called: "a security template", asks: (security = "open") => security !== "open" },
  ports: { called: "ports of its own", asks: (ports = []) => ports.length > 0 },
};

/** {@link Engine.pin} of a spec that the engine can hold an environment to. @throws SKE-FACET-ABSENT, SKE-USAGE and what that does */
export async function pinHeld(engine: Engine, spec: EnvironmentSpec, op: Operation): Promise<Pinned> {
  await refuseUnheld(engine, spec);
  return await engine.pin(spec, op);
}

/**
 * Refuses a spec with rules that its engine can't hold an environment to, or with options that the engine hasn't got: a
 * rule that is let pass in silence protects nobody.
 * @throws SKE-FACET-ABSENT, SKE-USAGE
 */
async function refuseUnheld(engine: Engine, spec: EnvironmentSpec): Promise<void> {
  const unheld = (Object.keys(RULES) as RuleName[]).find(
    (name) => RULES[name].asks(spec[name] as never) && !engine.holds?.includes(name),
  );
  if (unheld !== undefined) {
    const what = `${spec.name} can't be given ${RULES[unheld].called}: the engine ${engine.name} can't enforce that`;
    throw new SkerryError("SKE-FACET-ABSENT", what, { hint: `leave ${unheld} out, or choose another engine` });
  }
  if (spec.options === undefined) return;
  const checked = (await engine.options?.())?.safeParse(spec.options);
  if (checked?.success) return;
  const issue = checked?.error.issues[0];
  const where = ["options", ...(issue?.path ?? [])].join(".");
  throw new SkerryError("SKE-USAGE", `${where}: ${issue?.message ?? `the engine ${engine.name} has none`}`, {
    hint: "leave it out, or see the documentation of the engine",
  });
}
