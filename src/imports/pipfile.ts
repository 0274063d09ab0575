import { dirname } from "node:path";
import { hideSecrets } from "../core/secrets.ts";
import { type Table, tableOf } from "../core/table.ts";
import { exists } from "../platform/files.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { addDependency, type Dependencies } from "./dependency.ts";
import {
  type Imported,
  listIn,
  nothingFrom,
  notUnderstood,
  readForeign,
  readTomlFile,
  tableIn,
  textIn,
} from "./imported.ts";

/**
 * A Pipfile, with versions from the Pipfile.lock beside it.
 * @param options.dev also `[dev-packages]`
 * @see https://pipenv.pypa.io/en/latest/pipfile.html
 */
export function importPipfile(path: string, options: { readonly dev: boolean }): Imported {
  const document = readTomlFile(path);
  const found: Dependencies = { requirements: [], editables: [], notes: [] };
  for (const key of options.dev ? ["packages", "dev-packages"] : ["packages"]) {
    for (const [name, value] of Object.entries(tableIn(document, key)))
      addDependency(found, name, value, { folder: dirname(path), specifier: pipfileSpecifier });
  }
  for (const source of listIn(document, "source")) {
    const url = textIn(source, "url") ?? "";
    if (!/^https:\/\/pypi\.org\//.test(url))
      found.notes.push(`packages also come from ${hideSecrets(url)}: configure index_url or extra_index_urls`);
  }
  const requires = tableIn(document, "requires");
  const python = textIn(requires, "python_full_version") ?? textIn(requires, "python_version");
  const lock = `${path}.lock`;
  return {
    ...nothingFrom(path),
    ...found,
    ...(python === undefined ? {} : { python }),
    versions: exists(lock) ? lockedVersions(lock) : {},
  };
}

function pipfileSpecifier(text: string): string | undefined {
  if (text === "*" || text === "") return "";
  return /^[<>=!~]/.test(text) ? text.replace(/\s+/g, "") : `==${text}`;
}

function lockedVersions(path: string): Record<string, string> {
  let document: Table;
  try {
    document = tableOf(JSON.parse(readForeign(path)));
  } catch (error) {
    if (error instanceof SyntaxError) throw notUnderstood(path, "it is not valid JSON", error);
    throw error;
  }
  const entries = ["develop", "default"].flatMap((key) => Object.entries(tableIn(document, key)));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const version = textIn(value, "version");
      return version?.startsWith("==") ? [[normalizeName(name), version.slice(2)]] : [];
    }),
  );
}
