import { join } from "node:path";
import { git } from "../git/repository.ts";
import { type Outcome, type ProgramOptions, Rig } from "../rig/rig.ts";

/** A project with tasks, which its user trusts. */
export async function tasksOf(toml: string, files: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const rig = await Rig.make();
  rig.write("skerry.toml", toml);
  for (const [path, text] of Object.entries(files)) rig.write(path, text);
  await trust(rig);
  return rig;
}

/** Trusts what a folder's project sets. */
export async function trust(rig: Rig, cwd = rig.cwd): Promise<void> {
  const { exitCode, stderr } = await rig.skerry(["trust", "--yes"], { cwd });
  if (exitCode !== 0) throw new Error(stderr);
}

/** Gives the rig's folder a `.venv`. */
export async function furnish(rig: Rig): Promise<void> {
  const { exitCode, stderr } = await rig.skerry(["create", "furnished", "--prefix", ".venv"]);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Runs `skerry task`. */
export function task(rig: Rig, args: readonly string[] = [], options: ProgramOptions = {}): Promise<Outcome> {
  return rig.skerry(["task", ...args], options);
}

/** The standard output of a task, which has to succeed. */
export async function said(rig: Rig, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await task(rig, args, options);
  if (exitCode !== 0) throw new Error(`task ${args.join(" ")}: ${exitCode}\n${stdout}${stderr}`);
  return stdout;
}

/** A repository in `rig.cwd/main` with these files, and worktrees beside it. @returns their folders */
export function repository(rig: Rig, files: Readonly<Record<string, string>>, ...worktrees: string[]): string[] {
  for (const [path, text] of Object.entries(files))
    rig.write(`main/${path}`, text, text.startsWith("#!") ? 0o755 : 0o644);
  const main = join(rig.cwd, "main");
  git(main, "init", "-q");
  git(main, "add", "-A");
  git(main, "commit", "-qm", "begin");
  const folders = worktrees.map((name) => join(rig.cwd, name));
  for (const [n, name] of worktrees.entries()) git(main, "worktree", "add", "-q", "-b", name, folders[n]!);
  rig.giveAll();
  return folders;
}

/** How to run a program so that the modes of files count: for root they don't. */
export function asOthers(argv: [string, ...string[]]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return argv;
  return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--", ...argv];
}
