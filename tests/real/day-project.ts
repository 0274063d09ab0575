import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";

/** A project of PyPI whose source archive has its tests, and what they need. */
const PROJECT = { name: "itsdangerous", version: "2.2.0", needs: ["pytest<9", "freezegun"] };
/** Versions of a package that nothing else requires: each worktree has one of them. */
const VERSIONS = ["25.1.0", "25.3.0", "24.2.0"];

/** A worktree of the project. */
export interface DayTree {
  readonly folder: string;
  /** The version of attrs that it wants. */
  readonly attrs: string;
  /** The project's own module in it. */
  readonly module: string;
}

/**
 * Somebody's project, under git, cloned bare. It has a script `p3.py` that tells where its modules come from, and the
 * same as `plain.py`.
 * @param download gets the source archive of a requirement of PyPI into a folder
 * @returns the bare repository
 */
export async function makeProject(
  folder: string,
  download: (requirement: string, into: string) => unknown,
  unpack: (archive: string, into: string) => unknown,
): Promise<string> {
  const source = join(folder, "source");
  mkdirSync(source);
  const { name, version, needs } = PROJECT;
  await download(`${name}==${version}`, source);
  const archive = join(source, readdirSync(source)[0]!);
  await unpack(archive, source);
  rmSync(archive);
  const group = `\n[dependency-groups]\ndev = ${JSON.stringify([...needs, "attrs"])}\n`;
  appendFileSync(join(source, "pyproject.toml"), group);
  for (const script of ["p3.py", "plain.py"])
    writeFileSync(join(source, script), `import attr, ${name}\nprint(${name}.__file__, attr.__version__)\n`);
  git(source, "init", "-q");
  git(source, "add", "-A", "-f");
  git(source, "commit", "-qm", "begin");
  const bare = join(folder, `${name}.git`);
  git(folder, "clone", "-q", "--bare", source, bare);
  return bare;
}

/** Adds worktrees, each with versions of its own. */
export async function addTrees(bare: string, folder: string, prefix: string, count: number): Promise<DayTree[]> {
  const trees = Array.from({ length: count }, (_, n): DayTree => {
    const tree = join(folder, `${prefix}-${n}`);
    return {
      folder: tree,
      attrs: VERSIONS[n % VERSIONS.length]!,
      module: join(tree, `src/${PROJECT.name}/__init__.py`),
    };
  });
  for (const { folder: tree, attrs } of trees) {
    git(bare, "worktree", "add", "-q", "-b", tree.split("/").at(-1)!, tree);
    const file = join(tree, "pyproject.toml");
    writeFileSync(file, (await Bun.file(file).text()).replace('"attrs"', `"attrs==${attrs}"`));
  }
  return trees;
}
