import type { Realized } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import { damageOf } from "../../store/damage.ts";
import { type Mending, mendFiles } from "../../store/mend.ts";
import type { Tree } from "../../store/tree.ts";
import type { Context } from "../context.ts";
import { buildPrivate, gather, openPrivate, REPAIRS, remakeLayers, setDamageAside } from "../packages/apply.ts";
import { need } from "../packages/resolve.ts";

/** Which files of an environment to put back. */
export interface PackageMending extends Pick<Mending, "wrong" | "keep" | "remove"> {
  readonly lock: Lock;
  /** Which of the lock's packages. */
  readonly names: ReadonlySet<string>;
  /** Private trees that are as they should be; fewer than the lock has folders: they are built anew. */
  readonly own: readonly string[];
}

/**
 * Makes what the lock names exist in the store, and puts the files of its packages back. Wheels that turn out to be damaged
 * are made anew. @returns the private trees that the environment has now
 */
export async function mendPackages(
  context: Context,
  record: EnvironmentRecord,
  realized: Realized,
  { lock, own, ...what }: PackageMending,
  op: Operation,
): Promise<readonly string[]> {
  const layers = need(realized.facets.layers, record.name, "hold packages");
  const known = openPrivate(record, own);
  const folders = lock.packages.filter((one) => one.directory);
  const mine: readonly Tree[] =
    known.length === folders.length ? known : await buildPrivate(context, record, layers, lock, op);
  for (let attempt = 1; ; attempt++) {
    try {
      const { trees, layer } = await gather(context, record, layers, lock, op);
      const { prefix, sitePackages } = layers;
      await mendFiles({
        ...what,
        prefix,
        sitePackages,
        link: record.spec.link,
        trees: [...trees, ...mine],
        ...(layer ? { layer } : {}),
      });
      return mine.map(({ key }) => key);
    } catch (error) {
      const damage = damageOf(error);
      if (damage.length === 0 || attempt === REPAIRS) throw error;
      const withdrawn = await setDamageAside(context, damage, op);
      await gather(context, record, layers, lock, op);
      await remakeLayers(context, withdrawn, op);
    }
  }
}
