import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import { counted } from "../core/text.ts";
import { exists, ioError } from "../platform/files.ts";
import { tryLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { removeTree, trash } from "../platform/remove.ts";
import { lastUse } from "./last-use.ts";
import { type Layer, layersFolder, openLayer } from "./layer.ts";
import type { Tree } from "./shapes.ts";
import { openTree, treesFolder } from "./tree.ts";

/** What the store holds. Bytes are those of trees: layers are links to them. */
export interface StoreUsage {
  readonly trees: number;
  readonly layers: number;
  readonly files: number;
  readonly bytes: number;
}

/** Every shared tree, by key. */
export function listTrees(paths: StatePaths): Tree[] {
  return keysIn(treesFolder(paths)).flatMap((key) => openTree(treesFolder(paths), key) ?? []);
}

/** Every layer, by key. */
export function listLayers(paths: StatePaths): Layer[] {
  return keysIn(layersFolder(paths)).flatMap((key) => openLayer(paths, key) ?? []);
}

/** A tree or layer, as collection sees it. */
export interface StoreEntry {
  readonly kind: "tree" | "layer";
  readonly key: string;
  /** The folder; the manifest is beside it. */
  readonly root: string;
  readonly manifest: string;
  /** For people: `requests==2.32.0`, `a layer of 5 packages`. */
  readonly name: string;
  /** Sum of the sizes of a tree's files; 0 for a layer, which has none of its own. */
  readonly bytes: number;
  /** Keys of the trees of a layer. */
  readonly trees: readonly string[];
  /** See {@link lastUse}. */
  readonly usedAt: number;
}

/** Every tree and layer; those too that can't be read, or are of another format. */
export function listStore(paths: StatePaths): StoreEntry[] {
  const entry = (kind: StoreEntry["kind"], folder: string, key: string, root = join(folder, key)) => {
    const manifest = join(folder, `${key}.json`);
    return { kind, key, root, manifest, usedAt: lastUse(manifest) };
  };
  const [trees, layers] = [treesFolder(paths), layersFolder(paths)];
  return [
    ...keysIn(layers).map((key): StoreEntry => {
      const known = openLayer(paths, key)?.trees ?? [];
      return {
        ...entry("layer", layers, key),
        name: `a layer of ${counted(known.length, "package")}`,
        bytes: 0,
        trees: known,
      };
    }),
    ...keysIn(trees).map((key): StoreEntry => {
      const tree = openTree(trees, key);
      const name = tree ? `${tree.name}==${tree.version}` : "a tree that can't be read";
      return { ...entry("tree", trees, key, tree?.root), name, bytes: tree?.bytes ?? 0, trees: [] };
    }),
  ];
}

/** Counts what the store holds, from manifests alone. */
export function storeUsage(paths: StatePaths): StoreUsage {
  const trees = listTrees(paths);
  return {
    trees: trees.length,
    layers: keysIn(layersFolder(paths)).length,
    files: trees.reduce((sum, tree) => sum + tree.count, 0),
    bytes: trees.reduce((sum, tree) => sum + tree.bytes, 0),
  };
}

/**
 * Removes folders that no manifest leads to, as killed builds leave them: they don't exist for anyone. One that can't be
 * read may lead to any folder that is named after its key.
 */
export async function sweepUnfinished(paths: StatePaths): Promise<void> {
  for (const kind of ["tree", "layer"] as const) {
    const folder = kind === "tree" ? treesFolder(paths) : layersFolder(paths);
    const rootOf = (key: string) => (kind === "tree" ? openTree(folder, key)?.root : `${folder}/${key}`);
    const isLost = (key: string, path: string) => !exists(`${folder}/${key}.json`) || (rootOf(key) ?? path) !== path;
    for (const name of namesIn(folder)) {
      const key = /^([0-9a-f]{64})(\.[\w-]+)?$/.exec(name)?.[1];
      const path = join(folder, name);
      if (key === undefined || name === `${key}.json` || !isLost(key, path)) continue;
      using lease = tryLease(paths, `${kind}-${key}`, "exclusive");
      if (!lease || !isLost(key, path)) continue;
      const gone = trash(paths, path);
      if (gone !== undefined) await removeTree(gone);
    }
  }
}

function keysIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
    .map((name) => name.slice(0, -5))
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw ioError("read", folder, error);
  }
}
