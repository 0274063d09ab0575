import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { which } from "../src/platform/which.ts";
import { git } from "../tests/git/repository.ts";
import { addTrees, type DayTree, makeProject } from "../tests/real/day-project.ts";
import type { Benchmark, Row } from "./harness/benchmark.ts";
import type { Ground } from "./harness/ground.ts";
import { alternate, command } from "./harness/measure.ts";

const COUNT = 20;
const ROUNDS = 3;

/** One side's tools. */
interface Tools {
  /** Makes the environment of a worktree, and lets its Python be found there. */
  ready(tree: DayTree): void;
  /** Runs the project's script as somebody at a prompt would. @returns what it printed */
  run(tree: DayTree): string;
  upgrade(tree: DayTree): void;
  /** After a worktree is gone. */
  tidy(): void;
}

/** A day with twenty worktrees of a project of PyPI, each with versions of its own: see tests/long/day.test.ts. */
export const day: Benchmark = {
  id: "DAY",
  onlyWhenNamed: "it takes minutes",
  async run(ground) {
    const direnv = which("direnv", ground.env.PATH, ground.cwd);
    if (direnv === undefined) throw new Error("this comparison needs direnv on PATH");
    const folder = ground.folder("day");
    const pip = [ground.python.path, "-m", "pip", "--no-input", "--disable-pip-version-check", "download", "-q"];
    const bare = await makeProject(
      folder,
      (requirement, into) => ground.run([...pip, "--no-deps", "--no-binary", ":all:", "-d", into, requirement]),
      (archive, into) => ground.run(["tar", "xzf", archive, "-C", into, "--strip-components=1"]),
    );
    ground.run([ground.skerry, "shims", "install"]);
    const sides = [ourTools(ground), theirTools(ground, direnv)] as const;
    const disk = [0, 0];
    const totals = await alternate(
      ROUNDS,
      sides.map((tools, side) => ({
        work: async (round: number) => {
          const trees = await addTrees(bare, folder, `${side}-${round}`, COUNT);
          const before = kilobytes(ground);
          const started = performance.now();
          for (const tree of trees) tools.ready(tree);
          for (const tree of trees) check(tools.run(tree), tree);
          tools.upgrade(trees[0]!);
          check(tools.run(trees[0]!), { ...trees[0]!, attrs: "25.3.0" });
          let took = performance.now() - started;
          if (round > 0) disk[side] = (kilobytes(ground) - before) / 1024;
          for (const tree of trees) git(bare, "worktree", "remove", "--force", tree.folder);
          const tidying = performance.now();
          tools.tidy();
          took += performance.now() - tidying;
          for (const tree of trees) git(bare, "branch", "-q", "-D", tree.folder.split("/").at(-1)!);
          return took;
        },
      })),
    );
    rmSync(folder, { recursive: true });
    const row = { id: "DAY", target: { ratio: 1 } } as const;
    const peer = "uv sync + direnv";
    return [
      {
        ...row,
        work: `${COUNT} worktrees: ready, a script in each, an upgrade, gone`,
        unit: "ms",
        ours: totals[0]!,
        peer: { name: peer, figure: totals[1]! },
      },
      { ...row, work: "disk that they add", unit: "MB", ours: disk[0]!, peer: { name: peer, figure: disk[1]! } },
    ] satisfies Row[];
  },
};

function ourTools(ground: Ground): Tools {
  const env = { ...ground.env, PATH: `${ground.env.SKERRY_HOME}/shims:${ground.env.PATH}` };
  return {
    ready: ({ folder }) => void ground.run([ground.skerry, "worktree", "init", "--python", ground.python.path], folder),
    run: ({ folder }) => command(["python", "plain.py"], { cwd: folder, env }),
    upgrade: ({ folder }) => void ground.run([ground.skerry, "install", ".", "attrs==25.3.0"], folder),
    tidy: () => void ground.run([ground.skerry, "worktree", "prune"]),
  };
}

function theirTools(ground: Ground, direnv: string): Tools {
  const uv = ground.uv.path;
  return {
    ready({ folder }) {
      ground.run([uv, "sync", "--quiet", "--python", ground.python.path], folder);
      writeFileSync(join(folder, ".envrc"), 'export VIRTUAL_ENV="$PWD/.venv"\nPATH_add .venv/bin\n');
      ground.run([direnv, "allow"], folder);
    },
    run: ({ folder }) => ground.run([direnv, "exec", folder, "python", "plain.py"], folder),
    upgrade: ({ folder }) => void ground.run([uv, "pip", "install", "--quiet", "attrs==25.3.0"], folder),
    tidy: () => {},
  };
}

function check(printed: string, { module, attrs }: DayTree): void {
  if (printed !== `${module} ${attrs}\n`) throw new Error(`${module} ${attrs} was wanted, and came: ${printed}`);
}

/** What the scratch folder takes; du counts a file with several links once. */
function kilobytes(ground: Ground): number {
  return Number.parseInt(command(["du", "-sk", ground.scratch], ground.surroundings()), 10);
}
