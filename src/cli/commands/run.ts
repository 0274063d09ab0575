import { CLEANUPS } from "../../core/environment.ts";
import { requestKey } from "../../environments/request-key.ts";
import type { WarmRequest } from "../../environments/warm.ts";
import type { Invocation } from "../invocation.ts";
import { runIn } from "../run-in.ts";
import { specOptions } from "../spec-options.ts";

/** `skerry run [options] -- COMMAND…` */
export default function run(invocation: Invocation): Promise<number> {
  const { library, signal } = invocation;
  const request = specOptions(invocation);
  const cleanup = invocation.choice("cleanup", CLEANUPS);
  const refresh = invocation.flag("refresh");
  const warm: WarmRequest["environment"] = { key: (located, env) => requestKey(request, located, env) };
  return runIn(invocation, {
    // What is cached must not be looked at when newer versions are asked for.
    warm: refresh ? undefined : warm,
    async open() {
      const skerry = await library.open(invocation.flag("offline") ? { offline: true } : {});
      const environment = await skerry.cached({
        ...request,
        ...(cleanup === undefined ? {} : { cleanup }),
        refresh,
        signal,
      });
      // What was made for this run alone has to be removed after it.
      const isShared = environment.record.owner === null;
      return { environment, warm: isShared && !invocation.flag("offline") ? warm : undefined };
    },
  });
}
