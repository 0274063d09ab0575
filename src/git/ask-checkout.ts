import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operation } from "../core/operation.ts";
import type { Worktree } from "./believe.ts";
import { readGitConfig } from "./git-config.ts";
import { runGit } from "./run-git.ts";

/** What git is told of a checkout that it is asked about. */
export type AskedCheckout = Pick<Worktree, "root" | "gitDir" | "commonDir">;

/** Nothing of the machine's or the user's settings either: filters and monitors may name programs of the project. */
const NO_SETTINGS = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_ATTR_NOSYSTEM: "1",
  // An object would stand for another one.
  GIT_NO_REPLACE_OBJECTS: "1",
};

/**
 * Asks git about a checkout that {@link believe} has found, with a configuration of ours in place of the repository's: a
 * file that git doesn't read names no filter, monitor, hook, transport or other file to run or wait for. Git is told
 * where the checkout is, and looks for none itself.
 * @returns what it printed @throws SKE-TOOL, SKE-TIMEOUT
 */
export async function askCheckout(
  { root, gitDir, commonDir }: AskedCheckout,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<string> {
  const common = mkdtempSync(join(tmpdir(), "skerry-git-"));
  try {
    layOut(common, commonDir);
    const own = {
      ...NO_SETTINGS,
      GIT_DIR: gitDir,
      GIT_WORK_TREE: root,
      GIT_COMMON_DIR: common,
      GIT_OBJECT_DIRECTORY: join(commonDir, "objects"),
    };
    return await runGit(args, { cwd: root, env, own }, op);
  } finally {
    rmSync(common, { recursive: true, force: true });
  }
}

/** Makes of an empty folder a common git folder that has everything of another but settings, hooks and attributes. */
function layOut(folder: string, commonDir: string): void {
  mkdirSync(join(folder, "info"));
  for (const name of ["refs", "packed-refs", "reftable", "info/exclude"])
    symlinkSync(join(commonDir, name), join(folder, name));
  const { objectFormat, refStorage, fileSystem } = readGitConfig(commonDir);
  const lines = ["[core]", "repositoryformatversion = 1", "fsmonitor = false", "untrackedCache = false"];
  for (const [key, value] of Object.entries(fileSystem)) lines.push(`${key.slice("core.".length)} = ${value}`);
  lines.push("[extensions]");
  if (objectFormat === "sha256") lines.push("objectFormat = sha256");
  if (refStorage === "reftable") lines.push("refStorage = reftable");
  writeFileSync(join(folder, "config"), `${lines.join("\n")}\n`);
}
