import { SkerryError } from "../core/error.ts";
import { nearest } from "../core/near.ts";
import { quoted } from "../core/text.ts";
import { formatSize, printDuration } from "../core/units.ts";
import { CONFIG_KEYS, type ConfigKey, renamedKey } from "./keys.ts";
import { isConfigKey } from "./parse.ts";
import { factsOf, KEYS } from "./schema.ts";

/** A value on one line, in the form in which it would be set. */
export function shown(key: ConfigKey, value: unknown): string {
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

/** The key that somebody typed. @throws SKE-USAGE */
export function keyOf(word: string): ConfigKey {
  const key = renamedKey(word) ?? word;
  if (isConfigKey(key)) return key;
  const near = nearest(word, CONFIG_KEYS);
  throw new SkerryError("SKE-USAGE", `There is no key ${quoted(word)}`, {
    hint: near ? `did you mean ${near}?` : "skerry config show lists the keys",
  });
}
