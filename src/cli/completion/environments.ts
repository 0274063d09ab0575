import { existsSync } from "node:fs";
import { resolveStateHome, resolveUserHome } from "../../config/home.ts";
import { locateConfig } from "../../config/locate.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { statePaths } from "../../platform/paths.ts";

/** Names of the environments, from the state folder that all verbs use. Creates nothing. @throws what those throw */
export async function environmentNames(
  home: string | undefined,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const located = locateConfig({ cwd, env });
  const flags = { home };
  const userHome = await resolveUserHome(located, env, flags);
  const trust = { has: (digest: string) => ledgerOf(userHome)?.trust.has(digest) ?? false };
  return ledgerOf(await resolveStateHome(located, env, flags, trust))?.environments.names() ?? [];
}

function ledgerOf(home: string): Ledger | undefined {
  const { db } = statePaths(home);
  return existsSync(db) ? new Ledger(db) : undefined;
}
