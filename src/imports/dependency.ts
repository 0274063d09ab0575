import { resolve } from "node:path";
import type { Table } from "../core/table.ts";
import { listIn, textIn } from "./imported.ts";

/** Where dependencies that a Pipfile or poetry's table names lead to. */
export interface Dependencies {
  readonly requirements: string[];
  readonly editables: string[];
  readonly notes: string[];
}

/** Adds a dependency in the form that Pipfile and poetry share: a version, or a table that says where it comes from. */
export function addDependency(
  into: Dependencies,
  name: string,
  value: unknown,
  by: { readonly folder: string; readonly specifier: (version: string) => string | undefined },
): void {
  const { folder, specifier } = by;
  if (Array.isArray(value)) {
    for (const one of value) addDependency(into, name, one, by);
    return;
  }
  const table: Table = typeof value === "object" && value !== null ? (value as Table) : { version: value };
  if (table.optional === true) return;
  const named = name + extrasOf(table);
  const marker = markerOf(table, specifier);
  const end = marker === undefined ? "" : ` ; ${marker}`;
  const path = textIn(table, "path") ?? textIn(table, "file");
  const git = textIn(table, "git");
  if (git !== undefined) {
    const revision = textIn(table, "rev") ?? textIn(table, "ref") ?? textIn(table, "tag") ?? textIn(table, "branch");
    const address = git.replace(/^git@([^:/]+):/, "ssh://git@$1/");
    const part = textIn(table, "subdirectory");
    into.requirements.push(
      `${named} @ git+${address}${revision === undefined ? "" : `@${revision}`}${part === undefined ? "" : `#subdirectory=${part}`}${end}`,
    );
  } else if (path !== undefined && (table.editable === true || table.develop === true)) {
    into.editables.push(resolve(folder, path) + extrasOf(table));
  } else if (path !== undefined && /^https?:/.test(path)) {
    into.requirements.push(`${named} @ ${path}${end}`);
  } else if (path !== undefined) {
    into.requirements.push(`${named} @ file://${encodeURI(resolve(folder, path))}${end}`);
  } else if (textIn(table, "url") !== undefined) {
    into.requirements.push(`${named} @ ${textIn(table, "url")}${end}`);
  } else {
    const version = textIn(table, "version") ?? "*";
    const bounds = specifier(version);
    if (bounds === undefined)
      into.notes.push(`${name}: the version ${version} can't be written as PEP 440 does; any is taken`);
    into.requirements.push(`${named}${bounds ?? ""}${end}`);
    if (textIn(table, "source") ?? textIn(table, "index"))
      into.notes.push(
        `${name} comes from the index ${textIn(table, "source") ?? textIn(table, "index")}: configure index_url or extra_index_urls`,
      );
  }
}

function extrasOf(table: Table): string {
  const extras = listIn(table, "extras").filter((one) => typeof one === "string");
  return extras.length === 0 ? "" : `[${extras.join(",")}]`;
}

/** Names of variables of PEP 508 that a Pipfile may use as keys. */
const MARKER_KEYS = [
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_system",
  "python_version",
  "implementation_name",
];

function markerOf(table: Table, specifier: (version: string) => string | undefined): string | undefined {
  const python = textIn(table, "python");
  const parts = [
    textIn(table, "markers"),
    ...MARKER_KEYS.map((key) => {
      const value = textIn(table, key);
      return value === undefined ? undefined : `${key} ${value}`;
    }),
    python === undefined ? undefined : pythonMarker(specifier(python)),
    textIn(table, "platform") === undefined ? undefined : `sys_platform == '${textIn(table, "platform")}'`,
  ].filter((part) => part !== undefined && part !== "");
  if (parts.length <= 1) return parts[0];
  return parts.map((part) => `(${part})`).join(" and ");
}

/** `>=3.8,<4` as a marker. */
function pythonMarker(specifier: string | undefined): string | undefined {
  if (specifier === undefined || specifier === "") return undefined;
  return specifier
    .split(",")
    .map((clause) => {
      const operator = /^[<>=!~]+/.exec(clause)?.[0] ?? "";
      const version = clause.slice(operator.length);
      const short = version.replace(/\.\*$/, "");
      const variable = short.split(".").length > 2 ? "python_full_version" : "python_version";
      const full = variable === "python_version" && !short.includes(".") ? `${short}.0` : version;
      return `${variable} ${operator} '${full}'`;
    })
    .join(" and ");
}
