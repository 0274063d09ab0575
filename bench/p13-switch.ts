import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { which } from "../src/platform/which.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import type { Ground } from "./harness/ground.ts";
import { alternate, command, timed } from "./harness/measure.ts";

const PASS = ["-c", "pass"] as const;

/** How many prompts are measured at once, since one takes less than a clock can tell. */
const PROMPTS = 200;

/** From `python` to the worktree's own. */
export const switching: Benchmark = {
  id: "P13",
  async run(ground) {
    const worktree = ground.folder("switch/shop");
    ground.run(["git", "init", "-q"], worktree);
    writeFileSync(join(worktree, "pyproject.toml"), '[project]\nname = "shop"\nversion = "0"\ndependencies = []\n');
    ground.run([ground.skerry, "worktree", "init", "--python", ground.python.path], worktree);
    return [...(await shim(ground, worktree)), ...(await hook(ground, worktree))];
  },
};

/** What a start through a shim takes longer than without. */
async function shim(ground: Ground, worktree: string): Promise<Row[]> {
  ground.run([ground.skerry, "shims", "install"]);
  const pyenv = which("pyenv", ground.env.PATH, worktree);
  if (pyenv === undefined) return left("the shim", "pyenv");
  const root = ground.folder("switch/pyenv");
  mkdirSync(join(root, "versions"));
  symlinkSync(dirname(dirname(ground.python.path)), join(root, "versions/bench"));
  const env = { ...ground.env, PYENV_ROOT: root, PYENV_VERSION: "bench" };
  command([pyenv, "rehash"], { cwd: worktree, env });
  const start = (program: string) => () => void command([program, ...PASS], { cwd: worktree, env });
  const beyond = async (through: string, direct: string) => {
    const [shimmed, plain] = [await timed(start(through)), await timed(start(direct))];
    return shimmed - plain;
  };
  const [own, theirs] = await alternate(3 * ground.rounds, [
    { work: () => beyond(join(ground.env.SKERRY_HOME!, "shims/python"), join(worktree, ".venv/bin/python")) },
    { work: () => beyond(join(root, "shims/python"), join(root, "versions/bench/bin/python")) },
  ]);
  return [
    {
      id: "P13",
      work: "what a shim adds to `python -c pass`",
      unit: "ms",
      ours: own,
      peer: { name: "pyenv's", figure: theirs },
      target: { ratio: 0.15 },
    },
  ];
}

/** What bash takes for its hook, on entering a worktree and at a prompt where nothing has changed. */
async function hook(ground: Ground, worktree: string): Promise<Row[]> {
  const direnv = which("direnv", ground.env.PATH, worktree);
  if (direnv === undefined) return left("the hook", "direnv");
  const theirs = ground.folder("switch/theirs");
  ground.run([ground.uv.path, "venv", "--quiet", "--python", ground.python.path], theirs);
  writeFileSync(join(theirs, ".envrc"), 'export VIRTUAL_ENV="$PWD/.venv"\nPATH_add .venv/bin\n');
  ground.run([direnv, "allow"], theirs);
  const ourHook = ground.run([ground.skerry, "hook", "bash"]);
  const theirHook = ground.run([direnv, "hook", "bash"]);
  const inBash = (code: string, folder: string, name: string, measured: string, times: number) => {
    const script = `${code}\ncd "$1"\n${measured}`.replaceAll("@HOOK@", name);
    return Number(command(["bash", "--norc", "-c", script, "-", folder], ground.surroundings())) / times;
  };
  const took = 'printf %s "$(( (10#${after/./} - 10#${before/./}) ))e-3"';
  const entering = `before=$EPOCHREALTIME; @HOOK@ 2>/dev/null; after=$EPOCHREALTIME; ${took}`;
  const prompts = `@HOOK@ 2>/dev/null; before=$EPOCHREALTIME; for ((n = 0; n < ${PROMPTS}; n++)); do @HOOK@; done; after=$EPOCHREALTIME; ${took}`;
  const both = (measured: string, times: number) =>
    alternate(2 * ground.rounds, [
      { work: () => inBash(ourHook, worktree, "__skerry_hook", measured, times) },
      { work: () => inBash(theirHook, theirs, "_direnv_hook", measured, times) },
    ]);
  const [enter, theirEnter] = await both(entering, 1);
  const [prompt, theirPrompt] = await both(prompts, PROMPTS);
  return [
    {
      id: "P13",
      work: "entering a worktree in bash",
      unit: "ms",
      ours: enter,
      peer: { name: "direnv", figure: theirEnter },
      target: { ratio: 0.5 },
    },
    {
      id: "P13",
      work: "a prompt where nothing has changed",
      unit: "ms",
      ours: prompt,
      peer: { name: "direnv", figure: theirPrompt },
      target: { ratio: 0.5 },
    },
  ];
}

function left(what: string, peer: string): Row[] {
  console.error(`P13: ${what} is left out, for ${peer} isn't on PATH`);
  return [];
}
