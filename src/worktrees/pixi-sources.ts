import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SkerryError } from "../core/error.ts";
import { digest } from "../core/json.ts";
import { type Table, tableOf } from "../core/table.ts";
import { contentsOf } from "../engines/launch.ts";
import { exists, readIfExists } from "../platform/files.ts";
import { defaultTables, followedFiles, readPixiManifest } from "../project/pixi-manifest.ts";
import type { Project } from "../project/project.ts";
import { parseRequirement, type Requirement } from "../python/requirement/requirement.ts";
import type { ProjectSources } from "./sources.ts";

/** What the default environment of a manifest asks for. */
interface Wanted {
  /** The request for a Python as conda writes it; undefined: none is asked for. */
  readonly python: string | undefined;
  /** Names of the other conda packages. */
  readonly conda: readonly string[];
  /** What comes from PyPI, as requirement lines. */
  readonly lines: readonly string[];
  /** Folders to install in editable form. */
  readonly editables: readonly string[];
}

/**
 * What a pixi project's environment follows, where pixi makes it: pixi alone reads the rest.
 * @param base what the project's other files say, for pixi builds it from these where the manifest names it
 */
export function pixiSources(project: Project, manifest: string, base: ProjectSources): ProjectSources {
  const { root } = project;
  const table = readPixiManifest(manifest, project);
  const { lines, conda } = wantedOf(table, root);
  const files = followedFiles(manifest, table);
  return {
    python: undefined,
    packages: { files: [], editables: [] },
    // Known also where it is nothing: what other files require, pixi doesn't install.
    declared: requirementsOf(lines, root, manifest),
    conda,
    read: [...new Set([...base.read, ...files])].filter(exists),
    digest: contentsOf(files).digest,
    notes: [],
  };
}

/**
 * The same for a virtual environment, where pixi isn't to be had: what the manifest takes from PyPI, or what the project's
 * other files say, where they do.
 * @param base what those say
 * @throws SKE-ENGINE-UNAVAILABLE that names the conda packages, where only pixi could install them
 */
export function sourcesWithoutPixi(project: Project, manifest: string, base: ProjectSources): ProjectSources {
  const { root } = project;
  const wanted = wantedOf(readPixiManifest(manifest, project), root);
  const { files, editables } = base.packages;
  const declared = requirementsOf(wanted.lines, root, manifest);
  const isSaid = files.length + editables.length > 0;
  const isLocked = files.some((file) => basename(file) !== "pyproject.toml");
  const read = [...base.read, manifest];
  const both = digest([base.digest, readIfExists(manifest) ?? null]);
  if (isSaid && (isLocked || basename(manifest) === "pixi.toml")) {
    const known = new Set(base.declared?.map(({ name }) => name));
    const left = [...wanted.conda, ...declared.flatMap(({ name }) => (known.has(name) ? [] : (name ?? "")))];
    const note = `pixi isn't on this machine: not installed what only ${basename(manifest)} asks for: ${left.join(", ")}`;
    return { ...base, read, digest: both, notes: [...base.notes, ...(left.length > 0 ? [note] : [])] };
  }
  if (wanted.conda.length > 0) {
    const names = wanted.conda.join(", ");
    const why = `${names} of ${manifest} ${wanted.conda.length === 1 ? "is a conda package" : "are conda packages"}`;
    throw new SkerryError("SKE-ENGINE-UNAVAILABLE", `Could not make the environment without pixi: ${why}`, {
      hint: "install pixi (https://pixi.sh); or take from PyPI what it has: pixi add --pypi NAME writes [pypi-dependencies]",
      details: { manifest, packages: wanted.conda },
    });
  }
  return {
    ...base,
    python: base.python ?? pythonRequest(wanted.python),
    packages: {
      ...base.packages,
      requirements: wanted.lines,
      editables: [...new Set([...editables, ...wanted.editables])],
    },
    declared: [...(base.declared ?? []), ...declared],
    read,
    digest: both,
    notes: [...base.notes, `pixi isn't on this machine: ${basename(manifest)} is followed from PyPI`],
  };
}

function wantedOf(document: Table, root: string): Wanted {
  const conda = new Map<string, unknown>();
  const pypi = new Map<string, unknown>();
  for (const table of defaultTables(document)) {
    for (const [name, spec] of Object.entries(tableOf(table.dependencies))) conda.set(name, spec);
    for (const [name, spec] of Object.entries(tableOf(table["pypi-dependencies"]))) pypi.set(name, spec);
  }
  const python = conda.get("python");
  const version = typeof python === "string" ? python : tableOf(python).version;
  const isEditable = ([, spec]: [string, unknown]) =>
    tableOf(spec).editable === true && tableOf(spec).path !== undefined;
  const entries = [...pypi];
  return {
    python: typeof version === "string" ? version : undefined,
    conda: [...conda.keys()].filter((name) => name !== "python"),
    lines: entries.filter((entry) => !isEditable(entry)).map(([name, spec]) => lineOf(name, spec, root)),
    editables: entries.filter(isEditable).map(([, spec]) => resolve(root, String(tableOf(spec).path))),
  };
}

/** A requirement line (PEP 508) for an entry of `[pypi-dependencies]`. */
function lineOf(name: string, spec: unknown, root: string): string {
  if (typeof spec === "string") return `${name}${versionOf(spec)}`;
  const { version, extras, path, git, url, rev, tag, branch, subdirectory } = tableOf(spec);
  const whole = Array.isArray(extras) && extras.length > 0 ? `${name}[${extras.join(",")}]` : name;
  const at = rev ?? tag ?? branch;
  if (typeof path === "string") return `${whole} @ ${pathToFileURL(resolve(root, path))}`;
  if (typeof url === "string") return `${whole} @ ${url}`;
  if (typeof git !== "string") return `${whole}${typeof version === "string" ? versionOf(version) : ""}`;
  const place = `git+${git.replace(/^git\+/, "")}${typeof at === "string" ? `@${at}` : ""}`;
  return `${whole} @ ${place}${typeof subdirectory === "string" ? `#subdirectory=${subdirectory}` : ""}`;
}

function versionOf(spec: string): string {
  const version = spec.trim();
  if (version === "*") return "";
  return /^\d/.test(version) ? `==${version}` : version;
}

/** A request for a Python, as Skerry understands it: conda writes `3.12.*` and `=3.12` for what is `3.12` elsewhere. */
function pythonRequest(spec: string | undefined): string | undefined {
  const version = spec?.replaceAll(" ", "");
  if (version === undefined || version === "" || version === "*") return undefined;
  return /^={0,2}(\d+(?:\.\d+)*)(?:\.\*)?$/.exec(version)?.[1] ?? version;
}

function requirementsOf(lines: readonly string[], cwd: string, where: string): Requirement[] {
  return lines.map((line) => parseRequirement(line, { cwd, where }));
}
