import { SkerryError } from "../../core/error.ts";
import { versionText } from "../../core/package-change.ts";
import { formatDuration, parseDuration } from "../../core/units.ts";
import type { PackageVersion, RecordedEvent, VersionChange } from "../../index.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { localTime } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry events` */
export default {
  summary: "Tell what happened",
  operands: [],
  options: {
    follow: { type: "boolean", short: "f", description: "Go on with what happens from now on" },
    since: {
      type: "string",
      value: "TIME",
      description: "Only the last 10m, 2h, 7d, or from a date such as 2026-05-31",
    },
    limit: { type: "string", short: "n", value: "NUMBER", description: "Only the newest so many (otherwise 50)" },
    environment: {
      type: "string",
      value: "ENVIRONMENT",
      description: "Only those of this environment",
      complete: "environment",
    },
  },
  examples: [
    ["skerry events --since 1h", "Tell what happened in the last hour"],
    ["skerry events --follow --json", "Print each event as a line of JSON when it happens"],
  ],
  run,
} satisfies Verb;

/** How many events are told when nothing says how many. */
const LIMIT = 50;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const since = sinceOf(invocation.text("since"));
  const limit = invocation.count("limit") ?? (since === undefined ? LIMIT : undefined);
  // By name or id, so that events of environments that are gone can be told too.
  const wanted = invocation.text("environment");
  const isWanted = ({ environment }: RecordedEvent) =>
    wanted === undefined || environment?.name === wanted || environment?.id === wanted;
  const skerry = await library.open();
  const all = await skerry.events.list({ since, limit: wanted === undefined ? limit : undefined });
  const after = all.at(-1)?.seq ?? 0;
  const matching = all.filter(isWanted);
  const past = limit === undefined ? matching : limit === 0 ? [] : matching.slice(-limit);
  if (!invocation.flag("follow")) {
    output.result({ events: past }, () => {
      if (past.length === 0) output.say(wanted === undefined ? "no events" : `no events of ${wanted}`);
      for (const event of past) output.print(describeEvent(event));
    });
    return 0;
  }
  const tell = (event: RecordedEvent) => output.result({ event }, () => output.print(describeEvent(event)));
  past.forEach(tell);
  for await (const event of skerry.events.follow({ after, signal })) if (isWanted(event)) tell(event);
  // Ctrl-C is how following ends.
  return 0;
}

/** `2026-05-31 12:00:00  environment.created  web  engine=virtualenv  1.2 s` */
export function describeEvent(event: RecordedEvent): string {
  const facts = Object.entries(event.data)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.map(textOf).join(",") : String(value)}`);
  const took = event.durationMs === undefined ? [] : [formatDuration(event.durationMs)];
  return [localTime(event.time), event.kind, event.environment?.name ?? "-", ...facts, ...took]
    .map((part) => part.replace(/[\x00-\x1f\x7f-\x9f]+/g, " "))
    .join("  ");
}

/** One of a list: packages of a change are objects. */
function textOf(one: string | PackageVersion | VersionChange): string {
  return typeof one === "string" ? one : versionText(one);
}

/** Milliseconds since 1970 of a duration before now, or of a date. */
function sinceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = Date.parse(/T|\d \d/.test(text) ? text.replace(" ", "T") : `${text}T00:00:00`);
    if (!Number.isNaN(time)) return time;
    throw new SkerryError("SKE-USAGE", `--since ${JSON.stringify(text.slice(0, 60))} is not a date`, {
      hint: "write it like 2026-05-31 or 2026-05-31T12:00",
    });
  }
  try {
    return Date.now() - parseDuration(text);
  } catch (error) {
    throw new SkerryError(
      "SKE-USAGE",
      `--since ${JSON.stringify(text.slice(0, 60))} is neither a duration nor a date`,
      {
        hint: "write it like 30m, 2h, 7d or 2026-05-31",
        cause: error,
      },
    );
  }
}
