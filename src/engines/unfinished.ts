import { absent, type Realized } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Json } from "../core/json.ts";

/**
 * The handle of an environment whose creation was cut short, or of which something else is recorded than its engine
 * wrote: all that can be done with it is to remove it.
 */
export function unfinished(state: Json, destroy: Realized["destroy"]): Realized {
  const reason = state === null ? "its creation was not finished" : "what is recorded of it is damaged";
  const refuse = async (): Promise<never> => {
    throw new SkerryError("SKE-ENV-BROKEN", `Could not use the environment: ${reason}`, {
      hint: "remove it with skerry rm and create it again",
    });
  };
  return {
    state,
    facets: { local: absent(reason), layers: absent(reason), repair: absent(reason) },
    start: refuse,
    // What still runs in it has to be stopped before it goes.
    attach: async (ref) => (await import("../processes/spawn.ts")).attachProcess(ref),
    inspect: async () => ({ state: "ready", problems: [reason] }),
    destroy,
  };
}
