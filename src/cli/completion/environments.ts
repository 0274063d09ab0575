import { existsSync } from "node:fs";
import { resolveStateHome, resolveUserHome } from "../../config/home.ts";
import { locateConfig } from "../../config/locate.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { statePaths } from "../../platform/paths.ts";
import { environmentOf } from "../../project/environment.ts";
import type { Candidate } from "./complete.ts";

/** The environments, from the state folder that all verbs use: that of this folder as `.`, then all. Creates nothing. @throws what those throw */
export async function environmentWords(
  home: string | undefined,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly (string | Candidate)[]> {
  const located = locateConfig({ cwd, env });
  const flags = { home };
  const userHome = await resolveUserHome(located, env, flags);
  const trust = { has: (digest: string) => ledgerOf(userHome)?.trust.has(digest) ?? false };
  const environments = ledgerOf(await resolveStateHome(located, env, flags, trust))?.environments;
  if (!environments) return [];
  const here = environmentOf(cwd, env, (id) => environments.byId(id));
  const names = environments.names();
  if (here?.relation !== "own") return names;
  return [{ word: ".", description: `${here.record.name}, the environment of this folder` }, ...names];
}

function ledgerOf(home: string): Ledger | undefined {
  const { db } = statePaths(home);
  return existsSync(db) ? new Ledger(db) : undefined;
}
