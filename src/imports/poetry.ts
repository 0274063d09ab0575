import { dirname, join } from "node:path";
import { hideSecrets } from "../core/secrets.ts";
import { tableOf } from "../core/table.ts";
import { exists } from "../platform/files.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { addDependency, type Dependencies } from "./dependency.ts";
import { type Imported, listIn, nothingFrom, notUnderstood, readTomlFile, tableIn, textIn } from "./imported.ts";

/**
 * A project of poetry: `[project]` and `[tool.poetry]` of its pyproject.toml, versions from the poetry.lock beside it.
 * @param options.dev also what is in groups, but for optional ones
 * @see https://python-poetry.org/docs/dependency-specification/
 */
export function importPoetry(path: string, options: { readonly dev: boolean }): Imported {
  const document = readTomlFile(path);
  const [project, poetry] = [tableIn(document, "project"), tableIn(tableIn(document, "tool"), "poetry")];
  if (Object.keys(project).length + Object.keys(poetry).length === 0)
    throw notUnderstood(path, "it has neither [project] nor [tool.poetry]");
  const found: Dependencies = { requirements: [], editables: [], notes: [] };
  found.requirements.push(...listIn(project, "dependencies").filter((line) => typeof line === "string"));
  const groups = Object.values(tableIn(poetry, "group")).filter((group) => tableOf(group).optional !== true);
  const tables = [
    tableIn(poetry, "dependencies"),
    ...(options.dev
      ? [tableIn(poetry, "dev-dependencies"), ...groups.map((group) => tableIn(group, "dependencies"))]
      : []),
  ];
  for (const table of tables) {
    for (const [name, value] of Object.entries(table))
      if (name !== "python") addDependency(found, name, value, { folder: dirname(path), specifier: poetrySpecifier });
  }
  for (const source of listIn(poetry, "source"))
    found.notes.push(
      `packages also come from ${hideSecrets(textIn(source, "url") ?? "?")}: configure index_url or extra_index_urls`,
    );
  const asked = textIn(tableIn(poetry, "dependencies"), "python");
  const python = textIn(project, "requires-python") ?? (asked && poetrySpecifier(asked));
  const lock = join(dirname(path), "poetry.lock");
  return {
    ...nothingFrom(path),
    ...found,
    ...(python ? { python } : {}),
    versions: exists(lock) ? lockedVersions(lock) : {},
  };
}

function lockedVersions(path: string): Record<string, string> {
  const packages = listIn(readTomlFile(path), "package");
  return Object.fromEntries(
    packages.flatMap((one) => {
      const [name, version] = [textIn(one, "name"), textIn(one, "version")];
      return name === undefined || version === undefined ? [] : [[normalizeName(name), version]];
    }),
  );
}

/** A constraint of poetry as PEP 440 writes it: `^1.2` is `>=1.2,<2`. Undefined for alternatives (`||`). */
export function poetrySpecifier(text: string): string | undefined {
  if (text.includes("|")) return undefined;
  const clauses = text
    .split(",")
    .flatMap((part) => part.trim().split(/\s(?=[<>=!~^])/))
    .map((clause) => clause.trim().replace(/^([<>=!~^]+)\s+/, "$1"));
  const written = clauses.map(poetryClause);
  return written.includes(undefined) ? undefined : written.filter((clause) => clause !== "").join(",");
}

function poetryClause(clause: string): string | undefined {
  if (clause === "*" || clause === "") return "";
  const [, operator = "", version = ""] = /^([\^~]|[<>=!]=?|~=|===)?v?(\d[\w.+!*-]*)$/.exec(clause) ?? [];
  if (version === "") return undefined;
  const numbers = (/^\d+(\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number);
  switch (operator) {
    case "^": {
      const first = numbers.findIndex((number) => number !== 0);
      return `>=${version},<${after(numbers, first === -1 ? numbers.length - 1 : first)}`;
    }
    case "~":
      return `>=${version},<${after(numbers, numbers.length > 1 ? 1 : 0)}`;
    case "":
    case "=":
      return `==${version}`;
    default:
      return clause;
  }
}

/** The least version that differs at a place: after 1.2.3 at 1 comes 1.3. */
function after(numbers: readonly number[], place: number): string {
  return numbers
    .slice(0, place + 1)
    .map((number, i) => (i === place ? number + 1 : number))
    .join(".");
}
