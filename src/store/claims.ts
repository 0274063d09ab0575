import type { Tree } from "./shapes.ts";
import { readFileRows, topOf } from "./tree.ts";

/** Which tree of a set a path belongs to. Reads the files of a tree only when its neighbours make that necessary. */
export class Claims {
  readonly trees: readonly Tree[];
  private readonly byTop = new Map<string, Tree[]>();
  private readonly paths = new Map<Tree, ReadonlySet<string>>();

  constructor(trees: readonly Tree[]) {
    this.trees = [...trees].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.key < b.key ? -1 : 1));
    for (const tree of this.trees) {
      for (const top of tree.tops) {
        const known = this.byTop.get(top);
        if (known) known.push(tree);
        else this.byTop.set(top, [tree]);
      }
    }
  }

  /** True when another tree has something below one of this tree's tops. */
  isAlone(tree: Tree): boolean {
    return tree.tops.every((top) => (this.byTop.get(top)?.length ?? 0) <= 1);
  }

  /** The trees that have this path, in the order of their names: the last one wins. */
  claimants(path: string): Tree[] {
    const [first] = this.trees;
    if (first === undefined) return [];
    return (this.byTop.get(topOf(path, first.sitePackages)) ?? []).filter((tree) => this.pathsOf(tree).has(path));
  }

  /** The tree whose file stands at this path. */
  winner(path: string): Tree | undefined {
    return this.claimants(path).at(-1);
  }

  private pathsOf(tree: Tree): ReadonlySet<string> {
    const known = this.paths.get(tree);
    if (known) return known;
    const paths = new Set(readFileRows(tree).map((row) => row[0]));
    this.paths.set(tree, paths);
    return paths;
  }
}
