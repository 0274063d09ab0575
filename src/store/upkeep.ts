import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { exists, ioError, removeTree, trash } from "../platform/files.ts";
import { acquireLease, tryLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { lastUse } from "./last-use.ts";
import { type Layer, layersFolder, openLayer } from "./layer.ts";
import { openTree, type Tree, treesFolder } from "./tree.ts";

/** How long to wait for who builds a tree or layer that is to be set aside. */
const ASIDE_TIMEOUT_MS = 60_000;

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
  const entry = (kind: StoreEntry["kind"], folder: string, key: string) => {
    const root = join(folder, key);
    const manifest = `${root}.json`;
    return { kind, key, root, manifest, usedAt: lastUse(manifest) };
  };
  const [trees, layers] = [treesFolder(paths), layersFolder(paths)];
  return [
    ...keysIn(layers).map((key): StoreEntry => {
      const known = openLayer(paths, key)?.trees ?? [];
      return {
        ...entry("layer", layers, key),
        name: `a layer of ${known.length === 1 ? "1 package" : `${known.length} packages`}`,
        bytes: 0,
        trees: known,
      };
    }),
    ...keysIn(trees).map((key): StoreEntry => {
      const tree = openTree(trees, key);
      const name = tree ? `${tree.name}==${tree.version}` : "a tree that can't be read";
      return { ...entry("tree", trees, key), name, bytes: tree?.bytes ?? 0, trees: [] };
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
 * Takes a damaged tree, and the layers that hold its files, out of the store, so that they are built anew when they are
 * asked for again. Thin environments of these layers are without packages until then.
 * @returns the layers
 */
export async function setAside(paths: StatePaths, treeKey: string, op: Operation): Promise<Layer[]> {
  const folder = treesFolder(paths);
  await setOneAside(paths, `tree-${treeKey}`, join(folder, treeKey), op);
  const layers = listLayers(paths).filter((layer) => layer.trees.includes(treeKey));
  for (const layer of layers) await setLayerAside(paths, layer, op);
  return layers;
}

/** The same for a layer whose trees are whole. */
export async function setLayerAside(paths: StatePaths, { key, root }: Layer, op: Operation): Promise<void> {
  await setOneAside(paths, `layer-${key}`, root, op);
}

/** Removes trees and layers that killed builds left without a manifest: they don't exist for anyone. */
export async function sweepUnfinished(paths: StatePaths): Promise<void> {
  for (const [folder, kind] of [
    [treesFolder(paths), "tree"],
    [layersFolder(paths), "layer"],
  ] as const) {
    const names = new Set(namesIn(folder));
    for (const name of names) {
      if (!/^[0-9a-f]{64}$/.test(name) || names.has(`${name}.json`)) continue;
      using lease = tryLease(paths, `${kind}-${name}`, "exclusive");
      if (!lease || exists(join(folder, `${name}.json`))) continue;
      const gone = trash(paths, join(folder, name));
      if (gone !== undefined) await removeTree(gone);
    }
  }
}

async function setOneAside(paths: StatePaths, lease: string, root: string, op: Operation): Promise<void> {
  using _lease = await acquireLease(paths, lease, { mode: "exclusive", timeoutMs: ASIDE_TIMEOUT_MS, op });
  for (const path of withdraw(paths, root)) await removeTree(path);
}

/**
 * Takes a tree or layer out of the store, in two renames: first its manifest, with which it ceases to exist.
 * @returns what is to be removed now
 */
export function withdraw(paths: StatePaths, root: string): string[] {
  return [trash(paths, `${root}.json`), trash(paths, root)].filter((path) => path !== undefined);
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
