// The warm path: whatever this module imports is loaded before every `run` and `exec`.
import { existsSync } from "node:fs";
import { resolveStateHome } from "../config/home.ts";
import { type Located, locateConfig, mentions, variableFor } from "../config/locate.ts";
import type { LaunchRecipe } from "../core/engine.ts";
import type { Command, ExecPlan } from "../core/process.ts";
import { missingWitness, planLaunch } from "../engines/launch.ts";
import { Ledger } from "../ledger/ledger.ts";
import { selfIdentity } from "../platform/identity.ts";
import { ensureState, statePaths } from "../platform/paths.ts";
import { newCookie, withCookie } from "../processes/tree.ts";
import { type CachedRequest, REQUEST_KIND } from "./lifecycle/cached-request.ts";

/** Makes the key of a request, as {@link requestKey} of request-key.ts does; undefined when it can have none. */
type KeyMaker = (located: Located, env: Readonly<NodeJS.ProcessEnv>) => string | undefined;

/** What a warm start is asked for. */
export interface WarmRequest {
  readonly command: Command;
  /** The environment by name, or how the key of a cached one is made. Only `run` loads what makes keys. */
  readonly environment: { readonly name: string } | { readonly key: KeyMaker };
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cwd: string;
  /** `--home` */
  readonly home?: string;
}

/** How long the answer to a request is used again: the default of `lock_ttl`, for a file that sets it ends the warm path. */
const TTL_MS = 24 * 3_600_000;

/** After how many starts the rows of processes that have ended are deleted. */
const SWEEP_EVERY = 200;

/** Keys whose value the warm path would have to know; a configuration that may set one takes the ordinary path. */
const NEEDED_KEYS = ["timeout", "lock_ttl"] as const;

/**
 * Finds an environment that is ready, whole and needs nothing but to be started, and notes this process in the ledger
 * as running in it. What is returned must replace this process at once.
 * @returns undefined when the ordinary path has to be taken, whatever the reason
 * @throws SKE-COMMAND-NOT-FOUND, SKE-STATE-UNSAFE
 */
export async function warmStart(request: WarmRequest): Promise<ExecPlan | undefined> {
  const { env, cwd, command, environment } = request;
  const located = locateConfig({ cwd, env });
  if (needsConfiguration(located) || mentions(located, "home")) return undefined;
  const paths = statePaths(await resolveStateHome(located, env, { home: request.home }, { has: () => false }));
  if (!existsSync(paths.db)) return undefined;
  const isReadOnly = !ensureState(paths);
  const key = "key" in environment ? environment.key(located, env) : undefined;
  if ("key" in environment && key === undefined) return undefined;
  const ledger = new Ledger(paths.db, isReadOnly);
  const self = { kind: "local", ...selfIdentity(), cookie: newCookie() } as const;
  // Collection deletes environments in a transaction that looks at the rows of processes, so this is all it takes.
  const plan = ledger.write(() => {
    const found =
      "name" in environment ? ledger.environments.launch("name", environment.name) : cachedLaunch(ledger, key!);
    if (!found) return undefined;
    const recipe = recipeOf(found.launch);
    if (!recipe || missingWitness(recipe) !== undefined) return undefined;
    const planned = planLaunch(recipe, command, env, cwd);
    ledger.environments.use(found);
    const row = ledger.processes.insert(found.id, self, command.argv);
    // Nobody sees what replaced this process end: its row is found to be of the past by one start in many.
    if (row > 0 && row % SWEEP_EVERY === 0) ledger.processes.running();
    return planned;
  });
  return plan && { ...plan, env: withCookie(plan.env, self.cookie) };
}

/** What was recorded; undefined for what can't be read, of which the ordinary path tells. */
function recipeOf(text: string): LaunchRecipe | undefined {
  try {
    return JSON.parse(text) as LaunchRecipe;
  } catch {
    return undefined;
  }
}

function needsConfiguration(located: Located): boolean {
  return NEEDED_KEYS.some((key) => variableFor(located, key) !== undefined || mentions(located, key));
}

function cachedLaunch(ledger: Ledger, key: string) {
  const entry = ledger.cache.get(REQUEST_KIND, key);
  if (!entry || Date.now() - entry.at > TTL_MS) return undefined;
  return ledger.environments.launch("id", (entry.value as unknown as CachedRequest).environment);
}
