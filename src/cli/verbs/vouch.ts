import { placeAt } from "../../core/environment.ts";
import { vouchFor } from "../../worktrees/vouch.ts";
import { openLedger } from "../hook/place.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry __vouch ID`: lets a shim know that git tracks nothing of an environment. @throws SKE-ENV-TRACKED */
export default async function vouch({ library, operands, env }: Invocation): Promise<number> {
  const ledger = await openLedger({ cwd: library.cwd, env, home: library.home });
  const record = ledger?.environments.byId(operands[0]!);
  if (record?.spec.prefix === undefined) return 1;
  vouchFor(record.spec.prefix, placeAt(record.place).run);
  return 0;
}
