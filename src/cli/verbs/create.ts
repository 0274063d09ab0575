import { CLEANUPS } from "../../core/environment.ts";
import { LINK_MODES } from "../../core/spec.ts";
import { fullOnly } from "../../environments/packages/full-only.ts";
import type { LifeOptions } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import { tellPlan, tellRelaxed } from "../package-change.ts";
import { sourceFlags, specOptions } from "../spec-options.ts";

/** `skerry create [NAME]` */
export default async function create(invocation: Invocation): Promise<number> {
  const { operands, output, library, signal } = invocation;
  const asked = specOptions(invocation);
  const [name] = operands;
  const engine = invocation.text("engine");
  const prefix = invocation.text("prefix");
  const skerry = await library.open(sourceFlags(invocation));
  const overrides = invocation.texts("override");
  const options = {
    ...asked,
    ...(overrides.length > 0 ? { overrides: [...overrides] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(engine === undefined ? {} : { engine }),
    ...(invocation.flag("env-home") ? { home: "own" as const } : {}),
    ...(prefix === undefined ? {} : { prefix }),
    ...linkOf(invocation),
    variables: invocation.pairs("env"),
    ...lifeOf(invocation),
    resolve: invocation.flag("resolve"),
    keep: true,
    signal,
  };
  if (invocation.flag("dry-run")) {
    const plan = await skerry.plan(options);
    if (!plan.ok) throw plan.error;
    tellPlan(output, { name: name ?? "the environment" }, plan.change);
    return 0;
  }
  const environment = await skerry.create(options);
  const { relaxed } = environment;
  output.result({ environment: environment.record, ...(relaxed.length > 0 ? { relaxed } : {}) }, () => {
    tellRelaxed(output, relaxed);
    const only = asked.mode === "thin" ? fullOnly(environment.packages.list()) : undefined;
    if (only) output.say(`it is full, not thin: ${only.name} ${only.version} ${only.why}`);
    output.print(environment.name);
    output.say(`created; run something in it with: skerry exec ${environment.name} -- python`);
  });
  return 0;
}

/** What is made for a shell or script goes with it: the process that started this one. */
function lifeOf(invocation: Invocation): LifeOptions {
  const cleanup = invocation.choice("cleanup", CLEANUPS);
  const ttlMs = invocation.duration("ttl");
  const idleMs = invocation.duration("idle");
  return {
    owner: process.ppid,
    ...(cleanup === undefined ? {} : { cleanup }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(idleMs === undefined ? {} : { idleMs }),
  };
}

function linkOf(invocation: Invocation) {
  const link = invocation.choice("link", LINK_MODES);
  return link === undefined ? {} : { link };
}
