import { readdirSync } from "node:fs";
import { SkerryError } from "../core/error.ts";
import { readWhole } from "../platform/files.ts";
import { immoderate, parseDistInfoName, readDistribution } from "../python/dist-info.ts";
import { isOwnPath, pathInPrefix } from "../python/own-paths.ts";
import { parseRecord, type RecordRow } from "../python/record.ts";

/** What a prefix holds of one wheel. Paths are relative to the prefix. */
export interface InstalledWheel {
  /** Normalised as PEP 503 says. */
  readonly name: string;
  readonly version: string;
  readonly distInfo: string;
  readonly sitePackages: string;
  /** Everything that is there and belongs to the wheel, RECORD and bytecode included; sorted. */
  readonly files: readonly string[];
  /** RECORD rows by the path they resolve to. */
  readonly rows: ReadonlyMap<string, RecordRow>;
}

/** The wheels in a prefix, and the names of those that claim a file which another one claims too. */
export interface SplitPrefix {
  readonly wheels: readonly InstalledWheel[];
  readonly contested: ReadonlySet<string>;
}

/**
 * Tells the wheels that were installed into a prefix apart by their RECORDs. Bytecode goes with its source.
 * @throws SKE-PKG-BROKEN for metadata without measure, and for a RECORD that names a path outside of the prefix, or one of the environment's own
 */
export function splitPrefix(prefix: string): SplitPrefix {
  const present = new Set(listFiles(prefix));
  const sitePackages = findSitePackages(prefix);
  const owner = new Map<string, string>();
  const contested = new Set<string>();
  const found = new Map<string, { version: string; distInfo: string; files: string[]; rows: Map<string, RecordRow> }>();
  for (const folder of readdirSync(`${prefix}/${sitePackages}`).sort()) {
    if (!folder.endsWith(".dist-info")) continue;
    checkMetadata(`${prefix}/${sitePackages}/${folder}`, folder);
    const { name, version } = readDistribution(`${prefix}/${sitePackages}`, folder) ?? { name: folder, version: "" };
    const rows = new Map<string, RecordRow>();
    const info = `${sitePackages}/${folder}`;
    for (const row of readRecord(`${prefix}/${info}`, name)) {
      const path = resolveRow(row.path, prefix, sitePackages, name);
      if (present.has(path) && path !== `${info}/REQUESTED`) rows.set(path, row);
    }
    // What an installer writes into its own folder belongs to it, listed or not. REQUESTED tells what was asked for:
    // that is a fact about an environment.
    for (const file of present) {
      if (file.startsWith(`${info}/`) && file !== `${info}/REQUESTED` && !rows.has(file)) rows.set(file, { path: "" });
    }
    const files = [...rows.keys()];
    for (const file of files) {
      const other = owner.get(file);
      if (other !== undefined && other !== name) contested.add(other).add(name);
      owner.set(file, name);
    }
    found.set(name, { version, distInfo: folder, files, rows });
  }
  for (const file of present) {
    const source = owner.has(file) ? undefined : sourceOf(file);
    const name = source && owner.get(source);
    if (name !== undefined) found.get(name)!.files.push(file);
  }
  return {
    contested,
    wheels: [...found].map(([name, wheel]) => ({ name, sitePackages, ...wheel, files: wheel.files.sort() })),
  };
}

function checkMetadata(info: string, folder: string): void {
  const why = immoderate(info);
  if (why === undefined) return;
  throw new SkerryError("SKE-PKG-BROKEN", `The package of ${folder} ${why}`, {
    hint: "take another version, and tell the package's authors",
    details: { package: parseDistInfoName(folder)?.name ?? folder },
  });
}

/** Regular files below a folder, relative to it. Symbolic links are neither followed nor listed. */
export function listFiles(root: string): string[] {
  const files: string[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) files.push(path);
    }
  };
  visit("");
  return files;
}

function findSitePackages(prefix: string): string {
  for (const folder of readdirSync(`${prefix}/lib`).sort()) {
    const path = `lib/${folder}/site-packages`;
    if (readdirSync(`${prefix}/lib/${folder}`).includes("site-packages")) return path;
  }
  throw new SkerryError("SKE-TOOL", `The installer put no site-packages below ${prefix}/lib`, {
    hint: "try the other installer: --installer uv or --installer pip",
  });
}

function readRecord(info: string, name: string): RecordRow[] {
  try {
    return parseRecord(readWhole(`${info}/RECORD`).toString("utf8"));
  } catch (error) {
    throw new SkerryError("SKE-PKG-BROKEN", `The package ${name} was installed without a readable RECORD`, {
      hint: "report it to the package's authors, or take another version",
      cause: error,
    });
  }
}

/** A RECORD row's path in the prefix. */
function resolveRow(row: string, prefix: string, sitePackages: string, name: string): string {
  const refuse = (what: string, hint: string) =>
    new SkerryError("SKE-PKG-BROKEN", `The package ${name} claims ${JSON.stringify(row)} in its RECORD, ${what}`, {
      hint: `don't install this package: ${hint}`,
      details: { package: name, path: row },
    });
  const path = pathInPrefix(row, prefix, sitePackages);
  if (path === undefined)
    throw refuse("which is outside of the place it is installed in", "its metadata claims files that aren't its own");
  // Whether it brings the file or not: who uninstalls it removes what the RECORD names.
  if (isOwnPath(path, sitePackages)) {
    const program = path.startsWith("bin/") ? `a program named ${JSON.stringify(path.slice(4))}, ` : "";
    throw refuse(
      `${program}which is a file of the environment itself`,
      "it would replace or remove what makes an environment",
    );
  }
  return path;
}

/** The source of a bytecode file: `a/__pycache__/b.cpython-312.pyc` → `a/b.py`. */
export function sourceOf(file: string): string | undefined {
  const match = /^(.*\/|)__pycache__\/([^/]+?)\.[^./]+(?:\.opt-[^./]+)?\.pyc$/.exec(file);
  return match ? `${match[1]}${match[2]}.py` : undefined;
}

/** Folders below a root, relative to it. Symbolic links are neither followed nor listed. */
export function listFolders(root: string): string[] {
  const folders: string[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      folders.push(path);
      visit(path);
    }
  };
  visit("");
  return folders;
}
