import { formatDuration, formatSize } from "../../core/units.ts";
import { engine } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry ls` */
export default {
  summary: "List environments",
  operands: [],
  options: {
    cached: { type: "boolean", description: "List the cached environments behind skerry run" },
    engine: { ...engine, description: "Only those of this engine" },
  },
  examples: [["skerry ls", "List all environments"]],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library } = invocation;
  if (invocation.flag("cached")) return listCached(invocation);
  const engine = invocation.text("engine");
  const skerry = await library.open();
  const { endOf, NEVER } = await import("../output/end-of-life.ts");
  const list = (await skerry.list()).filter((record) => engine === undefined || record.engine === engine);
  // What only people are told, each environment is asked for.
  const versions = output.json ? [] : await Promise.all(list.map((record) => skerry.pythonVersion(record)));
  output.result({ environments: list }, () => {
    if (list.length === 0) {
      output.say(
        engine === undefined ? "no environments; skerry create makes one" : `no environments of engine ${engine}`,
      );
    }
    const now = Date.now();
    const showsEnd = list.some((record) => endOf(record) !== NEVER);
    output.table(
      ["NAME", "ENGINE", "PYTHON", "STATUS", "AGE", ...(showsEnd ? ["GOES"] : []), "ID"],
      list.map((record, n) => [
        record.name,
        record.engine,
        versions[n] ?? record.spec.python ?? "default",
        record.status,
        formatDuration(Math.max(0, now - record.createdAt)),
        ...(showsEnd ? [endOf(record)] : []),
        record.id,
      ]),
    );
  });
  return 0;
}

async function listCached(invocation: Invocation): Promise<number> {
  const { output, library } = invocation;
  const engine = invocation.text("engine");
  const skerry = await library.open();
  const [{ endOf, NEVER }, { nameProcess }] = await Promise.all([
    import("../output/end-of-life.ts"),
    import("../../platform/identity.ts"),
  ]);
  const list = (await skerry.listCached()).filter((one) => engine === undefined || one.engine === engine);
  output.result({ environments: list }, () => {
    if (list.length === 0) output.say("no cached environments; skerry run --with makes them");
    const now = Date.now();
    // Those of a run that failed, and that were to be kept then.
    const showsEnd = list.some((record) => endOf(record) !== NEVER);
    output.table(
      ["ID", "PYTHON", "PACKAGES", "SIZE", "LAST USED", ...(showsEnd ? ["GOES"] : []), "RUNNING"],
      list.map((one) => [
        one.id,
        one.version ?? "",
        [...one.spec.packages.requirements, ...one.spec.packages.files.map((file) => `-r ${file}`)].join(" "),
        formatSize(one.bytes),
        `${formatDuration(Math.max(0, now - one.usedAt))} ago`,
        ...(showsEnd ? [endOf(one)] : []),
        one.running.map(({ ref }) => nameProcess(ref)).join(" "),
      ]),
    );
  });
  return 0;
}
