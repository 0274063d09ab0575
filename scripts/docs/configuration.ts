// Renders docs/reference/configuration.md and the JSON Schema beside it from the table of keys.

import { jsonSchema } from "../../src/config/json-schema.ts";
import { CONFIG_KEYS, flagOf, variableOf } from "../../src/config/keys.ts";
import { factsOf, LIMITS } from "../../src/config/schema.ts";
import { toToml } from "../../src/config/values.ts";
import { formatJson } from "../tasks/format-json.ts";

const PAGE = "docs/reference/configuration.md";
const SCHEMA = "docs/reference/skerry.schema.json";

/** The generated files by path, relative to the repository's root. */
export function render(): Record<string, string> {
  const schema = jsonSchema();
  return { [PAGE]: page(schema), [SCHEMA]: `${formatJson(schema)}\n` };
}

function page(schema: Record<string, unknown>): string {
  const allowed = schema.properties as Record<string, JsonSchema>;
  return `# Configuration

Skerry needs no configuration. What a project or a user wants otherwise is set in a file, a variable or a flag.

A project's own file is \`skerry.toml\`:

\`\`\`toml
${["python", "requirements", "requirements_files", "timeout"].map((key) => exampleOf(key as "python")).join("\n")}
\`\`\`

or a table in the project's \`pyproject.toml\`:

\`\`\`toml
[tool.skerry]
${["python", "requirements"].map((key) => exampleOf(key as "python")).join("\n")}
\`\`\`

[skerry.schema.json](skerry.schema.json) is its JSON Schema, for editors. A key or value that isn't listed here is an
error, with the file, the line and the nearest key.

## Sources

Each key takes the whole value of the first source that sets it; lists and tables aren't joined. Only packages,
requirements files and variables of the command line come in addition.

1. The command line: \`--python 3.12\`. Each command lists its flags in \`--help\`.
2. A variable: \`SKERRY_PYTHON=3.12\`. An empty one counts as not set. A list has one entry a line; yes is \`1\`, \`true\`,
   \`yes\` or \`on\`, no is \`0\`, \`false\`, \`no\` or \`off\`. A \`SKERRY_\` variable that Skerry doesn't know gives a warning.
3. The project's \`skerry.toml\`.
4. \`[tool.skerry]\` of the \`pyproject.toml\` in the same folder, for keys that \`skerry.toml\` doesn't set. The file counts
   only if it has the text \`tool.skerry\`.
5. The user's file: \`$XDG_CONFIG_HOME/skerry/config.toml\`, by default \`~/.config/skerry/config.toml\`.
6. The default.

Relative paths in a file are taken from the file's folder, in variables and flags from the working folder; \`~/\` is the
home folder. Nothing else is expanded. Durations are written \`30s\`, \`10m\`, \`1h30m\`, \`7d\`; a bare number is in seconds.

The project's file is looked for in the working folder, then in each folder above it, and the first folder that has one
is the project. The search ends

- at the root of a git repository, which is still looked at,
- below the home folder, unless it is such a root itself, below a folder that several users share (with the sticky bit, as
  \`/tmp\` has), and where a folder of yours lies in somebody else's: that one is looked at only if it is the working folder,
- at the border of a file system.

\`.python-version\` and the files that name tasks are looked for in the same folders. Each has to be a regular file of yours,
no larger than such a file may be, and as a link it may not lead out of the project. \`SKERRY_NO_CONFIG=1\` leaves all of
them out, and the shell hook then asks for no change by them.

## Trust

A project that was just fetched must not be able to run programs or redirect what is downloaded and written. Until you run
\`skerry trust\`, its own files may set only what is marked safe below; if they set anything else, nothing is applied and
the command ends with [SKE-CONFIG-UNTRUSTED](errors.md). What is marked as yours alone is about your machine, beyond the
project: its files never set it, trusted or not. Such a line is left out, with a warning.

What you trust are the unsafe values that the files set, in this place of this repository, among them the lines of
requirements files that do more than to name packages: other indexes, URLs, paths, options. Equal values are trusted in all
of its worktrees; a changed or added one asks again, a changed comment or safe value doesn't. The record is kept in your own
state folder, never in one that a project names. A worktree counts as part of its repository only if both name each
other: a copied checkout or a forged \`.git\` file asks again.

A project's file must be a regular file of at most 1 MiB of UTF-8 text that belongs to you or root (with sudo, also
to whoever called it); a link may not lead out of the repository. A text may have ${LIMITS.text / 1024} KiB, a list or table
${LIMITS.entries.toLocaleString("en")} entries.

## Keys

| key | allowed | default | safe |
|---|---|---|---|
${CONFIG_KEYS.map((key) => `| [${key}](#${key}) | ${cell(typeOf(allowed[key]!))} | ${defaultOf(key)} | ${safetyOf(key)} |`).join("\n")}

${CONFIG_KEYS.map(section).join("\n\n")}
`;
}

type Key = (typeof CONFIG_KEYS)[number];

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

function section(key: Key): string {
  const ways = [`Safe: ${safetyOf(key)}.`];
  if (variableOf(key)) ways.push(`Variable: \`${variableOf(key)}\`.`);
  if (flagOf(key)) ways.push(`Flag, where a command has it: \`${flagOf(key)?.replace(", ", "`, `")}\`.`);
  return `### ${key}

${factsOf(key).description}

\`\`\`toml
${exampleOf(key)}
\`\`\`

${ways.join(" ")}`;
}

function exampleOf(key: Key): string {
  return toToml(key, factsOf(key).example);
}

function defaultOf(key: Key): string {
  const { default: value } = factsOf(key);
  return value === undefined ? "unset" : `\`${toToml("", value).slice(" = ".length)}\``;
}

function safetyOf(key: Key): string {
  const { safe } = factsOf(key);
  if (safe === "user") return "yours alone";
  return typeof safe === "boolean" ? (safe ? "yes" : "no") : `if ${safe.when}`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`"${value}"\``).join(", ");
  if (schema.anyOf) return "duration";
  if (schema.type === "array") return "list of text";
  const names: Record<string, string> = { string: "text", boolean: "`true`, `false`", object: "table of text" };
  return names[schema.type ?? ""] ?? "";
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
