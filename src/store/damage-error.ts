import { SkerryError } from "../core/error.ts";
import type { Tree } from "./shapes.ts";

/** Stands among damaged paths for the manifest itself. */
export const FILE_LIST = "the list of its files";

/** The damaged files of one tree. */
export interface TreeDamage {
  /** Key of the tree. */
  readonly tree: string;
  /** Its folder: one that was made anew has another. */
  readonly root: string;
  /** `name==version` */
  readonly package: string;
  readonly paths: readonly string[];
}

/** What is damaged of a tree. */
export function damageTo(
  { key, root, name, version }: Pick<Tree, "key" | "root" | "name" | "version">,
  paths: readonly string[],
): TreeDamage {
  return { tree: key, root, package: `${name}==${version}`, paths };
}

/** The error for damage that was found while files were taken from the store. {@link damageOf} reads it. */
export function damageError(trees: readonly TreeDamage[]): SkerryError {
  const files = trees.reduce((sum, tree) => sum + tree.paths.length, 0);
  const some = trees.flatMap((tree) => tree.paths).slice(0, 3);
  const names = trees.map((tree) => tree.package).join(", ");
  const message = `${files === 1 ? "A file" : `${files} files`} of ${names} in the store changed after being sealed: ${some.join(", ")}${files > some.length ? " …" : ""}`;
  return new SkerryError("SKE-STORE-DAMAGED", message, {
    hint: "try again: damaged wheels are made anew",
    details: { trees },
  });
}

/** The trees that a SKE-STORE-DAMAGED error is about; empty for any other error. */
export function damageOf(error: unknown): readonly TreeDamage[] {
  if (!(error instanceof SkerryError) || error.code !== "SKE-STORE-DAMAGED") return [];
  return (error.details.trees as readonly TreeDamage[] | undefined) ?? [];
}
