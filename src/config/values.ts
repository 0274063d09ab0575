import type { z } from "zod";
import { SkerryError } from "../core/error.ts";
import { anchor, type Base } from "./defaults.ts";
import type { ConfigKey } from "./keys.ts";
import { factsOf, KEYS } from "./schema.ts";

/** Where a value comes from; the sources are in order of precedence, highest first. */
export const SOURCES = ["flag", "variable", "project", "pyproject", "user", "default"] as const;

/** Where one value of the configuration comes from. */
export interface Origin {
  readonly source: (typeof SOURCES)[number];
  /** For people: `--python`, `SKERRY_PYTHON`, `/repo/skerry.toml:3`, `default`. */
  readonly label: string;
  /** The file it stands in. */
  readonly path?: string;
  readonly line?: number;
}

/**
 * Checks the value of a key and gives it in the form that the program uses: milliseconds, absolute paths.
 * @throws SKE-CONFIG that says where the value stands and what is allowed
 */
export function readValue(key: ConfigKey, raw: unknown, origin: Origin, base: Base): unknown {
  const { schema, example, path } = factsOf(key);
  const result = schema.safeParse(raw);
  if (result.success)
    return path === undefined ? result.data : mapText(result.data, (text) => anchor(text, path(text), base));
  const issue = result.error.issues[0]!;
  const where = [key, ...issue.path].map(String).join(".");
  throw new SkerryError("SKE-CONFIG", `${origin.label}: ${where} can't have this value: ${plain(issue)}`, {
    hint: `for example: ${toToml(key, example)}`,
    details: { key: where, ...(origin.path === undefined ? {} : { file: origin.path, line: origin.line }) },
  });
}

function plain(issue: z.core.$ZodIssue): string {
  const detail = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return (detail ?? issue.message).replace(/^Invalid (input|option): /, "").replace(/^Too/, "too");
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  return Array.isArray(value) ? value.map((entry) => mapText(entry, change)) : value;
}

const TRUE = ["1", "true", "yes", "on"];
const FALSE = ["0", "false", "no", "off"];

/** Turns the text of a variable into what would stand in a file: lists have one entry a line. */
export function fromVariable(key: ConfigKey, text: string): unknown {
  const type = KEYS[key].schema.type;
  if (type === "array") {
    return text
      .split("\n")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
  }
  if (type === "number") return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (type !== "boolean") return text;
  const word = text.toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : text;
}

/** One line of TOML that sets a key. */
export function toToml(key: string, value: unknown): string {
  return `${key} = ${tomlValue(value)}`;
}

function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, entry]) => toToml(name, entry));
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
