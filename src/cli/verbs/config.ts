import { SkerryError } from "../../core/error.ts";
import { printableJson } from "../../core/printable.ts";
import { hideSecrets } from "../../core/secrets.ts";
import { TEMPLATES } from "../../core/template-names.ts";
import type { ConfigKey, Configuration } from "../../index.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Output } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry config ACTION [KEY] [VALUE…]` */
export default {
  summary: "Show or change the configuration",
  description: "What is set, where it comes from, and the files that set it.",
  operands: [
    {
      name: "ACTION",
      description: "What to do: show, get, set, unset, init or schema",
      choices: ["show", "get", "set", "unset", "init", "schema"],
    },
    { name: "KEY", description: "With get, set and unset: the key", optional: true, complete: keys },
    {
      name: "VALUE",
      description: "With set: the value; of a list each entry, of a table each NAME=VALUE",
      optional: true,
      multiple: true,
    },
  ],
  options: {
    user: { type: "boolean", description: "With set, unset and init: your own file instead of the project's" },
    template: {
      type: "string",
      value: "LEVEL",
      description: "With init: write the file for environments of this level (otherwise virtualenv)",
      choices: TEMPLATES,
    },
    force: { type: "boolean", short: "f", description: "With init: replace a file that is there" },
  },
  examples: [
    ["skerry config show", "Tell every key, its value and where it is set"],
    ["skerry config set python 3.12", "Set the project's Python in its skerry.toml"],
    ["skerry config set --user lock_ttl 7d", "Set a key for all your projects"],
    ["skerry config init --template basic", "Write a skerry.toml that names every key"],
    ["skerry config schema > skerry.schema.json", "Give editors the JSON Schema"],
  ],
  run,
} satisfies Verb;

async function keys(): Promise<readonly string[]> {
  return (await import("../../index.ts")).CONFIG_KEYS;
}

async function run(invocation: Invocation): Promise<number> {
  const { operands, library, output } = invocation;
  const [action, word, ...words] = operands;
  const takesKey = action === "get" || action === "set" || action === "unset";
  if (takesKey !== (word !== undefined) || (action !== "set" && words.length > 0)) {
    throw new SkerryError("SKE-USAGE", `skerry config ${action} ${takesKey ? "needs a key" : "takes no key"}`, {
      hint: takesKey ? "skerry config show lists the keys" : `skerry config get ${word} tells one`,
    });
  }
  const config = await library.config();
  switch (action) {
    case "get":
      return get(output, config, await config.keyOf(word!));
    case "set":
    case "unset":
      return edit(invocation, config, await config.keyOf(word!), action === "set" ? words : undefined);
    case "init":
      return init(invocation, config);
    case "schema":
      output.verbatim(`${printableJson(await config.schema(), 2)}\n`);
      return 0;
    default:
      return show(output, config);
  }
}

/** What is in force, whether the project is trusted or not: looking applies nothing. */
async function load(output: Output, config: Configuration) {
  const loaded = await config.read();
  for (const warning of loaded.warnings) output.warn(warning);
  return loaded;
}

async function show(output: Output, config: Configuration): Promise<number> {
  const { values, origins } = await load(output, config);
  const trusted = await config.trust.isTrusted();
  const entries = ((await keys()) as readonly ConfigKey[]).map(
    (key) => [key, { value: withoutPasswords(values[key]) ?? null, origin: origins[key] }] as const,
  );
  const texts = await config.texts(Object.fromEntries(entries.map(([key, { value }]) => [key, value])));
  output.result({ config: Object.fromEntries(entries), files: config.files, trusted }, () => {
    output.table(
      ["KEY", "VALUE", "FROM"],
      entries.map(([key, { origin }]) => [key, texts[key] ?? "", origin.label]),
    );
    if (!trusted) output.warn("the project isn't trusted: what its own file sets is not applied yet", "skerry trust");
  });
  return 0;
}

/** Addresses without the user and password in them. */
function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  return typeof value === "string" ? hideSecrets(value) : value;
}

async function get(output: Output, config: Configuration, key: ConfigKey): Promise<number> {
  const { values, origins } = await load(output, config);
  const value = values[key] ?? null;
  const { [key]: text = "" } = await config.texts({ [key]: value });
  output.result({ key, value, origin: origins[key] }, () => {
    const lines = Array.isArray(value) ? value.map(String) : value === null ? [] : [text];
    for (const line of lines) output.print(line);
  });
  return 0;
}

async function edit(
  invocation: Invocation,
  config: Configuration,
  key: ConfigKey,
  words: readonly string[] | undefined,
): Promise<number> {
  const { output, library } = invocation;
  if (words?.length === 0) {
    throw new SkerryError("SKE-USAGE", `skerry config set ${key} needs a value`, {
      hint: `skerry config unset ${key} removes the key`,
    });
  }
  const scope = scopeOf(invocation);
  const { file, changed } = words ? await config.set(key, words, scope) : await config.unset(key, scope);
  output.result({ key, file, changed }, () => {
    if (changed) output.say(`${words ? "set" : "removed"} ${key} in ${file}`);
    else output.say(words ? `${file} says so already` : `${file} doesn't set ${key}`);
  });
  if (changed && !(await (await library.config()).trust.isTrusted()))
    output.say("what the project sets needs your trust before it counts: skerry trust");
  return 0;
}

async function init(invocation: Invocation, config: Configuration): Promise<number> {
  const { output } = invocation;
  const template = invocation.choice("template", TEMPLATES) ?? "virtualenv";
  const file = await config.init(template, { scope: scopeOf(invocation), force: invocation.flag("force") });
  output.result({ file, template }, () => output.say(`wrote ${file}`));
  return 0;
}

function scopeOf(invocation: Invocation): "user" | "project" {
  return invocation.flag("user") ? "user" : "project";
}
