import { FACET_NAMES } from "../../core/engine.ts";
import { environment } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { alignColumns } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry show ENVIRONMENT` */
export default {
  summary: "Show all about an environment",
  operands: [environment],
  options: {
    history: {
      type: "boolean",
      description: "Show the states that its packages had, which undo and restore lead to",
    },
  },
  examples: [
    ["skerry show web", "Show its Python, its place, its packages and what it can do"],
    ["skerry show web --history", "Show how its packages came to be what they are"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name } = invocation;
  const skerry = await library.open();
  const environment = await skerry.open(name);
  if (invocation.flag("history")) {
    const { tellHistory } = await import("../output/package-change.ts");
    await tellHistory(output, environment);
    return 0;
  }
  const { describeDrift, fullOnly } = await import("../../index.ts");
  const { nameProcess } = await import("../../platform/identity.ts");
  const { endOf } = await import("../output/end-of-life.ts");
  const { record } = environment;
  const layers = environment.facet("layers");
  const target = layers.ok ? layers.use.target.identity : undefined;
  const packages = layers.ok ? await environment.packages.list() : [];
  const only = fullOnly(packages);
  const drift = await environment.packages.drift();
  const version = target ? target.version : await skerry.pythonVersion(record);
  const { state, problems } = await environment.inspect();
  const processes = await environment.processes();
  const facets = Object.fromEntries(FACET_NAMES.map((one) => [one, describe(environment.facet(one))]));
  output.result({ environment: record, facets, packages, processes, problems, drift }, () => {
    const rows = [
      ["name", record.name],
      ["id", record.id],
      ["status", record.status],
      ["engine", layers.ok ? `${record.engine}, ${record.spec.mode}` : record.engine],
      ...(only ? [["full for", `${only.name} ${only.version}, which ${only.why}`]] : []),
      ["python", target ? `${version}, ${target.interpreter}` : (version ?? record.spec.python ?? "default")],
      ["place", record.place],
      ...(layers.ok ? [["prefix", layers.use.prefix]] : []),
      ["created", new Date(record.createdAt).toISOString()],
      ["used", new Date(record.usedAt).toISOString()],
      ["goes", endOf(record)],
      ...(record.spec.secrets ? [["secrets", record.spec.secrets.join(", ")]] : []),
      // Those of other tools aren't known here, and "no layers" says why.
      ...(layers.ok
        ? [["packages", packages.map((one) => `${one.name} ${one.version ?? ""}`.trim()).join(", ") || "none"]]
        : []),
      ["running", processes.map((one) => `${nameProcess(one.ref)} ${one.command.join(" ")}`).join(", ") || "nothing"],
      ...Object.entries(facets).flatMap(([facet, { ok, reason }]) => (ok ? [] : [[`no ${facet}`, reason ?? ""]])),
      ...problems.map((problem) => [state === "unknown" ? "unknown" : "problem", problem]),
      ...describeDrift(drift).map((line) => ["drift", line]),
    ];
    output.print(...alignColumns(rows));
  });
  return 0;
}

function describe(facet: { readonly ok: boolean; readonly reason?: string; readonly hint?: string }) {
  const { ok, reason, hint } = facet;
  return { ok, ...(reason === undefined ? {} : { reason }), ...(hint === undefined ? {} : { hint }) };
}
