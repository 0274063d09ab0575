import { CLEANUPS } from "../../core/environment.ts";
import { requestKey } from "../../environments/lifecycle/request-key.ts";
import type { WarmRequest } from "../../environments/warm.ts";
import type { Invocation } from "../invocation.ts";
import { runIn } from "../run-in.ts";
import { sourceFlags, specOptions } from "../spec-options.ts";

/** `skerry run [options] -- COMMAND…` */
export default function run(invocation: Invocation): Promise<number> {
  const { library, signal } = invocation;
  const request = specOptions(invocation);
  const cleanup = invocation.choice("cleanup", CLEANUPS);
  const refresh = invocation.flag("refresh");
  const flags = sourceFlags(invocation);
  // Offline, what was found before serves; what is found then serves nobody else.
  const { offline, ...lasting } = flags;
  const warm: WarmRequest["environment"] = {
    key: (located, env) => requestKey(request, located, env, { flags: lasting }),
  };
  return runIn(invocation, {
    // What is cached must not be looked at when newer versions are asked for.
    warm: refresh ? undefined : warm,
    async open() {
      const skerry = await library.open(flags);
      const environment = await skerry.cached({
        ...request,
        ...(cleanup === undefined ? {} : { cleanup }),
        refresh,
        signal,
      });
      // What was made for this run alone has to be removed after it.
      const isShared = environment.record.owner === null;
      return { environment, warm: isShared && !offline ? warm : undefined };
    },
  });
}
