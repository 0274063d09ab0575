import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { isOurs } from "./ownership.ts";

/** What a project is known by when it is trusted. */
export interface ProjectIdentity {
  /** The common git folder, the same for all worktrees of a repository; without a repository, the project's folder. */
  readonly anchor: string;
  /** Where the project's folder lies in the worktree: `""` at its root. */
  readonly within: string;
}

/** True where a repository begins: at a `.git` file, or at a `.git` folder that has a HEAD. */
export function isRepositoryRoot(folder: string): boolean {
  const entry = statSync(`${folder}/.git`, { throwIfNoEntry: false });
  if (entry === undefined) return false;
  return entry.isFile() || statSync(`${folder}/.git/HEAD`, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Finds what a project is known by. A linked worktree counts as its repository only when both know each other: the
 * `.git` file names a folder in the repository's `worktrees`, and that folder names the `.git` file. A copied or forged
 * `.git` file, a link named `.git`, and folders of other users stand for nothing but the place they are in.
 * @param repositoryRoot the folder that has the `.git` entry; undefined outside of repositories
 */
export function identifyProject(projectRoot: string, repositoryRoot: string | undefined): ProjectIdentity {
  const common = repositoryRoot === undefined ? undefined : commonGitFolder(repositoryRoot);
  if (repositoryRoot === undefined || common === undefined) return { anchor: projectRoot, within: "" };
  return { anchor: common, within: relative(repositoryRoot, projectRoot) };
}

function commonGitFolder(root: string): string | undefined {
  try {
    const dotGit = `${root}/.git`;
    const entry = lstatSync(dotGit);
    if (!isOurs(entry)) return undefined;
    if (entry.isDirectory()) return realpathSync(dotGit);
    if (!entry.isFile() || entry.size > 8192) return undefined;
    const link = /^gitdir: ([^\0]+?)[\r\n]*$/.exec(readFileSync(dotGit, "utf8"))?.[1];
    if (link === undefined) return undefined;
    const gitFolder = realpathSync(resolve(root, link));
    const common = realpathSync(resolve(gitFolder, readLine(`${gitFolder}/commondir`)));
    const back = resolve(gitFolder, readLine(`${gitFolder}/gitdir`));
    const registered = basename(dirname(gitFolder)) === "worktrees" && dirname(dirname(gitFolder)) === common;
    const mutual = registered && realpathSync(dirname(back)) === root && basename(back) === ".git";
    return mutual && isOurs(lstatSync(gitFolder)) && isOurs(lstatSync(common)) ? common : undefined;
  } catch {
    return undefined;
  }
}

function readLine(path: string): string {
  if (!lstatSync(path).isFile()) throw new Error(`${path} is not a file`);
  return readFileSync(path, "utf8").replace(/[\r\n]+$/, "");
}
