// Whatever isn't known here counts as running something: other tools' files can name code in more ways than one can list.

import { basename } from "node:path";
import { EMPTY_REQUIREMENTS } from "../core/spec.ts";
import { type Table, tableOf } from "../core/table.ts";
import { allTables } from "../project/pixi-manifest.ts";
import { dependencyGroups, type Project } from "../project/project.ts";
import { readRequirements } from "../python/requirement/files.ts";
import { isOfIndex, parseRequirement, type Requirement } from "../python/requirement/requirement.ts";

/**
 * Whether installing what these files say runs nothing that lies in the project: packages of an index or an address
 * only, and of the project itself at most what a build backend does that looks at nothing but pyproject.toml.
 * @param files those that say what is installed; absolute
 * @param isBuilt whether the project itself is installed
 */
export function runsNothing(project: Project, files: readonly string[], isBuilt: boolean): boolean {
  try {
    return files.every((path) => {
      const check = CHECKS.get(basename(path));
      return check ? check({ path, project, isBuilt }) : isRequirements(path, project.root);
    });
  } catch {
    return false;
  }
}

interface Checked {
  readonly path: string;
  readonly project: Project;
  readonly isBuilt: boolean;
}

const CHECKS: ReadonlyMap<string, (file: Checked) => boolean> = new Map(
  Object.entries({
    "setup.py": ({ isBuilt }) => !isBuilt,
    "setup.cfg": ({ isBuilt }) => !isBuilt,
    ".python-version": () => true,
    "skerry.toml": ({ path, project }) => isHarmless(project.table(path)),
    "pyproject.toml": isPyproject,
    "uv.lock": ({ path, project, isBuilt }) =>
      tablesOf(project.table(path).package).every((one) => isFetched(one, isBuilt)),
    "pylock.toml": ({ path, project }) => tablesOf(project.table(path).packages).every(isFetchedByPylock),
    "pixi.toml": ({ path, project }) => isPixi(project.table(path)),
    "pixi.lock": () => true,
  } satisfies Record<string, (file: Checked) => boolean>),
);

/** Keys of Skerry's own that say nothing of what is installed. */
function isHarmless(config: Table): boolean {
  return Object.keys(config).every((key) => /^(worktree_\w+|auto_sync|tasks|color)$/.test(key));
}

function isPyproject({ path, project: of, isBuilt }: Checked): boolean {
  const document = of.table(path);
  const { "build-system": build, project, tool } = document;
  const groups = dependencyGroups(document);
  const { dependencies, "optional-dependencies": optional } = tableOf(project);
  const { uv, skerry, pixi } = tableOf(tool);
  const lines = [dependencies, ...Object.values(tableOf(optional)), ...Object.values(tableOf(groups))].flat();
  const isLocal = lines.some((line) => typeof line === "string" && !isRemote(parseRequirement(line, { cwd: of.root })));
  const { workspace, sources, index, "index-url": first, "extra-index-url": more, "find-links": links } = tableOf(uv);
  const named = Object.values(tableOf(sources)).flat();
  const places = [index, first, more, links].flat().map((one) => (typeof one === "object" ? tableOf(one).url : one));
  return (
    !isLocal &&
    workspace === undefined &&
    named.every((source) => isSource(tableOf(source))) &&
    places.every(isAddress) &&
    isHarmless(tableOf(skerry)) &&
    (pixi === undefined || isPixi(tableOf(pixi))) &&
    (!isBuilt || isPlainlyBuilt(tableOf(build), tableOf(project), tableOf(tool)))
  );
}

/** The backends that run nothing of a project, whatever else is in it. */
function isPlainlyBuilt(build: Table, project: Table, tool: Table): boolean {
  const { "build-backend": backend, "backend-path": path, requires } = build;
  const isAlone = (name: string) => Array.isArray(requires) && requires.every((one) => isNamed(String(one), name));
  const isTold = ["name", "version", "description"].every((key) => typeof project[key] === "string");
  if (path !== undefined || !isTold || project.dynamic !== undefined) return false;
  if (backend === "uv_build") return isAlone("uv-build");
  return backend === "flit_core.buildapi" && tool.flit === undefined && isAlone("flit-core");
}

function isNamed(line: string, name: string): boolean {
  const requirement = parseRequirement(line);
  return isOfIndex(requirement) && requirement.name === name;
}

/** An entry of `[tool.uv.sources]`. */
function isSource({ path, workspace, url, git, ...rest }: Table): boolean {
  const known = ["index", "marker", "extra", "group", "rev", "tag", "branch", "subdirectory"];
  const isKnown = Object.keys(rest).every((key) => known.includes(key));
  return isKnown && path === undefined && workspace === undefined && [url, git].every(isAddress);
}

/** A package in uv.lock. The project itself is one as well; how it is built, its pyproject.toml says. */
function isFetched({ source, ...files }: Table, isBuilt: boolean): boolean {
  const [[kind, where] = [], ...more] = Object.entries(tableOf(source));
  if (kind === "editable" || kind === "virtual") return where === "." && (isBuilt || kind === "virtual");
  const isKnown = more.length === 0 && ["registry", "url", "git"].includes(kind ?? "");
  return isKnown && isAddress(where) && areFetched(files);
}

function isFetchedByPylock({ directory, ...files }: Table): boolean {
  return directory === undefined && areFetched(files);
}

/** The files of a locked package. */
function areFetched({ archive, vcs, sdist, wheels }: Table): boolean {
  const files = [archive, vcs, sdist, ...tablesOf(wheels)].map(tableOf);
  return files.every(({ path, url }) => path === undefined && isAddress(url));
}

/** A manifest that takes packages of known channels only, and runs nothing on activation. */
function isPixi(manifest: Table): boolean {
  const { project, workspace, package: own } = manifest;
  const all = allTables(manifest);
  const channels = [project, workspace, ...all].flatMap((part) => tableOf(part).channels ?? []);
  const kinds = ["dependencies", "host-dependencies", "build-dependencies", "pypi-dependencies", "dev"];
  const wanted = all.flatMap((part) => kinds.flatMap((kind) => Object.values(tableOf(part[kind])).map(tableOf)));
  return (
    own === undefined &&
    all.every(({ activation, "pypi-options": options }) => activation === undefined && options === undefined) &&
    channels.every((channel) => typeof channel === "string" && /^([\w-]+(\/[\w-]+)?$|https?:)/.test(channel)) &&
    wanted.every(
      ({ path, editable, url, git }) => path === undefined && editable !== true && [url, git].every(isAddress),
    )
  );
}

/** A file as pip reads it. */
function isRequirements(path: string, root: string): boolean {
  const { requirements, constraints, options, remote } = readRequirements(
    { ...EMPTY_REQUIREMENTS, files: [path] },
    root,
  );
  const places = [options.indexUrl, ...options.extraIndexUrls, ...options.findLinks];
  const isHere = remote.requirements.length + remote.constraints.length === 0;
  return isHere && [...requirements, ...constraints].every(isRemote) && places.every(isAddress);
}

function isRemote({ source }: Requirement): boolean {
  return source.kind === "index" || (source.kind !== "path" && isAddress(source.url));
}

/** Nothing, or an address on another machine. */
function isAddress(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && /^((git|hg|svn|bzr)\+)?(https?|ssh):\/\//.test(value));
}

function tablesOf(value: unknown): Table[] {
  return Array.isArray(value) ? value.map(tableOf) : [];
}
