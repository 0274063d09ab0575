import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { findTool } from "../platform/which.ts";
import { runTool } from "../processes/run-tool.ts";

/** How long one call of git may take, in milliseconds. */
const TIMEOUT_MS = 120_000;

/** Where git is run, and for whom. */
export interface GitCall {
  readonly cwd: string;
  /** The caller's variables. Those of git itself don't count: git gives them to hooks, and they would lead to another repository. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Variables of git for this call. */
  readonly own: Readonly<Record<string, string>>;
}

/**
 * Runs git, which asks nobody, fetches nothing and writes nothing of its own accord. What its configuration names may run:
 * see {@link askCheckout}.
 * @returns what it printed @throws SKE-TOOL with its last line, SKE-TIMEOUT
 */
export async function runGit(args: readonly string[], { cwd, env, own }: GitCall, op: Operation): Promise<string> {
  const clean: Record<string, string> = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1" };
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !name.startsWith("GIT_")) clean[name] = value;
  const program = findTool("git", env.PATH);
  if (program === undefined) {
    throw new SkerryError("SKE-TOOL", `Could not run git ${args[0]}: there is no git on PATH`, { hint: "install git" });
  }
  const { exitCode, stdout, stderr } = await runTool([program, "--no-pager", ...args], {
    op,
    timeoutMs: TIMEOUT_MS,
    cwd,
    // No protocol is allowed: no setting can allow one again.
    env: { ...clean, GIT_ALLOW_PROTOCOL: "none", ...own },
  });
  if (exitCode === 0) return stdout;
  throw new SkerryError("SKE-TOOL", `git ${args[0]} failed in ${cwd}: ${stderr.trim().split("\n").at(-1) ?? ""}`, {
    hint: "run it by hand to see all that it says",
  });
}
