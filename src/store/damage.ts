import { lstatSync, type Stats } from "node:fs";
import { SkerryError } from "../core/error.ts";
import { hashFile } from "../platform/hash-file.ts";
import { type FileRow, readFileRows, type Tree } from "./tree.ts";

/** What is wrong with a file of a tree. */
export interface Damage {
  /** In the prefix. */
  readonly path: string;
  readonly what: "missing" | "size" | "mtime" | "mode" | "content";
}

/** The damaged files of one tree. */
export interface TreeDamage {
  /** Key of the tree. */
  readonly tree: string;
  /** `name==version` */
  readonly package: string;
  readonly paths: readonly string[];
}

/** What differs between a file and its row, by stat; undefined when nothing does. Change time and link count don't count: links change them. */
export function compareFile(stat: Stats | undefined, row: FileRow): Damage["what"] | undefined {
  if (!stat?.isFile()) return "missing";
  if (stat.size !== row[1]) return "size";
  if (Math.abs(stat.mtimeMs - row[2]) > 1.5) return "mtime";
  return (stat.mode & 0o7777) === row[3] ? undefined : "mode";
}

/** Compares every file of a tree with its manifest by stat and by content: reads it all. */
export function verifyTree(tree: Tree): Damage[] {
  const damage: Damage[] = [];
  for (const row of readFileRows(tree.manifest)) {
    const full = `${tree.root}/${row[0]}`;
    const what = compareFile(lstatSync(full, { throwIfNoEntry: false }), row);
    if (what) damage.push({ path: row[0], what });
    else if (hashFile(full) !== row[4]) damage.push({ path: row[0], what: "content" });
  }
  return damage;
}

/** Compares every file of trees with their manifests by stat. @throws SKE-STORE-DAMAGED when one differs */
export function refuseDamaged(trees: readonly Tree[]): void {
  const damaged = trees.flatMap((tree): TreeDamage[] => {
    const rows = readFileRows(tree.manifest);
    const paths = rows
      .filter((row) => compareFile(lstatSync(`${tree.root}/${row[0]}`, { throwIfNoEntry: false }), row))
      .map((row) => row[0]);
    return paths.length === 0 ? [] : [{ tree: tree.key, package: `${tree.name}==${tree.version}`, paths }];
  });
  if (damaged.length > 0) throw damageError(damaged);
}

/** The error for damage that was found while files were taken from the store. {@link damageOf} reads it. */
export function damageError(trees: readonly TreeDamage[]): SkerryError {
  const files = trees.reduce((sum, tree) => sum + tree.paths.length, 0);
  const some = trees.flatMap((tree) => tree.paths).slice(0, 3);
  const names = trees.map((tree) => tree.package).join(", ");
  const message = `${files === 1 ? "A file" : `${files} files`} of ${names} in the store changed after being sealed: ${some.join(", ")}${files > some.length ? " …" : ""}`;
  return new SkerryError("SKE-STORE-DAMAGED", message, {
    hint: "try again: damaged wheels are set aside and made anew",
    details: { trees },
  });
}

/** The trees that a SKE-STORE-DAMAGED error is about; empty for any other error. */
export function damageOf(error: unknown): readonly TreeDamage[] {
  if (!(error instanceof SkerryError) || error.code !== "SKE-STORE-DAMAGED") return [];
  return (error.details.trees as readonly TreeDamage[] | undefined) ?? [];
}
