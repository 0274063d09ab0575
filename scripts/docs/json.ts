import { existsSync, readFileSync } from "node:fs";
import { FAILURE, HELP, RESULTS } from "../../src/core/schemas/results.ts";
import { CREATE_OPTIONS, HOOK_CHANGES, INSTALL_REQUEST, LABELS } from "../../src/environments/schemas.ts";
import { at } from "../tasks/command.ts";
import type { Pages } from "../tasks/docs.ts";
import { formatJson } from "../tasks/format-json.ts";
import { breaking, factsOf, type JsonSchema, jsonSchemas } from "../tasks/json-facts.ts";

/** The facts that programs may rely on. What is gone from the schemas stays here until somebody deletes it. */
export const BASELINE = "tests/project/baselines/json.txt";

const INPUTS = { CreateOptions: CREATE_OPTIONS, InstallRequest: INSTALL_REQUEST, Labels: LABELS, ...HOOK_CHANGES };
const OUTPUTS = { ...RESULTS, "--help": HELP, "a failure": FAILURE };

/** docs/reference/json.md, the JSON Schemas beside it, and what is recorded of them. */
export function render(): Pages {
  const $defs = jsonSchemas(OUTPUTS, "output");
  const documents = Object.entries(Object.groupBy(Object.keys(OUTPUTS), (title) => nameIn($defs, title))) as [
    string,
    string[],
  ][];
  const shared = Object.keys($defs).filter((name) =>
    documents.every(([own, titles]) => own !== name && !titles.includes(name)),
  );
  const section = (heading: string, name: string) =>
    `### ${heading}\n\n\`\`\`text\n${shown(name, $defs[name]!).join("\n")}\n\`\`\`\n`;
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "What skerry prints with --json",
    $defs,
  };
  const page = `# JSON

Made from \`src/core/schemas/\` by \`npm run docs\`.

With \`--json\` a command prints one JSON document on one line, \`events --follow\` one for each event. Programs may rely on what
stands here: while \`schema\` is 1, members are added, and none is removed, renamed or given another type. So pass over members
that you don't know. [json.schema.json](json.schema.json) says the same as JSON Schema, below \`$defs\`.

A \`?\` stands behind what may be absent, \`[]\` for each of a list, \`*\` for each of a table. Times are milliseconds since 1970,
durations are milliseconds, sizes are bytes.

## Documents

${documents.map(([name, titles]) => section(titles.join(", "), name)).join("\n")}
## Parts of documents

${shared
  .toSorted()
  .map((name) => section(name, name))
  .join("\n")}`;
  return {
    "docs/reference/json.md": page,
    "docs/reference/json.schema.json": `${formatJson(schema)}\n`,
    [BASELINE]: recordedWith(presentFacts()),
  };
}

/** The name that the schema of a document has where several commands print such. */
function nameIn($defs: Readonly<Record<string, JsonSchema>>, title: string): string {
  return $defs[title]?.$ref?.split("/").at(-1) ?? title;
}

/** What the schemas say now: of documents, of events, and of what the library and hooks are given. */
export function presentFacts(): string[] {
  return [...factsOf(jsonSchemas(OUTPUTS, "output")), ...factsOf(jsonSchemas(INPUTS, "input"))];
}

/** What was recorded. */
export function recordedFacts(): string[] {
  return existsSync(at(BASELINE)) ? readFileSync(at(BASELINE), "utf8").trimEnd().split("\n") : [];
}

/** What breaks programs that keep to what was recorded. */
export function breakingFacts(
  recorded: readonly string[] = recordedFacts(),
  present: readonly string[] = presentFacts(),
) {
  return breaking(recorded, present, Object.keys(INPUTS));
}

/** The record with what is new and harms nobody. */
function recordedWith(present: readonly string[]): string {
  const recorded = recordedFacts();
  const { demanded } = breakingFacts(recorded, present);
  const all = new Set([...recorded, ...present.filter((fact) => !demanded.includes(fact))]);
  return `${[...all].toSorted((a, b) => (a < b ? -1 : 1)).join("\n")}\n`;
}

/** The facts of one schema without its name before each, the values of a choice on one line. */
function shown(name: string, schema: JsonSchema): string[] {
  const facts = factsOf({ [name]: schema });
  const choices = Map.groupBy(
    facts.filter((fact) => fact.includes(" = ")),
    (fact) => fact.slice(0, fact.indexOf(" = ")),
  );
  const [whole = "", ...members] = facts
    .filter((fact) => !fact.includes(" = "))
    .map((fact) => {
      const path = fact.slice(0, fact.indexOf(": "));
      const values = choices.get(path)?.map((one) => one.slice(path.length + 3)) ?? [];
      const text = values.length > 0 ? fact.replace("one of", values.join(" | ")) : fact;
      return text.slice(name.length).replace(/^(\.|: )/, "");
    });
  return members.length > 0 ? members : [whole];
}
