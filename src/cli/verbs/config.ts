import type { ConfigKey } from "../../config/keys.ts";
import type { Located } from "../../config/locate.ts";
import { SkerryError } from "../../core/error.ts";
import { printableJson } from "../../core/printable.ts";
import { TEMPLATES } from "../../core/template-names.ts";
import type { Invocation } from "../invocation/invocation.ts";
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
  return (await import("../../config/keys.ts")).CONFIG_KEYS;
}

async function run(invocation: Invocation): Promise<number> {
  const { operands, library, env } = invocation;
  const { locateConfig } = await import("../../config/locate.ts");
  const { keyOf } = await import("../output/configuration.ts");
  const [action, word, ...words] = operands;
  const located = locateConfig({ cwd: library.cwd, env });
  const takesKey = action === "get" || action === "set" || action === "unset";
  if (takesKey !== (word !== undefined) || (action !== "set" && words.length > 0)) {
    throw new SkerryError("SKE-USAGE", `skerry config ${action} ${takesKey ? "needs a key" : "takes no key"}`, {
      hint: takesKey ? "skerry config show lists the keys" : `skerry config get ${word} tells one`,
    });
  }
  switch (action) {
    case "get":
      return get(invocation, located, keyOf(word!));
    case "set":
    case "unset":
      return edit(invocation, located, keyOf(word!), action === "set" ? words : undefined);
    case "init":
      return init(invocation, located);
    case "schema": {
      const { jsonSchema } = await import("../../config/json-schema.ts");
      invocation.output.verbatim(`${printableJson(jsonSchema(), 2)}\n`);
      return 0;
    }
    default:
      return show(invocation, located);
  }
}

/** What is in force, whether the project is trusted or not: looking applies nothing. */
async function load({ env, library, output }: Invocation, located: Located) {
  const { loadConfig } = await import("../../config/load.ts");
  const loaded = await loadConfig({ cwd: library.cwd, env, flags: {}, trust: { has: () => true }, located });
  for (const warning of loaded.warnings) output.warn(warning);
  return loaded;
}

async function show(invocation: Invocation, located: Located): Promise<number> {
  const { output } = invocation;
  const { shown, withoutPasswords } = await import("../output/configuration.ts");
  const { values, origins } = await load(invocation, located);
  const untrusted = await isUntrusted(invocation, located);
  const entries = ((await keys()) as readonly ConfigKey[]).map(
    (key) => [key, { value: withoutPasswords(values[key]) ?? null, origin: origins[key] }] as const,
  );
  const files = located.files.map(({ path, kind }) => ({ path, kind }));
  output.result({ config: Object.fromEntries(entries), files, trusted: !untrusted }, () => {
    output.table(
      ["KEY", "VALUE", "FROM"],
      entries.map(([key, { value, origin }]) => [key, shown(key, value), origin.label]),
    );
    if (untrusted) output.warn("the project isn't trusted: what its own file sets is not applied yet", "skerry trust");
  });
  return 0;
}

async function get(invocation: Invocation, located: Located, key: ConfigKey): Promise<number> {
  const { shown } = await import("../output/configuration.ts");
  const { values, origins } = await load(invocation, located);
  const value = values[key] ?? null;
  invocation.output.result({ key, value, origin: origins[key] }, () => {
    const lines = Array.isArray(value) ? value.map(String) : value === null ? [] : [shown(key, value)];
    for (const line of lines) invocation.output.print(line);
  });
  return 0;
}

async function edit(
  invocation: Invocation,
  located: Located,
  key: ConfigKey,
  words: readonly string[] | undefined,
): Promise<number> {
  const { env, output, library } = invocation;
  if (words?.length === 0) {
    throw new SkerryError("SKE-USAGE", `skerry config set ${key} needs a value`, {
      hint: `skerry config unset ${key} removes the key`,
    });
  }
  const { editConfig, editTarget, valueOfWords } = await import("../../config/edit.ts");
  const target = editTarget(located, env, invocation.flag("user") ? "user" : "project");
  const changed = await editConfig(target, key, words && valueOfWords(key, words), env);
  output.result({ key, file: target.path, changed }, () => {
    if (changed) output.say(`${words ? "set" : "removed"} ${key} in ${target.path}`);
    else output.say(words ? `${target.path} says so already` : `${target.path} doesn't set ${key}`);
  });
  const { locateConfig } = await import("../../config/locate.ts");
  if (changed && (await isUntrusted(invocation, locateConfig({ cwd: library.cwd, env }))))
    output.say("what the project sets needs your trust before it counts: skerry trust");
  return 0;
}

async function init(invocation: Invocation, located: Located): Promise<number> {
  const { env, output } = invocation;
  const { editTarget, writeConfig } = await import("../../config/edit.ts");
  const { renderTemplate } = await import("../../config/template.ts");
  const template = invocation.choice("template", TEMPLATES) ?? "virtualenv";
  const { path, kind, text } = editTarget(located, env, invocation.flag("user") ? "user" : "project");
  if (kind === "pyproject" || (text !== undefined && !invocation.flag("force"))) {
    throw new SkerryError("SKE-CONFIG", `${path} holds configuration already`, {
      hint: kind === "pyproject" ? "skerry config set changes it" : "skerry config set changes it, --force replaces it",
    });
  }
  writeConfig(path, renderTemplate(template));
  output.result({ file: path, template }, () => output.say(`wrote ${path}`));
  return 0;
}

/** Whether the project's own files set what isn't trusted. */
async function isUntrusted({ env, library }: Invocation, located: Located): Promise<boolean> {
  const { findTrustRequest } = await import("../../config/load.ts");
  const { openTrust } = await import("../../environments/trust.ts");
  if ((await findTrustRequest(located, env)) === undefined) return false;
  const home = library.home === undefined ? {} : { home: library.home };
  const trust = await openTrust({ cwd: library.cwd, env, ...home });
  return !(await trust.isTrusted());
}
