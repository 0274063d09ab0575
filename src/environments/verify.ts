import type { Realized } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import { digest } from "../core/json.ts";
import type { Operation } from "../core/operation.ts";
import type { EnvironmentSpec } from "../core/spec.ts";
import type { Context } from "./context.ts";

const KIND = "isolated";

/**
 * Makes sure that a fresh environment is isolated: by asking its Python once for an interpreter and a way of reading
 * packages, and by structure each time after that, which costs no process.
 * @throws SKE-ENV-LEAK
 */
export async function verifyIsolation(
  context: Context,
  spec: EnvironmentSpec,
  realized: Realized,
  op: Operation,
): Promise<void> {
  const { layers } = realized.facets;
  if (!layers.ok) return;
  const { target, prefix, mode, sitePackages } = layers.use;
  const verify = await import("../python/verify.ts");
  const key = digest({
    python: (realized.state as { python: unknown }).python,
    mode,
    system: spec.systemSitePackages,
    version: verify.VERIFY_VERSION,
  });
  if (context.ledger.cache.get(KIND, key) === undefined) {
    await verify.verifyByProcess({ prefix, target, systemSitePackages: spec.systemSitePackages }, op);
    context.ledger.cache.put(KIND, key, true);
    return;
  }
  const problems = verify.verifyByStructure({ prefix, target, sitePackages });
  if (problems.length > 0) {
    throw new SkerryError("SKE-ENV-LEAK", `The fresh environment in ${prefix} isn't isolated: ${problems.join("; ")}`, {
      hint: "this is a fault: please report it",
      details: { problems },
    });
  }
}
