import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { readWhole, writeAtomic } from "../platform/files.ts";
import { acquireLease } from "../platform/lease.ts";
import { lookAt } from "../platform/look.ts";
import { moveFolder } from "../platform/move.ts";
import type { StatePaths } from "../platform/paths.ts";
import { removeTree } from "../platform/remove.ts";
import { LAYER_LINK } from "../python/own-paths.ts";
import { Claims } from "./claims.ts";
import { compareFile, inspectFile, statOf } from "./damage.ts";
import { damageError } from "./damage-error.ts";
import { isDurable, machineBoot, markDurable } from "./durable.ts";
import { layerKey } from "./key.ts";
import { noteUse } from "./last-use.ts";
import type { LinkItem } from "./link-files.ts";
import { linkTrees } from "./link-pool.ts";
import { printManifest, readManifest, STORE_FORMAT } from "./manifest.ts";
import { isFileRow, isInside, isListOf, isName } from "./manifest-shape.ts";
import { damagedTrees } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { sealFolders } from "./seal.ts";
import type { FileRow, Sealed, Tree } from "./shapes.ts";
import { listFolders } from "./split.ts";
import { readFileRows } from "./tree.ts";
import { withdraw } from "./withdraw.ts";

const LAYER_TIMEOUT_MS = 10 * 60_000;

/** A path that several trees have: the file of the last one by name stands there. */
export interface PathConflict {
  readonly path: string;
  readonly winner: string;
  readonly losers: readonly string[];
}

/** A `.pth` file that thin environments get as their own: name and text. */
export interface CarriedPth {
  readonly name: string;
  readonly text: string;
}

/** What a layer's manifest says. */
export interface LayerHeader extends Sealed {
  readonly format: number;
  readonly key: string;
  /** Keys of its trees, sorted, and the names of the folders that they were linked from: a tree that is made anew has another. */
  readonly trees: readonly string[];
  readonly folders: readonly string[];
  readonly sitePackages: string;
  readonly conflicts: readonly PathConflict[];
  /** Files outside of site-packages, which thin environments have themselves. */
  readonly apart: readonly FileRow[];
  readonly pth: readonly CarriedPth[];
  /** A file in site-packages that tells whether the layer is there and has its times, without a look at all the others. */
  readonly witness: FileRow;
}

/** All files of several trees in one folder that mirrors a Python prefix; hardlinks to the trees' own. */
export interface Layer extends LayerHeader {
  readonly root: string;
  readonly manifest: string;
}

/** Folder that holds the layers. */
export function layersFolder(paths: StatePaths): string {
  return join(paths.store, "layers");
}

const cache = new Map<string, { readonly stamp: string; readonly layer: Layer }>();

/** The layer with this key; undefined when there is none. It exists if and only if its manifest can be read and its witness is there. */
export function openLayer(paths: StatePaths, key: string): Layer | undefined {
  const manifest = join(layersFolder(paths), `${key}.json`);
  const stat = lookAt(manifest);
  if (stat === undefined) return undefined;
  const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  const known = cache.get(manifest);
  let layer = known?.stamp === stamp ? known.layer : undefined;
  if (layer === undefined) {
    const header = readManifest(manifest, 1)?.[0];
    if (!isLayerHeader(header, key)) return undefined;
    layer = { ...header, root: join(layersFolder(paths), key), manifest };
    cache.set(manifest, { stamp, layer });
  }
  const differs = witnessed(layer);
  return differs === "missing" || differs === "size" ? undefined : layer;
}

/** Whether a layer lost the times and modes of its files: it was copied, or came out of an archive. */
export function hasLostTimes(layer: Layer): boolean {
  return witnessed(layer) !== undefined;
}

function witnessed({ root, witness }: Layer) {
  return compareFile(statOf(`${root}/${witness[0]}`), witness);
}

/** How a layer is asked for. */
export interface LayerRequest {
  readonly op: Operation;
  /** Make it anew, whatever is there. */
  readonly anew?: boolean;
  /** Called when this call made it. */
  readonly onBuilt?: (layer: Layer) => void;
}

/**
 * The layer that holds these trees; made when the store hasn't got it, or got it from trees that were made anew since,
 * by one process at a time.
 * @throws SKE-STORE-DAMAGED when a tree has damaged files, SKE-USAGE for no trees at all
 */
export async function ensureLayer(paths: StatePaths, trees: readonly Tree[], request: LayerRequest): Promise<Layer> {
  const { op, anew = false, onBuilt } = request;
  const key = layerKey(trees.map((tree) => tree.key));
  const current = () => {
    const layer = openLayer(paths, key);
    return layer && String(layer.folders) === String(foldersOf(trees)) ? layer : undefined;
  };
  const known = anew ? undefined : current();
  if (known && isDurable(known) && !hasLostTimes(known)) {
    noteUse(known.manifest);
    return known;
  }
  const [first] = trees;
  if (first === undefined) throw new SkerryError("SKE-INTERNAL", "A layer without packages was asked for");
  using _lease = await acquireLease(paths, `layer-${key}`, { mode: "exclusive", timeoutMs: LAYER_TIMEOUT_MS, op });
  const made = anew ? undefined : current();
  if (made && isWhole(made, trees)) {
    if (!isDurable(made)) markDurable(made.manifest, 1, paths.tmp);
    return made;
  }
  op.tell({ kind: "progress", phase: "link", detail: "layer", total: trees.length });
  await withScratch(paths, op, (scratch) => buildLayer(paths, key, trees, scratch));
  const layer = openLayer(paths, key)!;
  onBuilt?.(layer);
  return layer;
}

function foldersOf(trees: readonly Tree[]): string[] {
  return trees.map((tree) => basename(tree.root)).sort();
}

/**
 * Whether a layer's files are those of its trees: looked at where it lost their times and modes, which it gets back, and
 * read where an earlier boot of the machine made it.
 */
function isWhole(layer: Layer, trees: readonly Tree[]): boolean {
  const deep = !isDurable(layer);
  if (!deep && !hasLostTimes(layer)) return true;
  const lost = new Set(layer.conflicts.flatMap(({ path, losers }) => losers.map((name) => `${name} ${path}`)));
  const rows = trees.flatMap((tree) => readFileRows(tree).filter(([path]) => !lost.has(`${tree.name} ${path}`)));
  // Last the one that stands for all.
  return [...rows, layer.witness].every(
    (row, n) => (row[0] === layer.witness[0] && n < rows.length) || !inspectFile(`${layer.root}/${row[0]}`, row, deep),
  );
}

async function buildLayer(paths: StatePaths, key: string, trees: readonly Tree[], scratch: string): Promise<void> {
  const { sitePackages } = trees[0]!;
  const prefix = join(scratch, "layer");
  const stage = join(scratch, "stage");
  mkdirSync(prefix);
  const claims = new Claims(trees);
  const conflicts = findConflicts(claims);
  const items = claims.trees.map((tree): LinkItem => {
    const skip = conflicts.filter(({ losers }) => losers.includes(tree.name)).map(({ path }) => path);
    return { root: tree.root, manifest: tree.manifest, copy: false, skip };
  });
  const count = trees.reduce((sum, tree) => sum + tree.count, 0);
  const outcome = await linkTrees({ prefix, stage, method: "hardlink", sealed: true }, items, count);
  if (outcome.damaged.length > 0) throw damageError(damagedTrees(outcome, claims.trees));
  const lost = outcome.occupied[0];
  if (lost) {
    const name = claims.trees[lost[0]]!.name;
    throw new SkerryError(
      "SKE-PKG-CONFLICT",
      `${lost[1][0]} of ${name} can't stand beside the files of another package`,
      {
        hint: "these packages can't be installed together",
      },
    );
  }
  const losers = new Set(conflicts.flatMap(({ path, losers }) => losers.map((name) => `${name} ${path}`)));
  const root = join(layersFolder(paths), key);
  const manifest = `${root}.json`;
  const header: LayerHeader = {
    format: STORE_FORMAT,
    key,
    boot: machineBoot(),
    trees: trees.map((tree) => tree.key).sort(),
    folders: foldersOf(trees),
    sitePackages,
    conflicts,
    apart: claims.trees.flatMap((tree) => tree.apart.filter((row) => !losers.has(`${tree.name} ${row[0]}`))),
    pth: carriedPth(claims.trees, join(root, sitePackages)),
    witness: witnessOf(claims.trees[0]!),
  };
  const folders = listFolders(prefix);
  mkdirSync(layersFolder(paths), { recursive: true, mode: 0o700 });
  const old = withdraw(paths, { manifest, root });
  if (old.includes(root)) await removeTree(root);
  moveFolder(prefix, root);
  sealFolders(root, folders);
  writeAtomic(manifest, printManifest(header), { mode: 0o444, fsync: true, aside: scratch });
  for (const path of old) if (path !== root) await removeTree(path);
}

function witnessOf(tree: Tree): FileRow {
  const path = `${tree.sitePackages}/${tree.distInfo}/RECORD`;
  return readFileRows(tree).find((row) => row[0] === path)!;
}

function isLayerHeader(value: unknown, key: string): value is LayerHeader {
  if (typeof value !== "object" || value === null) return false;
  const header = value as Partial<Record<keyof LayerHeader, unknown>>;
  return (
    header.format === STORE_FORMAT &&
    header.key === key &&
    ["string", "undefined"].includes(typeof header.boot) &&
    isListOf(header.trees, isName) &&
    isListOf(header.folders, isName) &&
    isInside(header.sitePackages) &&
    Array.isArray(header.conflicts) &&
    isListOf(header.apart, isFileRow) &&
    Array.isArray(header.pth) &&
    isFileRow(header.witness)
  );
}

function findConflicts(claims: Claims): PathConflict[] {
  const conflicts = new Map<string, PathConflict>();
  for (const tree of claims.trees) {
    if (claims.isAlone(tree)) continue;
    for (const [path] of readFileRows(tree)) {
      if (conflicts.has(path)) continue;
      const names = claims.claimants(path).map(({ name }) => name);
      if (names.length > 1) conflicts.set(path, { path, winner: names.at(-1)!, losers: names.slice(0, -1) });
    }
  }
  return [...conflicts.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The `.pth` files of trees as a thin environment needs them. Relative lines lead through the environment's link: so
 * they stay right when it is switched, and no path with letters outside of ASCII gets into a `.pth` file, at which
 * Python stops in the C locale. Those that set up old-style namespace packages (`*-nspkg.pth`) look for them in the folder
 * in which they stand, and are told the layer's.
 */
function carriedPth(trees: readonly Tree[], site: string): CarriedPth[] {
  return trees.flatMap((tree) =>
    tree.pth.map((name) => ({
      name,
      text: readWhole(`${tree.root}/${tree.sitePackages}/${name}`)
        .toString("utf8")
        .replace(/^[^\r\n]+/gm, (line) => carryLine(line, site)),
    })),
  );
}

/** How a line that setuptools writes into `*-nspkg.pth` asks for the folder of its file. */
const OWN_FOLDER = /sys\._getframe\(1\)\.f_locals\['sitedir'\]/g;

/** What site.py skips, runs, or takes as an absolute path stays as it is; `..` it would resolve before the link. */
function carryLine(line: string, site: string): string {
  if (/^import[ \t]/.test(line))
    return line.replace(OWN_FOLDER, (folder) => `os.path.join(${folder}, '${LAYER_LINK}')`);
  if (/^\s*$|^#|^\//.test(line)) return line;
  return /(^|\/)\.\.(\/|$)/.test(line) ? join(site, line) : `${LAYER_LINK}/${line}`;
}
