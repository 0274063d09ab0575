import { hideInCommand, hideSecrets } from "../../core/secrets.ts";
import { isTable, tableOf } from "../../core/table.ts";
import { counted } from "../../core/text.ts";
import { CONFIG_KEYS, type TrustRequest } from "../../index.ts";
import { displayWidth, type Line, paint } from "./output.ts";

/** How far the names of settings are aligned: a long one doesn't push all values out of sight. */
const NAME_WIDTH = 32;

/**
 * What a project asks to be trusted with, for a person to read: below each file one line a setting, task or entry of a
 * list, whole, passwords taken out. A value is in the words of TOML, so that it ends where its quotation mark says.
 */
export function trustLines(settings: TrustRequest["settings"]): Line[] {
  const files = [...new Set(settings.map(({ file }) => file))];
  return files.flatMap((path) => {
    const rows = settings.filter(({ file }) => file === path).flatMap(entriesOf);
    const width = Math.min(NAME_WIDTH, Math.max(...rows.map(([name]) => displayWidth(name))));
    return [
      [paint("bold", path)],
      ...rows.map(([name, text]) => `  ${name}${" ".repeat(Math.max(0, width - displayWidth(name)))} = ${text}`),
    ];
  });
}

/** `1 setting`, `202 settings`: of a list that has run off the screen. */
export function trustCount(settings: TrustRequest["settings"]): string {
  const { length } = settings.flatMap(entriesOf);
  return counted(length, "setting");
}

/** A setting's value without passwords and tokens in addresses; names of entries are texts too. */
export function withoutSecrets({ key, value }: Setting): unknown {
  return mapTexts(value, hiderOf(key));
}

type Setting = Pick<TrustRequest["settings"][number], "key" | "value">;

/** Values of settings are data; all that other tools say is run. */
function hiderOf(key: string): (text: string) => string {
  return key !== "tasks" && CONFIG_KEYS.some((one) => one === key) ? hideSecrets : hideInCommand;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [change(name), mapTexts(one, change)]));
}

function entriesOf(setting: Setting): [name: string, text: string][] {
  const { key } = setting;
  const value = withoutSecrets(setting);
  if (Array.isArray(value) && value.length > 0) return value.map((one) => [key, textOf(one)]);
  const entries = Object.entries(tableOf(value));
  if (entries.length === 0) return [[key, textOf(value)]];
  return entries.map(([name, one]) => [`${key}.${nameOf(name)}`, textOf(one)]);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (!isTable(value)) return typeof value === "string" ? quoted(value) : String(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{ ${entries.map(([name, one]) => `${nameOf(name)} = ${textOf(one)}`).join(", ")} }`;
}

function nameOf(name: string): string {
  return /^[\w-]+$/.test(name) ? name : quoted(name);
}

/** As a string of TOML. Spaces enough to fill a line up are written as what they are: what follows looks like a line of its own. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/ {4,}/g, (spaces) => "\\u0020".repeat(spaces.length));
}
