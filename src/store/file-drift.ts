import { readdirSync, type Stats } from "node:fs";
import { isErrno } from "../core/error.ts";
import type { FileDrift } from "../core/package-drift.ts";
import type { PackageMode } from "../core/spec.ts";
import { says } from "../platform/put.ts";
import { isOwnPath } from "../python/own-paths.ts";
import { Claims } from "./claims.ts";
import { compareFile, inspectFile, isFileOf, statOf } from "./damage.ts";
import { FILE_LIST } from "./damage-error.ts";
import type { Layer } from "./layer.ts";
import { isInstallersNote } from "./policy.ts";
import type { FileRow, Tree } from "./shapes.ts";
import { readRows } from "./tree.ts";

/** A prefix and the trees that it should hold. */
export interface Standing {
  readonly prefix: string;
  readonly sitePackages: string;
  readonly mode: PackageMode;
  readonly trees: readonly Tree[];
  /** Thin only: the layer of the shared trees. */
  readonly layer?: Layer;
  /** Names of distributions whose files aren't looked at: they are known to be gone, or of another version. */
  readonly except: ReadonlySet<string>;
  /** Compare contents, whatever sizes and times say. */
  readonly deep: boolean;
  /** Only files outside of site-packages. */
  readonly shallow: boolean;
}

/**
 * Compares the files of a prefix with the manifests of its trees. A file is right when it has the size and the time of its
 * row, as links and copies have, or else its content. Bytecode isn't compared: Python makes it anew when it is gone or old.
 */
export function compareFiles(standing: Standing): FileDrift[] {
  const { trees, shallow, except } = standing;
  const all = new Claims(trees);
  const rows = new Map(
    trees.map((tree) => [tree, shallow && all.isAlone(tree) ? tree.apart : readRows(tree.manifest)]),
  );
  const claims = new Claims(trees.filter((tree) => rows.get(tree) !== undefined));
  return all.trees
    .filter(({ name }) => !except.has(name))
    .flatMap((tree): FileDrift[] => {
      const known = shallow ? rows.get(tree) && tree.apart : rows.get(tree);
      if (known === undefined) return [{ path: FILE_LIST, package: tree.name, what: "damaged" }];
      const compared = known.filter(([path]) => !isBytecode(path));
      const own = claims.isAlone(tree) ? compared : compared.filter(([path]) => claims.winner(path) === tree);
      return own.flatMap((row): FileDrift[] => {
        const what = compareRow(standing, tree, row);
        return what === undefined ? [] : [{ path: row[0], package: tree.name, what }];
      });
    });
}

function isBytecode(path: string): boolean {
  return path.endsWith(".pyc");
}

function compareRow(standing: Standing, tree: Tree, row: FileRow): FileDrift["what"] | undefined {
  const { prefix, sitePackages, layer, deep } = standing;
  const inside = row[0].startsWith(`${sitePackages}/`);
  const shared = layer !== undefined && !tree.private;
  if (shared && inside && tree.pth.includes(row[0].slice(sitePackages.length + 1))) {
    return comparePth(standing, layer, row[0].slice(sitePackages.length + 1));
  }
  const path = shared && inside ? `${layer.root}/${row[0]}` : `${prefix}/${row[0]}`;
  const stat = statOf(path);
  const differs = compareFile(stat, row);
  if (!(shared && inside) && isOthersNote(row[0], sitePackages, stat)) return undefined;
  if (differs === "missing") return stat === undefined ? "missing" : "changed";
  // A layer is the store's; an environment's own files aren't touched.
  const isRight =
    shared && inside
      ? inspectFile(path, row, deep) === undefined
      : isUsable(stat!, row) && isFileOf(path, stat!, row, deep);
  if (isRight) return undefined;
  // Nobody has any business in a layer.
  if (shared && inside) return "damaged";
  const source = statOf(`${tree.root}/${row[0]}`);
  if (source?.ino === stat!.ino && source.dev === stat!.dev) return "damaged";
  return isEditable(row, sitePackages) ? "edited" : "changed";
}

/** Whether a file's owner can read it, and start it where that is what it is for; the rest of its mode is anybody's. */
function isUsable({ mode }: Stats, row: FileRow): boolean {
  return (row[3] & ~mode & 0o500) === 0;
}

/** Whether another installer that put the same version there once more may have left it so: some notes it leaves out. */
function isOthersNote(path: string, sitePackages: string, stat: Stats | undefined): boolean {
  if (!isInstallersNote(path, sitePackages)) return false;
  return stat === undefined ? /\/(REQUESTED|direct_url\.json)$/.test(path) : stat.isFile() && stat.size > 0;
}

/** Environments have copies of their own of these, and of metadata and `.pth` files, which only installers change. */
function isEditable([path, , , , , own]: FileRow, sitePackages: string): boolean {
  return own === 1 && !(path.startsWith(`${sitePackages}/`) && /\.(dist|egg)-info\/|\.pth$/.test(path));
}

/** `.pth` files of a layer are carried over, some of their lines changed. */
function comparePth({ prefix, sitePackages }: Standing, layer: Layer, name: string): FileDrift["what"] | undefined {
  const carried = layer.pth.find((one) => one.name === name);
  if (carried === undefined) return undefined;
  const path = `${prefix}/${sitePackages}/${name}`;
  if (statOf(path) === undefined) return "missing";
  return says(path, carried.text) ? undefined : "changed";
}

/**
 * What stands in `bin` and directly in site-packages and belongs to no package.
 * @param byHand tells paths that distributions list which were put there by hand; asked only where something is left
 */
export function extraFiles({ prefix, sitePackages, trees }: Standing, byHand: () => readonly string[]): FileDrift[] {
  const owned = new Set([
    ...trees.flatMap((tree) => [...tree.tops, ...tree.apart.map((row) => row[0])]),
    `${sitePackages}/__pycache__`,
    "bin/__pycache__",
  ]);
  const others = ["bin", sitePackages].flatMap((folder) =>
    namesIn(`${prefix}/${folder}`)
      .map((name) => `${folder}/${name}`)
      .filter((path) => !owned.has(path) && !isOwnPath(path, sitePackages)),
  );
  if (others.length === 0) return [];
  const tops = new Set(byHand().map((path) => topIn(path, sitePackages)));
  return others
    .filter((path) => !tops.has(path))
    .map((path): FileDrift => ({ path, package: undefined, what: "extra" }));
}

function topIn(path: string, sitePackages: string): string {
  if (!path.startsWith(`${sitePackages}/`)) return path;
  const end = path.indexOf("/", sitePackages.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
