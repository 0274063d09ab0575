import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { runTool } from "../platform/run-tool.ts";
import { findTool } from "../platform/which.ts";

/** How long one call of git may take, in milliseconds. */
const TIMEOUT_MS = 120_000;

/**
 * What a repository's configuration would have run: a monitor of its files, a pager, a transport that fetches what is
 * missing. Its hooks are left, for where they are is asked for; what is called here runs none.
 */
const NOTHING_RUNS = ["--no-pager", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-c", "diff.external="];

/**
 * Runs git in a folder, without the variables that git gives to hooks: those would lead it to another repository.
 * @returns what it printed @throws SKE-TOOL with its last lines, SKE-TIMEOUT
 */
export async function runGit(
  cwd: string,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<string> {
  const clean: Record<string, string> = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1" };
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !name.startsWith("GIT_")) clean[name] = value;
  const program = findTool("git", env.PATH);
  if (program === undefined) {
    throw new SkerryError("SKE-TOOL", `Could not run git ${args[0]}: there is no git on PATH`, { hint: "install git" });
  }
  const { exitCode, stdout, stderr } = await runTool([program, ...NOTHING_RUNS, ...args], {
    op,
    timeoutMs: TIMEOUT_MS,
    cwd,
    env: clean,
  });
  if (exitCode === 0) return stdout;
  throw new SkerryError("SKE-TOOL", `git ${args[0]} failed in ${cwd}: ${stderr.trim().split("\n").at(-1) ?? ""}`, {
    hint: "run it by hand to see all that it says",
  });
}
