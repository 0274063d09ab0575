import type { Realized } from "../../core/engine.ts";
import { facetOf } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import { digest } from "../../core/json.ts";
import type { Operation } from "../../core/operation.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import type { Context } from "../context.ts";
import { lostError } from "../unready.ts";

const KIND = "isolated";

/**
 * Makes sure that a fresh environment is isolated: by asking its Python once for an interpreter and a lock, and by
 * structure each time after that, which costs no process.
 * @throws SKE-ENV-LEAK
 */
export async function verifyIsolation(
  context: Context,
  realized: Realized,
  { spec, lock }: { readonly spec: EnvironmentSpec; readonly lock: string | null },
  op: Operation,
): Promise<void> {
  const home = facetOf(realized, "layers");
  if (!home.ok) return;
  const { target, mode } = home.use;
  const key = digest({
    target: target.identity,
    mode,
    system: spec.systemSitePackages,
    lock,
    editables: spec.packages.editables,
  });
  if (context.ledger.cache.get(KIND, key) === undefined) {
    await home.use.verify(op);
    context.ledger.cache.put(KIND, key, true);
    return;
  }
  const { state, problems } = await realized.inspect(op);
  if (state === "unknown") throw lostError("verify", spec.name, problems);
  if (problems.length === 0) return;
  throw new SkerryError("SKE-ENV-LEAK", `The fresh environment ${spec.name} isn't isolated: ${problems.join("; ")}`, {
    hint: "this is a fault: please report it",
    details: { problems },
  });
}
