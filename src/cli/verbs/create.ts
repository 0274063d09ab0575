import { CLEANUPS } from "../../core/environment.ts";
import { LINK_MODES } from "../../core/spec.ts";
import {
  cleanup,
  conflicts,
  dryRun,
  engine,
  installation,
  modes,
  python,
  requirements,
  secret,
  systemSite,
  withRequirement,
} from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { sourceFlags, specOptions } from "../invocation/spec-options.ts";
import type { Verb } from "../verb.ts";

/** `skerry create [NAME]` */
export default {
  summary: "Create an environment that is kept",
  operands: [{ name: "NAME", description: "A name for the environment", optional: true }],
  options: {
    engine,
    python,
    with: withRequirement,
    ...requirements,
    ...modes,
    link: { type: "string", value: "HOW", description: "How package files come from the store", choices: LINK_MODES },
    ...installation,
    ...conflicts,
    "dry-run": dryRun,
    "system-site-packages": systemSite,
    "env-home": {
      type: "boolean",
      description: "Give its programs a home folder of the environment instead of yours",
    },
    prefix: {
      type: "string",
      value: "DIR",
      description: "Put the Python prefix here, such as .venv",
      complete: "folder",
    },
    env: {
      type: "string",
      multiple: true,
      value: "NAME=VALUE",
      description: "Set this variable for all that runs in it; kept as plain text in a file that only you can read",
    },
    secret,
    cleanup: { ...cleanup, description: "Whether it goes when your shell or script ends" },
    ttl: { type: "string", value: "TIME", description: "Remove it this long after its creation (2h, 7d)" },
    idle: { type: "string", value: "TIME", description: "Remove it this long after its last use (30m, 30d)" },
  },
  examples: [
    ["skerry create try --with numpy --ttl 2h", "Create one that goes by itself after two hours"],
    ["skerry create web --python 3.12 --with django", "Create an environment with a package"],
    ["skerry create api --secret API_TOKEN", "Create one that needs a variable of yours, and doesn't keep it"],
    ["skerry create app -r requirements.txt --prefix .venv", "Create one where editors look for it"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { operands, output, library, signal } = invocation;
  const { tellPlan, tellRelaxed } = await import("../output/package-change.ts");
  const { fullOnly } = await import("../../index.ts");
  const asked = specOptions(invocation);
  const [name] = operands;
  const skerry = await library.open(sourceFlags(invocation));
  const options = {
    ...asked,
    overrides: [...invocation.texts("override")],
    name,
    engine: invocation.text("engine"),
    home: invocation.flag("env-home") ? ("own" as const) : undefined,
    prefix: invocation.text("prefix"),
    link: invocation.choice("link", LINK_MODES),
    variables: invocation.pairs("env"),
    // What is made for a shell or script goes with it: the process that started this one.
    owner: process.ppid,
    cleanup: invocation.choice("cleanup", CLEANUPS),
    ttlMs: invocation.duration("ttl"),
    idleMs: invocation.duration("idle"),
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
  const only = asked.mode === "thin" && !output.json ? fullOnly(await environment.packages.list()) : undefined;
  output.result({ environment: environment.record, ...(relaxed.length > 0 ? { relaxed } : {}) }, () => {
    tellRelaxed(output, relaxed);
    if (only) output.say(`it is full, not thin: ${only.name} ${only.version} ${only.why}`);
    output.print(environment.name);
    output.say(`created; run something in it with: skerry exec ${environment.name} -- python`);
  });
  return 0;
}
