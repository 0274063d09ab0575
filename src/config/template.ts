import type { Template } from "../core/template-names.ts";
import { CONFIG_KEYS, type ConfigKey, USER_KEYS } from "./keys.ts";
import { factsOf, KEYS } from "./schema.ts";
import { toToml } from "./values.ts";

/** Keys about packages, of which a basic environment has none of its own. */
const OF_PACKAGES: ReadonlySet<ConfigKey> = new Set([
  "requirements",
  "requirements_files",
  "mode",
  "link",
  "installer",
  "system_site_packages",
  "install_timeout",
  "lock_ttl",
  "index_url",
  "extra_index_urls",
  "find_links",
  "offline",
]);

/** Keys about the machine and its user, which are no business of a project. */
const OF_USERS: ReadonlySet<ConfigKey> = new Set(["home", ...USER_KEYS]);

/**
 * The text of a fresh `skerry.toml`: every key that bears on the level, with what it does, commented out at its default
 * or an example. So a fresh file changes nothing but the level, and needs no trust unless that isn't the default one.
 */
export function renderTemplate(template: Template): string {
  const keys = CONFIG_KEYS.filter(
    (key) => key !== "engine" && !OF_USERS.has(key) && (template === "virtualenv" || !OF_PACKAGES.has(key)),
  );
  const isDefault = KEYS.engine.default === template;
  const entries = keys.map((key) => {
    const { description, default: value, example } = factsOf(key);
    return `${wrap(description)}\n# ${toToml(key, isEmpty(value) ? example : value)}\n`;
  });
  return [
    `# Configuration of Skerry for ${template} environments. What a line says counts once its # is removed.\n`,
    `${wrap(KEYS.engine.description)}\n${isDefault ? "# " : ""}${toToml("engine", template)}\n`,
    ...entries,
  ].join("\n");
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

/** A comment of lines of at most 100 columns. */
function wrap(text: string): string {
  const lines = [""];
  for (const word of text.replaceAll("`", "").split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length > 98) lines.push(` ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => `#${line}`).join("\n");
}
