import type { Operation } from "../../core/operation.ts";
import type { PackageHost, PackageMove, PackageState } from "../../core/package-home.ts";
import { applyChange } from "../../store/apply.ts";
import { refuseDamaged } from "../../store/damage.ts";
import { damageOf, type TreeDamage } from "../../store/damage-error.ts";
import { refuseLinks } from "../../store/links.ts";
import type { Tree } from "../../store/shapes.ts";
import { gather, REPAIRS, remakeLayers, toldDamage } from "./gather.ts";
import type { LinkedPlace } from "./linked-place.ts";
import { buildPrivate, openPrivate } from "./private-trees.ts";

/** Makes what the lock names exist in the store, and moves the environment's files to it. @returns the packages that it has now */
export async function applyPackages(
  host: PackageHost,
  place: LinkedPlace,
  move: PackageMove,
  op: Operation,
): Promise<PackageState> {
  const privateTo = move.trees ? openPrivate(place, move.trees) : await buildPrivate(host, place, move.lock, op);
  const privateFrom = openPrivate(place, move.from.trees);
  const trees = privateTo.map((tree) => tree.key);
  let noted = false;
  let damaged: readonly TreeDamage[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      const { trees: from } = await gather(host, place, { lock: move.from.lock, damaged }, op);
      const { trees: to, layer } = await gather(host, place, { lock: move.lock, opened: from, damaged }, op);
      move.approve?.([...to, ...privateTo].reduce((sum, tree) => sum + tree.bytes, 0));
      if (move.noteTrees && !noted) {
        // Damage that is found from here on could have to be made good before the change can be taken back.
        refuseDamaged(to.filter((tree) => !from.some(({ key }) => key === tree.key)));
        refuseLinks(place, changed([...from, ...privateFrom], [...to, ...privateTo]));
        move.noteTrees(trees);
        noted = true;
      }
      const { prefix, sitePackages, mode, link } = place;
      await applyChange({
        ...{ prefix, sitePackages, mode, link },
        from: [...from, ...privateFrom],
        to: [...to, ...privateTo],
        ...(layer ? { layer } : {}),
        op,
      });
      await remakeLayers(host, damaged, op);
      return { lock: move.lock, trees };
    } catch (error) {
      const damage = damageOf(error);
      if (damage.length === 0 || attempt === REPAIRS) throw error;
      damaged = [...damaged, ...toldDamage(host, damage, op)];
    }
  }
}

/** The trees that come or go. */
function changed(from: readonly Tree[], to: readonly Tree[]): Tree[] {
  const isIn = (trees: readonly Tree[], { key }: Tree) => trees.some((one) => one.key === key);
  return [...from.filter((tree) => !isIn(to, tree)), ...to.filter((tree) => !isIn(from, tree))];
}
