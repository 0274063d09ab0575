import { CLEANUPS } from "../../core/environment.ts";
import type { WarmRequest } from "../../environments/warm.ts";
import {
  cleanup,
  installation,
  modes,
  python,
  requirements,
  running,
  secret,
  systemSite,
  withRequirement,
} from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { sourceFlags, specOptions } from "../invocation/spec-options.ts";
import type { Verb } from "../verb.ts";

/** `skerry run [options] -- COMMAND…` */
export default {
  summary: "Run a command with packages, in an environment made for it or taken from the cache",
  description:
    "The environment follows from the options: the same options find the same environment, so that only the first run has to install anything. Such environments are kept out of `skerry ls` (see `skerry ls --cached`) and hold no changes of their own. With a project folder (`-e DIR`, `--with ./DIR`) the environment is one for this run alone, and goes when the command ends.",
  operands: [],
  passthrough: true,
  options: {
    with: withRequirement,
    ...requirements,
    python,
    "system-site-packages": systemSite,
    ...modes,
    ...installation,
    refresh: { type: "boolean", description: "Look for newer versions instead of using what is cached" },
    cleanup: { ...cleanup, description: "With a project folder: whether the environment goes when the command ends" },
    secret,
    ...running,
  },
  examples: [
    ["skerry run -- python -V", "Run the default Python, apart from everything else"],
    ["skerry run --with requests -- python app.py", "Run a script with a package"],
    ["skerry run -e . --with pytest -- pytest -x", "Run the tests of the project in this folder, as it is now"],
    ["skerry run --secret API_TOKEN -- python sync.py", "Need a variable of yours, whose value is kept nowhere"],
    ["skerry run --python 3.12 -r requirements.txt -- pytest -x", "Run the tests of a project under one Python"],
  ],
  passesOn: true,
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { library, signal } = invocation;
  const [{ requestKey }, { runIn }] = await Promise.all([
    import("../../environments/lifecycle/request-key.ts"),
    import("../running/run-in.ts"),
  ]);
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
      const environment = await skerry.cached({ ...request, cleanup, refresh, signal });
      // What was made for this run alone has to be removed after it.
      const isShared = environment.record.owner === null;
      return { environment, warm: isShared && !offline ? warm : undefined };
    },
  });
}
