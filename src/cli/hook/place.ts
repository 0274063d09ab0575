import { existsSync } from "node:fs";
import { resolveStateHome, resolveUserHome } from "../../config/home.ts";
import { locateConfig, mentions } from "../../config/locate.ts";
import type { LaunchRecipe } from "../../core/engine.ts";
import type { SkerryError } from "../../core/error.ts";
import type { Variables } from "../../core/variables.ts";
import { missingSecrets, missingWitness, variablesOf } from "../../engines/launch.ts";
import { trackedIn } from "../../git/tracked.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { ensureState, statePaths } from "../../platform/paths.ts";
import { environmentOf, type FolderEnvironment } from "../../project/environment.ts";
import type { Target } from "./change.ts";

/** The state that a folder's environments are in; undefined where there is none yet. @throws SKE-CONFIG-UNTRUSTED, SKE-STATE-UNSAFE */
export async function openLedger(at: {
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home: string | undefined;
}): Promise<Ledger | undefined> {
  const located = locateConfig(at);
  const flags = { home: at.home };
  // A record of trust is needed only where a file may lead elsewhere.
  const trust = mentions(located, "home") ? existing(await resolveUserHome(located, at.env, flags))?.trust : undefined;
  return existing(await resolveStateHome(located, at.env, flags, trust ?? { has: () => false }));
}

function existing(home: string): Ledger | undefined {
  const paths = statePaths(home);
  if (!existsSync(paths.db)) return undefined;
  const isReadOnly = !ensureState(paths);
  return new Ledger(paths.db, isReadOnly);
}

/** What stands where a folder's environment is looked for; see {@link environmentOf}. */
export function standingAt(cwd: string, env: Variables, ledger: Ledger): FolderEnvironment | undefined {
  return environmentOf(cwd, env, (id) => ledger.environments.byId(id));
}

/** What may be entered of what stands somewhere. */
export interface Entrance {
  /** Undefined when there is nothing to enter: it isn't the folder's own, is being made, or something of it is gone. */
  readonly target?: Target;
  /** Why not, where git tracks files in it. */
  readonly refused?: SkerryError;
}

/** Says how to enter an environment, and whether that may be. */
export function entranceTo({ prefix, record, relation }: FolderEnvironment, ledger: Ledger, env: Variables): Entrance {
  if (relation !== "own") return {};
  const refused = trackedIn(prefix);
  if (refused) return { refused };
  const { id } = record;
  const launch = ledger.environments.launch("id", id);
  const recipe = launch && (JSON.parse(launch.launch) as LaunchRecipe);
  const isWhole = recipe !== undefined && missingWitness(recipe) === undefined;
  if (!isWhole) return {};
  const missing = missingSecrets(recipe, env);
  return { target: { id, name: launch!.name, path: recipe.path, set: variablesOf(recipe), missing } };
}
