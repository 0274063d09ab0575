import { lstatSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { z } from "zod";
import { INFRASTRUCTURE_FILE } from "../config/task-files.ts";
import { SkerryError } from "../core/error.ts";
import type { Worktree } from "../git/believe.ts";
import { mainCheckout } from "../git/worktree.ts";
import { listWorktrees } from "../git/worktree-list.ts";
import { readIfExists, writeAtomic } from "../platform/files.ts";
import { excludeFromGit } from "./exclude.ts";

/** What a repository has for all of its worktrees: absolute paths, in the main checkout where there is one. */
export interface Infrastructure {
  /** Playbooks of Ansible: YAML files in folders of that name, or that say so by theirs. */
  readonly ansible_playbooks: readonly string[];
  /** Dockerfiles and files of Docker Compose. */
  readonly docker_configs: readonly string[];
  /** Executable files in folders of scripts. */
  readonly shared_scripts: readonly string[];
}

const PATHS = z.array(z.string().min(1).max(4096)).max(1000);

/** What {@link INFRASTRUCTURE_FILE} may hold; keys of others stay. */
const FILE_SCHEMA = z.looseObject({
  ansible_playbooks: PATHS.optional(),
  docker_configs: PATHS.optional(),
  shared_scripts: PATHS.optional(),
});

/** Folders that are looked through, three levels deep; the root itself is not entered further. */
const FOLDERS = ["ansible", "playbooks", "docker", "infra", "infrastructure", "deploy", "scripts", "bin", "tools"];
const DEPTH = 3;
const MOST_FILES = 1000;

/** Finds what the worktrees of a repository share. @param folders those to look through besides the usual ones */
export function findInfrastructure(root: string, folders: readonly string[]): Infrastructure {
  const found = { ansible_playbooks: [] as string[], docker_configs: [] as string[], shared_scripts: [] as string[] };
  const all = [
    ...filesIn(root, 1),
    ...[...new Set([...FOLDERS, ...folders])].flatMap((name) => filesIn(join(root, name), DEPTH)),
  ];
  for (const path of [...new Set(all)].sort().slice(0, MOST_FILES)) {
    const kind = kindOf(relative(root, path), path);
    if (kind) found[kind].push(path);
  }
  return found;
}

function kindOf(path: string, file: string): keyof Infrastructure | undefined {
  if (/(^|\/)(docker-)?compose[^/]*\.ya?ml$|(^|\/)Dockerfile(\.[^/]+)?$|\.Dockerfile$/.test(path))
    return "docker_configs";
  if (/\.ya?ml$/.test(path)) {
    const isNamed =
      basename(path).includes("playbook") || /(^|\/)playbooks?\/[^/]+$|(^|\/)site\.ya?ml$|^ansible\/[^/]+$/.test(path);
    return isNamed && !/(^|\/)(requirements|galaxy|inventory|hosts)[^/]*$/.test(path) ? "ansible_playbooks" : undefined;
  }
  const isScript = /^(scripts|bin|tools)\//.test(path) && (lstatSync(file).mode & 0o111) !== 0;
  return isScript ? "shared_scripts" : undefined;
}

function filesIn(folder: string, depth: number): string[] {
  if (depth === 0 || lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !entry.name.startsWith(".") ? filesIn(path, depth - 1) : [];
  });
}

/** What {@link setUpAll} did. */
export interface GlobalSetup {
  /** Where the infrastructure was looked for. */
  readonly source: string;
  readonly infrastructure: Infrastructure;
  /** The files that say so, one in each worktree; those that said so already are not changed. */
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Finds the infrastructure of a repository, in its main checkout or, without one, in this worktree, and writes where it
 * is into each worktree. @throws SKE-CONFIG for a file that isn't as it should be; none is written then
 */
export function setUpAll(worktree: Worktree, folders: readonly string[]): GlobalSetup {
  const main = mainCheckout(worktree.commonDir);
  const source = main ?? worktree.root;
  const infrastructure = findInfrastructure(source, folders);
  const roots = listWorktrees(worktree.commonDir)
    .filter(({ isGone, isTaken }) => !isGone && !isTaken)
    .map(({ root }) => root);
  const files = [...new Set([...roots, worktree.root])].map((root) => {
    const path = join(root, INFRASTRUCTURE_FILE);
    const before = ownText(path);
    return { path, before, after: `${JSON.stringify({ ...parsed(path, before), ...infrastructure }, null, 2)}\n` };
  });
  // Paths of this machine are nothing to commit.
  excludeFromGit(worktree.commonDir, [INFRASTRUCTURE_FILE]);
  for (const { path, before, after } of files) if (before !== after) writeAtomic(path, after);
  const paths = (changed: boolean) =>
    files.filter(({ before, after }) => (before !== after) === changed).map(({ path }) => path);
  return { source, infrastructure, written: paths(true), unchanged: paths(false) };
}

/** @throws SKE-CONFIG for what is no file of the worktree itself: what a link leads to is nothing to copy */
function ownText(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw refuse(path, "it is a link", undefined);
  return readIfExists(path);
}

/** What {@link INFRASTRUCTURE_FILE} says, of its parsed content; what it doesn't name is empty. @throws SKE-CONFIG */
export function readInfrastructure(path: string, value: unknown): Infrastructure {
  const { ansible_playbooks = [], docker_configs = [], shared_scripts = [] } = checked(path, value);
  return { ansible_playbooks, docker_configs, shared_scripts };
}

function parsed(path: string, text: string | undefined): z.output<typeof FILE_SCHEMA> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(path, "it is no JSON", error);
  }
  return checked(path, value);
}

/** As it is written: the schema would put the keys that it knows first. */
function checked(path: string, value: unknown): z.output<typeof FILE_SCHEMA> {
  const { success, error } = FILE_SCHEMA.safeParse(value);
  if (success) return value as z.output<typeof FILE_SCHEMA>;
  const issue = error.issues[0]!;
  throw refuse(path, `${issue.path.join(".")}: ${issue.message}`, error);
}

function refuse(path: string, why: string, cause: unknown): SkerryError {
  return new SkerryError("SKE-CONFIG", `${path}: ${why}`, { hint: "correct or remove the file", cause });
}
