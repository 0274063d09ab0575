import { readFileSync } from "node:fs";
import { EVENT_KINDS } from "../../src/core/event.ts";
import { at } from "../tasks/command.ts";

const SOURCE = "src/core/event.ts";

/** docs/reference/events.md, from the kinds of events and the types of their data. */
export function render(): Record<string, string> {
  const types = dataTypes(readFileSync(at(SOURCE), "utf8"));
  const sections = Object.entries(EVENT_KINDS).map(([kind, sentence]) => {
    const fields = types[kind]?.map(({ name, type }) => `| \`${name}\` | \`${type}\` |`) ?? [];
    if (fields.length === 0) throw new Error(`${SOURCE} has no data for ${kind} that can be read`);
    return `## ${kind}\n\n${sentence}\n\n| \`data\` | type |\n|---|---|\n${fields.join("\n")}\n`;
  });
  const text = `# Events

Made from \`${SOURCE}\` by \`npm run docs\`.

An event is a fact, told after it happened; a listener can't make the operation fail. Every event has \`kind\`, \`time\`
(milliseconds since 1970) and \`data\`; \`environment\` (\`id\` and \`name\`) where it is about one, and \`durationMs\` where
that means something. Events are kept in the ledger for a limited time.

${sections.join("\n")}`;
  return { "docs/reference/events.md": text };
}

/** The fields of each member of the interface EventData, a `name?` being optional. */
function dataTypes(source: string): Record<string, { name: string; type: string }[]> {
  const body = /interface EventData \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  const members = [...body.matchAll(/"([^"]+)": \{([^}]*)\}/g)];
  return Object.fromEntries(
    members.map(([, kind = "", fields = ""]) => [
      kind,
      [...fields.matchAll(/readonly (\w+\??): ([^;}]+?)\s*(?:;|$)/g)].map(([, name = "", type = ""]) => ({
        name,
        type,
      })),
    ]),
  );
}
