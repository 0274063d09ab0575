// On the warm path: what parses files is loaded only when a file may set `home`.
import { join, resolve } from "node:path";
import { defaultHome, userHomeFolder } from "../platform/paths.ts";
import { type Environment, type Located, mentions, variableFor } from "./locate.ts";
import type { KnownTrust } from "./trust.ts";

/** The flags that bear on where the state is. */
export interface HomeFlags {
  /** `--home`; relative to the working folder. */
  readonly home?: string | undefined;
}

/**
 * The user's state folder, whatever a project's own files say: flag, variable, user file, default. What is trusted is
 * recorded here; a project that could name the folder could bring records of its own.
 * @throws SKE-CONFIG for a user file that can't be understood
 */
export async function resolveUserHome(located: Located, env: Environment, flags: HomeFlags): Promise<string> {
  const direct = givenHome(located, env, flags);
  if (direct !== undefined || !mentions(located, "home")) return direct ?? defaultHome(env);
  return (
    (await fileHome({ ...located, files: located.files.filter(({ kind }) => kind === "user") }, env)) ??
    defaultHome(env)
  );
}

/**
 * The state folder: flag, variable, a trusted project's own file, user file, default. Absolute; nothing is created.
 * @param trust asked only when a project's own file sets it; it is kept in {@link resolveUserHome}
 * @throws SKE-CONFIG, SKE-CONFIG-UNTRUSTED
 */
export async function resolveStateHome(
  located: Located,
  env: Environment,
  flags: HomeFlags,
  trust: KnownTrust,
): Promise<string> {
  const direct = givenHome(located, env, flags);
  if (direct !== undefined || !mentions(located, "home")) return direct ?? defaultHome(env);
  return (await fileHome(located, env, trust)) ?? defaultHome(env);
}

async function fileHome(
  located: Located,
  env: Environment,
  trust: KnownTrust = { has: () => false },
): Promise<string | undefined> {
  const [{ parseLocated, readSettings }, { requestTrust, requireTrust }] = await Promise.all([
    import("./settings.ts"),
    import("./trust.ts"),
  ]);
  const settings = parseLocated(located);
  const home = readSettings(settings, env).find(({ key }) => key === "home");
  if (home === undefined) return undefined;
  if (home.origin.source !== "user") await requireTrust(requestTrust(located, settings, env), trust);
  return String(home.value);
}

function givenHome(located: Located, env: Environment, flags: HomeFlags): string | undefined {
  const text = flags.home ?? variableFor(located, "home");
  if (text === undefined) return undefined;
  return text.startsWith("~/") ? join(userHomeFolder(env), text.slice(2)) : resolve(located.cwd, text);
}
