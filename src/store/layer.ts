import { mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { trash, writeAtomic } from "../platform/files.ts";
import { acquireLease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { Claims } from "./claims.ts";
import { damageError } from "./damage.ts";
import { layerKey } from "./key.ts";
import { noteUse } from "./last-use.ts";
import type { LinkItem } from "./link-files.ts";
import { linkTrees } from "./link-pool.ts";
import { damagedTrees } from "./report.ts";
import { withScratch } from "./scratch.ts";
import { sealFolders } from "./seal.ts";
import { listFolders } from "./split.ts";
import { type FileRow, readFileRows, STORE_FORMAT, type Tree } from "./tree.ts";

/** Name of the link to the layer's site-packages in a thin environment's own. */
export const LAYER_LINK = "_skerry-layer";

/** Comes first among the `.pth` files of a thin environment, so that the others' lines find the layer's packages. */
export const LAYER_PTH = "00_skerry_layer.pth";

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
export interface LayerHeader {
  readonly format: number;
  readonly key: string;
  /** Keys of its trees, sorted. */
  readonly trees: readonly string[];
  readonly sitePackages: string;
  readonly conflicts: readonly PathConflict[];
  /** Files outside of site-packages, which thin environments have themselves. */
  readonly apart: readonly FileRow[];
  readonly pth: readonly CarriedPth[];
}

/** All files of several trees in one folder that mirrors a Python prefix; hardlinks to the trees' own. */
export interface Layer extends LayerHeader {
  readonly root: string;
}

/** Folder that holds the layers. */
export function layersFolder(paths: StatePaths): string {
  return join(paths.store, "layers");
}

const cache = new Map<string, { readonly stamp: string; readonly layer: Layer }>();

/** The layer with this key; undefined when there is none. It exists if and only if its manifest can be read. */
export function openLayer(paths: StatePaths, key: string): Layer | undefined {
  const manifest = join(layersFolder(paths), `${key}.json`);
  const stat = statSync(manifest, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  const known = cache.get(manifest);
  if (known?.stamp === stamp) return known.layer;
  try {
    const header = JSON.parse(readFileSync(manifest, "utf8")) as LayerHeader;
    const layer: Layer = { ...header, root: join(layersFolder(paths), key) };
    cache.set(manifest, { stamp, layer });
    return layer;
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * The layer that holds these trees; made when the store hasn't got it, by one process at a time.
 * @param onBuilt called when this call made it
 * @throws SKE-STORE-DAMAGED when a tree has damaged files, SKE-USAGE for no trees at all
 */
export async function ensureLayer(
  paths: StatePaths,
  trees: readonly Tree[],
  op: Operation,
  onBuilt?: (layer: Layer) => void,
): Promise<Layer> {
  const key = layerKey(trees.map((tree) => tree.key));
  const known = openLayer(paths, key);
  if (known) {
    noteUse(`${known.root}.json`);
    return known;
  }
  const [first] = trees;
  if (first === undefined) throw new SkerryError("SKE-INTERNAL", "A layer without packages was asked for");
  using _lease = await acquireLease(paths, `layer-${key}`, { mode: "exclusive", timeoutMs: LAYER_TIMEOUT_MS, op });
  const made = openLayer(paths, key);
  if (made) return made;
  op.report({ phase: "link", detail: "layer", total: trees.length });
  await withScratch(paths, (scratch) => buildLayer(paths, key, trees, first.sitePackages, scratch));
  const layer = openLayer(paths, key)!;
  onBuilt?.(layer);
  return layer;
}

async function buildLayer(
  paths: StatePaths,
  key: string,
  trees: readonly Tree[],
  sitePackages: string,
  scratch: string,
): Promise<void> {
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
  const header: LayerHeader = {
    format: STORE_FORMAT,
    key,
    trees: trees.map((tree) => tree.key).sort(),
    sitePackages,
    conflicts,
    apart: claims.trees.flatMap((tree) => tree.apart.filter((row) => !losers.has(`${tree.name} ${row[0]}`))),
    pth: carriedPth(claims.trees, join(root, sitePackages)),
  };
  const folders = listFolders(prefix);
  mkdirSync(layersFolder(paths), { recursive: true, mode: 0o700 });
  trash(paths, root);
  renameSync(prefix, root);
  sealFolders(root, folders);
  writeAtomic(`${root}.json`, JSON.stringify(header), { mode: 0o444, fsync: true, aside: scratch });
}

function findConflicts(claims: Claims): PathConflict[] {
  const conflicts = new Map<string, PathConflict>();
  for (const tree of claims.trees) {
    if (claims.isAlone(tree)) continue;
    for (const [path] of readFileRows(tree.manifest)) {
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
 * Python stops in the C locale. Those that set up old-style namespace packages (`*-nspkg.pth`) are left out: copied, they
 * look for their packages in the wrong folder and print a traceback, and namespaces work without them.
 */
function carriedPth(trees: readonly Tree[], site: string): CarriedPth[] {
  return trees.flatMap((tree) =>
    tree.pth
      .filter((name) => !name.endsWith("-nspkg.pth"))
      .map((name) => ({
        name,
        text: readFileSync(`${tree.root}/${tree.sitePackages}/${name}`, "utf8").replace(/^[^\r\n]+/gm, (line) =>
          carryLine(line, site),
        ),
      })),
  );
}

/** What site.py skips, runs, or takes as an absolute path stays as it is; `..` it would resolve before the link. */
function carryLine(line: string, site: string): string {
  if (/^\s*$|^#|^import[ \t]|^\//.test(line)) return line;
  return /(^|\/)\.\.(\/|$)/.test(line) ? join(site, line) : `${LAYER_LINK}/${line}`;
}
