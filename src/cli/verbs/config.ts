import { editConfig, editTarget, valueOfWords, writeConfig } from "../../config/edit.ts";
import { jsonSchema } from "../../config/json-schema.ts";
import { CONFIG_KEYS, type ConfigKey, renamedKey } from "../../config/keys.ts";
import { findTrustRequest, loadConfig } from "../../config/load.ts";
import { type Located, locateConfig } from "../../config/locate.ts";
import { isConfigKey } from "../../config/parse.ts";
import { factsOf, KEYS } from "../../config/schema.ts";
import { renderTemplate } from "../../config/template.ts";
import { TEMPLATES } from "../../config/template-names.ts";
import { SkerryError } from "../../core/error.ts";
import { nearest } from "../../core/near.ts";
import { printableJson } from "../../core/printable.ts";
import { hideSecrets } from "../../core/secrets.ts";
import { formatSize, printDuration } from "../../core/units.ts";
import { openTrust } from "../../environments/trust.ts";
import { quote } from "../grammar.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry config ACTION [KEY] [VALUE…]` */
export default async function config(invocation: Invocation): Promise<number> {
  const { operands, library, env } = invocation;
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
    case "schema":
      invocation.output.verbatim(`${printableJson(jsonSchema(), 2)}\n`);
      return 0;
    default:
      return show(invocation, located);
  }
}

/** What is in force, whether the project is trusted or not: looking applies nothing. */
async function load({ env, library, output }: Invocation, located: Located) {
  const loaded = await loadConfig({ cwd: library.cwd, env, flags: {}, trust: { has: () => true }, located });
  for (const warning of loaded.warnings) output.warn(warning);
  return loaded;
}

async function show(invocation: Invocation, located: Located): Promise<number> {
  const { output } = invocation;
  const { values, origins } = await load(invocation, located);
  const untrusted = await isUntrusted(invocation, located);
  const entries = CONFIG_KEYS.map(
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
  const target = editTarget(located, env, invocation.flag("user") ? "user" : "project");
  const changed = await editConfig(target, key, words && valueOfWords(key, words), env);
  output.result({ key, file: target.path, changed }, () => {
    if (changed) output.say(`${words ? "set" : "removed"} ${key} in ${target.path}`);
    else output.say(words ? `${target.path} says so already` : `${target.path} doesn't set ${key}`);
  });
  if (changed && (await isUntrusted(invocation, locateConfig({ cwd: library.cwd, env }))))
    output.say("what the project sets needs your trust before it counts: skerry trust");
  return 0;
}

function init(invocation: Invocation, located: Located): number {
  const { env, output } = invocation;
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
  if ((await findTrustRequest(located, env)) === undefined) return false;
  const home = library.home === undefined ? {} : { home: library.home };
  const trust = await openTrust({ cwd: library.cwd, env, ...home });
  return !(await trust.isTrusted());
}

/** Addresses without the user and password in them. */
function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  return typeof value === "string" ? hideSecrets(value) : value;
}

/** A value on one line, in the form in which it would be set. */
function shown(key: ConfigKey, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && typeof KEYS[key].example === "string")
    return factsOf(key).unit === "bytes" ? formatSize(value) : printDuration(value);
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "object" ? pairs(value).join(" ") : String(value);
}

function pairs(table: object): string[] {
  return Object.entries(table).map(
    ([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
}

function keyOf(word: string): ConfigKey {
  const key = renamedKey(word) ?? word;
  if (isConfigKey(key)) return key;
  const near = nearest(word, CONFIG_KEYS);
  throw new SkerryError("SKE-USAGE", `There is no key ${quote(word)}`, {
    hint: near ? `did you mean ${near}?` : "skerry config show lists the keys",
  });
}
