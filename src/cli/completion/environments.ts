import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Ledger } from "../../ledger/ledger.ts";
import { defaultHome, statePaths } from "../../platform/paths.ts";

/**
 * Names of the environments, fast: no configuration file is read, so that a state folder that only a file names is
 * missed. Creates nothing.
 */
export function environmentNames(home: string | undefined, cwd: string, env: NodeJS.ProcessEnv): readonly string[] {
  const named = home ?? env.SKERRY_HOME;
  const { db } = statePaths(named ? resolve(cwd, named) : defaultHome(env));
  return existsSync(db) ? new Ledger(db).environments.names() : [];
}
