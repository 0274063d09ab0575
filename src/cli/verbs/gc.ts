import { SkerryError } from "../../core/error.ts";
import { formatDuration, formatSize } from "../../core/units.ts";
import type { Collected, CollectionReport } from "../../index.ts";
import type { Invocation } from "../invocation.ts";

const WHY = {
  age: "not used lately",
  size: "beyond the size limit",
  expired: "its time has come",
  replaced: "replaced by a newer one",
  unrecorded: "belongs to no environment",
} as const satisfies Record<Collected["why"], string>;

/** `skerry gc` */
export default async function gc(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const maxAge = invocation.duration("max-age");
  const maxSize = invocation.size("max-size");
  const all = invocation.flag("all");
  if (all && maxAge !== undefined) {
    throw new SkerryError("SKE-USAGE", "--all and --max-age exclude each other", {
      hint: "give one of them: --all takes everything that isn't in use, whatever its age",
    });
  }
  const limits = {
    maxAgeMs: all ? 0 : maxAge,
    ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
  };
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
