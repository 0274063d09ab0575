import { SkerryError } from "../core/error.ts";
import { nearest } from "../core/near.ts";
import { isTable } from "../core/table.ts";
import { quoted } from "../core/text.ts";
import { NotToml, parseToml } from "../core/toml.ts";
import { CONFIG_KEYS, type ConfigKey, renamedKey } from "./keys.ts";
import type { ConfigFile } from "./locate.ts";
import { LIMITS } from "./schema.ts";

/** A value as it stands in a file. */
export interface Setting {
  readonly key: ConfigKey;
  /** What stands there for the key; an older one differs from it (see keys.ts). */
  readonly spelling: string;
  readonly value: unknown;
  /** Counted from 1; undefined where it can't be told. */
  readonly line: number | undefined;
}

/**
 * Reads what a configuration file sets. Values are within {@link LIMITS}, but otherwise unchecked.
 * @throws SKE-CONFIG for text that isn't TOML, an unknown key, or a value beyond the limits
 */
export function parseSettings(file: ConfigFile): readonly Setting[] {
  const table = tableOf(file);
  return Object.entries(table).map(([spelling, value]) => {
    const line = lineOf(spelling, file);
    const place = line === undefined ? file.path : `${file.path}:${line}`;
    const key = renamedKey(spelling) ?? spelling;
    if (key !== spelling && Object.hasOwn(table, key)) {
      throw new SkerryError("SKE-CONFIG", `${place}: ${spelling} is an older name of ${key}, which is set too`, {
        hint: `remove ${spelling}`,
        details: { file: file.path, key: spelling },
      });
    }
    if (!isConfigKey(key)) {
      const near = nearest(key, CONFIG_KEYS);
      throw new SkerryError("SKE-CONFIG", `${place}: there is no key ${quoted(key, 60)}`, {
        hint: near === undefined ? `the keys are ${CONFIG_KEYS.join(", ")}` : `did you mean ${near}?`,
        details: { file: file.path, key, ...(line === undefined ? {} : { line }), ...(near ? { near } : {}) },
      });
    }
    const excess = beyondLimits(value, LIMITS.depth);
    if (excess !== undefined) {
      throw new SkerryError("SKE-CONFIG", `${place}: ${key} ${excess.what}`, {
        hint: excess.hint,
        details: { key },
      });
    }
    return { key, spelling, value, line };
  });
}

/** True for the name of a key. */
export function isConfigKey(text: string): text is ConfigKey {
  return (CONFIG_KEYS as readonly string[]).includes(text);
}

function tableOf(file: ConfigFile): object {
  let document: Record<string, unknown>;
  try {
    document = parseToml(file.text);
  } catch (error) {
    if (!(error instanceof NotToml)) throw error;
    const { line, column, message } = error;
    const place = line === undefined ? file.path : `${file.path}:${line}:${column}`;
    throw new SkerryError("SKE-CONFIG", `${place}: this is not valid TOML: ${message}`, {
      hint: "correct the line; keys that stand twice and text without quotes are the usual causes",
      details: { file: file.path, line, column },
    });
  }
  if (file.kind !== "pyproject") return document;
  const table = own(own(document, "tool"), "skerry");
  if (table === undefined) return {};
  if (isTable(table)) return table;
  throw new SkerryError("SKE-CONFIG", `${file.path}: tool.skerry is not a table`, { hint: "write [tool.skerry]" });
}

function own(table: unknown, key: string): unknown {
  return isTable(table) && Object.hasOwn(table, key) ? table[key as keyof typeof table] : undefined;
}

/** What about a value can't be taken, and what to do then. */
interface Excess {
  readonly what: string;
  readonly hint: string;
}

function beyondLimits(value: unknown, depth: number): Excess | undefined {
  const tooMuch = (what: string): Excess => ({ what, hint: "make it smaller" });
  if (typeof value === "string") {
    const isLong = Buffer.byteLength(value) > LIMITS.text;
    return isLong ? tooMuch(`has a text of more than ${LIMITS.text / 1024} KiB`) : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return tooMuch("is nested too deeply");
  const keys = Object.keys(value);
  if (keys.length > LIMITS.entries) return tooMuch(`has more than ${LIMITS.entries} entries`);
  if (keys.includes("__proto__")) return { what: "can't have an entry named __proto__", hint: "take another name" };
  for (const entry of [...keys, ...Object.values(value)]) {
    const excess = beyondLimits(entry, depth - 1);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/** The first line that sets the key or opens its table. */
function lineOf(key: string, file: ConfigFile): number | undefined {
  const name = key.replace(/[^\w-]/g, "\\$&");
  const sets = new RegExp(`^\\s*(["']?)${name}\\1\\s*[.=]`);
  const opens = new RegExp(`^\\s*\\[\\[?\\s*(["']?)${name}\\1\\s*[.\\]]`);
  let inside = file.kind !== "pyproject";
  const lines = file.text.split("\n");
  for (const [index, raw] of lines.entries()) {
    let line = raw;
    const header = /^\s*\[/.test(line);
    if (file.kind === "pyproject" && header) {
      inside = /^\s*\[\s*tool\.skerry\s*\]/.test(line);
      line = line.replace(/^(\s*\[\[?\s*)tool\.skerry\./, "$1");
      if (line === raw) continue;
    } else if (file.kind !== "pyproject" && header) {
      inside = false;
    }
    if ((header ? opens : inside ? sets : /(?!)/).test(line)) return index + 1;
  }
  return undefined;
}
