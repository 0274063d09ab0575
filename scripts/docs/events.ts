import { EVENT_KINDS } from "../../src/core/event.ts";
import { eventData } from "../../src/core/schemas/events.ts";
import { factsOf, jsonSchemas } from "../tasks/json-facts.ts";

/** docs/reference/events.md, from the kinds of events and the schemas of their data. */
export function render(): Record<string, string> {
  const schemas = jsonSchemas(eventData.unwrap().shape, "output");
  const sections = Object.entries(EVENT_KINDS).map(([kind, sentence]) => {
    const [, ...facts] = factsOf({ [kind]: schemas[kind]! }).map((fact) => fact.slice(kind.length + 1).split(": "));
    const fields = facts.map(([name, type]) => `| \`${name}\` | \`${type}\` |`);
    return `## ${kind}\n\n${sentence}\n\n| \`data\` | type |\n|---|---|\n${fields.join("\n")}\n`;
  });
  const text = `# Events

Made from \`src/core/event.ts\` and its schemas by \`npm run docs\`. [JSON](json.md) says what the types are made of.

An event is a fact, told after it happened; a listener can't make the operation fail. Every event has \`seq\` (its number, which grows), \`kind\`,
\`time\` (milliseconds since 1970) and \`data\`; \`environment\` (\`id\` and \`name\`) where it is about one, and \`durationMs\` where
that means something. Events are kept in the ledger for a limited time.

${sections.join("\n")}`;
  return { "docs/reference/events.md": text };
}
