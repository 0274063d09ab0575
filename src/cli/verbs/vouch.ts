import { placeAt } from "../../core/environment.ts";
import type { Verb } from "../verb.ts";

/** `skerry __vouch ID`: lets a shim know that git tracks nothing of an environment. @throws SKE-ENV-TRACKED */
export default {
  summary: "Note that git tracks nothing of an environment; for shims",
  operands: [{ name: "ID", description: "The environment's id" }],
  options: {},
  examples: [],
  async run({ library, operands, env }) {
    const { vouchFor } = await import("../../worktrees/vouch.ts");
    const { openLedger } = await import("../hook/place.ts");
    const ledger = await openLedger({ cwd: library.cwd, env, home: library.home });
    const record = ledger?.environments.byId(operands[0]!);
    if (record?.spec.prefix === undefined) return 1;
    vouchFor(record.spec.prefix, placeAt(record.place).run);
    return 0;
  },
} satisfies Verb;
