import { facetOf } from "../../core/engine.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { damageOf, type TreeDamage } from "../../store/damage-error.ts";
import { type Mending, mendFiles } from "../../store/mend.ts";
import type { Tree } from "../../store/tree.ts";
import type { Context } from "../context.ts";
import {
  buildPrivate,
  gather,
  openPrivate,
  REPAIRS,
  remakeLayers,
  type Subject,
  tellDamage,
} from "../packages/apply.ts";
import { need } from "../packages/resolve.ts";

/** Which files of an environment to put back. */
export interface PackageMending extends Pick<Mending, "wrong" | "keep" | "remove"> {
  readonly lock: Lock;
  /** Which of the lock's packages. */
  readonly names: ReadonlySet<string>;
  /** Private trees that are as they should be; fewer than the lock has folders: they are built anew. */
  readonly own: readonly string[];
  /** Trees that are to be made anew. */
  readonly damaged: readonly TreeDamage[];
  /** The layer is to be made anew. */
  readonly newLayer: boolean;
}

/**
 * Makes what the lock names exist in the store, and puts the files of its packages back. Wheels that turn out to be damaged
 * are made anew. @returns the private trees that the environment has now
 */
export async function mendPackages(
  context: Context,
  { record, realized }: Subject,
  { lock, own, ...what }: PackageMending,
  op: Operation,
): Promise<readonly string[]> {
  const layers = need(facetOf(realized, "layers"), record.name, "hold packages");
  const holder = { record, layers };
  const known = openPrivate(record, own);
  const folders = lock.packages.filter((one) => one.directory);
  let mine: readonly Tree[] = known.length === folders.length ? known : await buildPrivate(context, holder, lock, op);
  let newLayer = what.newLayer;
  let damaged = tellDamage(context, what.damaged);
  for (let attempt = 1; ; attempt++) {
    try {
      const { trees, layer } = await gather(context, holder, { lock, damaged, newLayer }, op);
      newLayer = false;
      const { prefix, sitePackages } = layers;
      await mendFiles({
        ...what,
        prefix,
        sitePackages,
        link: record.spec.link,
        trees: [...trees, ...mine],
        ...(layer ? { layer } : {}),
      });
      await remakeLayers(context, damaged, op);
      return mine.map(({ key }) => key);
    } catch (error) {
      const found = damageOf(error);
      if (found.length === 0 || attempt === REPAIRS) throw error;
      damaged = [...damaged, ...tellDamage(context, found)];
      // Nobody but the project's folder can tell what these were.
      if (found.some(({ tree }) => mine.some(({ key }) => key === tree)))
        mine = await buildPrivate(context, holder, lock, op);
    }
  }
}
