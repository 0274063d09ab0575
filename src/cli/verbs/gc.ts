import { SkerryError } from "../../core/error.ts";
import { formatDuration, formatSize } from "../../core/units.ts";
import type { Collected, CollectionReport } from "../../index.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry gc` */
export default {
  summary: "Remove what nobody uses: cached environments, and packages that no environment has",
  operands: [],
  options: {
    "dry-run": { type: "boolean", short: "n", description: "Only list what would go, why, and what that frees" },
    "max-age": {
      type: "string",
      value: "TIME",
      description: "Take what wasn't used for this long, such as 12h or 7d (otherwise cache_max_age, 30d)",
    },
    "max-size": {
      type: "string",
      value: "SIZE",
      description: "And the least recently used until the rest is no larger, such as 10G (otherwise cache_max_size)",
    },
    all: { type: "boolean", description: "Take everything that isn't in use now, whatever its age" },
  },
  examples: [
    ["skerry gc --dry-run", "List what would go"],
    ["skerry gc --max-age 7d --max-size 10G", "Remove what wasn't used for a week, and more until 10 GiB are left"],
  ],
  run,
} satisfies Verb;

const WHY = {
  age: "not used lately",
  size: "beyond the size limit",
  expired: "its time has come",
  replaced: "replaced by a newer one",
  unrecorded: "belongs to no environment",
} as const satisfies Record<Collected["why"], string>;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const maxAge = invocation.duration("max-age");
  const maxSize = invocation.size("max-size");
  const all = invocation.flag("all");
  if (all && maxAge !== undefined) {
    throw new SkerryError("SKE-USAGE", "--all and --max-age exclude each other", {
      hint: "give one of them: --all takes everything that isn't in use, whatever its age",
    });
  }
  const limits = { maxAgeMs: all ? 0 : maxAge, maxBytes: maxSize };
  const report = await (await library.open()).gc({ ...limits, dryRun: invocation.flag("dry-run"), signal });
  output.result({ ...report }, () => {
    const now = Date.now();
    output.table(
      ["KIND", "NAME", "LAST USED", "WHY", "FREES"],
      report.collected.map(({ kind, name, usedAt, why, bytes }) => [
        kind,
        name,
        `${formatDuration(Math.max(0, now - usedAt))} ago`,
        all && why === "age" ? "not in use" : WHY[why],
        formatSize(bytes),
      ]),
    );
    for (const { kind, name, reason } of report.skipped) output.say(`kept the ${kind} ${name}: it ${reason}`);
    output.say(summary(report));
  });
  return 0;
}

function summary({ dryRun, collected, bytes }: CollectionReport): string {
  if (collected.length === 0) return "nothing to collect";
  return `${dryRun ? "would free" : "freed"} ${formatSize(bytes)}`;
}
