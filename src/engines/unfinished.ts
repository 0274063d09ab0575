import { absent, type Realized } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";

/** The handle of an environment whose creation was cut short: all that can be done with it is to remove it. */
export function unfinished(destroy: Realized["destroy"]): Realized {
  const reason = "its creation was not finished";
  const refuse = async (): Promise<never> => {
    throw new SkerryError("SKE-ENV-BROKEN", `Could not use the environment: ${reason}`, {
      hint: "remove it with skerry rm and create it again",
    });
  };
  return {
    state: null,
    facets: { local: absent(reason), layers: absent(reason), repair: absent(reason) },
    start: refuse,
    attach: refuse,
    inspect: async () => ({ state: "ready", problems: [reason] }),
    destroy,
  };
}
