import { dirname, relative } from "node:path";
import { putFile, putLink } from "../platform/put.ts";
import { removeTree } from "../platform/remove.ts";
import { LAYER_LINK, LAYER_PTH, LAYER_PTH_TEXT, STAGE } from "../python/own-paths.ts";
import { applyFull, chooseMethod } from "./apply-full.ts";
import type { Change } from "./change.ts";
import { damageError, damageTo, type TreeDamage } from "./damage-error.ts";
import type { Layer } from "./layer.ts";
import { Linker } from "./link-files.ts";
import { removable, removeFiles } from "./remove-files.ts";
import type { ChangeReport, Drift } from "./report.ts";
import { settle } from "./settle.ts";
import type { Tree } from "./shapes.ts";

/**
 * {@link applyChange} for prefixes that read their packages through a link to a layer. Scripts, data and other `.pth`
 * files are the environment's own; private trees are copied as in full ones. Without the latter it is one run of few
 * synchronous calls: an environment is made in less time than asynchronous ones take to be scheduled.
 */
export async function applyThin(change: Change): Promise<ChangeReport> {
  const { prefix, sitePackages, layer } = change;
  const shared = change.from.filter((tree) => !tree.private);
  const stage = `${prefix}/${STAGE}`;
  const method = chooseMethod(change.link, layer && `${layer.root}.json`, stage);
  const linker = new Linker({ prefix, stage, method, sealed: false }, 0);
  const drift: Drift[] = layer ? linkApart(linker, layer, change, shared) : [];
  if (layer) {
    pointToLayer(prefix, layer, stage);
  }
  let removed = 0;
  if (shared.length > 0 || layer === undefined) {
    const gone = removable(prefix, sitePackages, leftovers(shared, layer));
    drift.push(...gone.kept);
    const pths = leftoverPths(shared, layer).map((name) => `${sitePackages}/${name}`);
    removed = removeFiles(prefix, [...gone.paths, ...pths], [sitePackages, "bin"]);
  }
  await removeTree(stage);
  const own = { from: change.from.filter((tree) => tree.private), to: change.to.filter((tree) => tree.private) };
  const { reflink, hardlink, copy } = linker.outcome;
  const report = { method, reflinked: reflink, hardlinked: hardlink, copied: copy, removed, drift };
  return own.from.length + own.to.length === 0 ? report : sum(report, await applyFull({ ...change, ...own }));
}

/** Gives a thin environment the `.pth` files of a layer and the link to it, each in one step. */
export function pointToLayer(prefix: string, layer: Layer, stage: string): void {
  const site = `${prefix}/${layer.sitePackages}`;
  for (const { name, text } of layer.pth) putFile(`${site}/${name}`, text, stage);
  putLink(wayTo(site, layer), `${site}/${LAYER_LINK}`, stage);
  putFile(`${site}/${LAYER_PTH}`, LAYER_PTH_TEXT, stage);
}

/** Relative inside of the state folder, which can be moved as a whole. */
function wayTo(site: string, layer: Layer): string {
  const home = dirname(dirname(dirname(layer.root)));
  const target = `${layer.root}/${layer.sitePackages}`;
  return site.startsWith(`${home}/`) ? relative(site, target) : target;
}

/** Gives the environment the files of a layer that it has itself. @returns what stands in their way */
function linkApart(linker: Linker, layer: Layer, change: Change, from: readonly Tree[]): Drift[] {
  linker.linkRows(layer.root, layer.apart, false, 0);
  const { damaged, occupied } = linker.outcome;
  if (damaged.length > 0)
    throw damageError(
      ownersOf(
        damaged.map(([, path]) => path),
        change.to,
      ),
    );
  if (occupied.length === 0) return [];
  const old = new Set(from.flatMap((tree) => tree.apart.map((row) => row[0])));
  const isOurs = (path: string) => old.has(path);
  return occupied
    .filter(([, row]) => !settle({ linker, prefix: change.prefix, root: layer.root, row, copy: false, isOurs }))
    .map(([, row]) => ({ path: row[0], reason: "isn't the file of this name that the layer has, and is kept" }));
}

function ownersOf(paths: readonly string[], trees: readonly Tree[]): TreeDamage[] {
  return trees.flatMap((tree) => {
    const own = paths.filter((path) => tree.apart.some((row) => row[0] === path));
    return own.length === 0 ? [] : [damageTo(tree, own)];
  });
}

/** Files that the old trees had in the prefix and the layer hasn't. */
function leftovers(from: readonly Tree[], layer: Layer | undefined) {
  const kept = new Set(layer?.apart.map((row) => row[0]));
  return from.flatMap((tree) => tree.apart.filter((row) => !kept.has(row[0])));
}

/** The same of what stands in site-packages. */
function leftoverPths(from: readonly Tree[], layer: Layer | undefined): string[] {
  const kept = new Set(layer?.pth.map(({ name }) => name));
  const gone = from.flatMap((tree) => tree.pth.filter((name) => !kept.has(name)));
  return layer ? gone : [...gone, LAYER_PTH, LAYER_LINK];
}

function sum(a: ChangeReport, b: ChangeReport): ChangeReport {
  return {
    method: a.method,
    reflinked: a.reflinked + b.reflinked,
    hardlinked: a.hardlinked + b.hardlinked,
    copied: a.copied + b.copied,
    removed: a.removed + b.removed,
    drift: [...a.drift, ...b.drift],
  };
}
