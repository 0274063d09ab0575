import { nearest } from "../core/near.ts";
import { CONFIG_KEYS, type ConfigKey, flagOf, OTHER_VARIABLES, variableOf } from "./keys.ts";
import { type Environment, type Located, locateConfig, userHomeFolder, variableFor } from "./locate.ts";
import type { Config } from "./schema.ts";
import type { TrustRequest, TrustStore } from "./trust.ts";
import type { Origin } from "./values.ts";

/** Values of keys as flags give them, in the form that would stand in a file; undefined ones count as not given. */
export type FlagValues = { readonly [K in ConfigKey]?: unknown };

/** What the configuration is loaded from. */
export interface LoadInput {
  readonly cwd: string;
  readonly env: Environment;
  readonly flags: FlagValues;
  /** Asked only when a project's own file sets something unsafe. */
  readonly trust: Pick<TrustStore, "has">;
  /** What {@link locateConfig} found, when it was already called. */
  readonly located?: Located;
}

/** The configuration in force. */
export interface LoadedConfig {
  readonly values: Config;
  /** Where each value comes from. */
  readonly origins: Readonly<Record<ConfigKey, Origin>>;
  /** For people, one sentence each. */
  readonly warnings: readonly string[];
  readonly projectRoot?: string;
}

/**
 * Loads the configuration. Each key takes the whole value of the first that sets it: flag, variable, the project's
 * skerry.toml, `[tool.skerry]` of the pyproject.toml beside it, the user's file, default.
 * @throws SKE-CONFIG for a key or value that isn't allowed, wherever it stands, overridden or not
 * @throws SKE-CONFIG-UNTRUSTED for an unsafe value in a project that isn't trusted; then nothing of it is applied
 */
export async function loadConfig(input: LoadInput): Promise<LoadedConfig> {
  const located = input.located ?? locateConfig(input);
  const [{ parseLocated, readSettings }, { requestTrust, requireTrust }, { readValue, fromVariable }, { factsOf }] =
    await Promise.all([import("./settings.ts"), import("./trust.ts"), import("./values.ts"), import("./schema.ts")]);
  const values: Partial<Record<ConfigKey, unknown>> = {};
  const origins: Partial<Record<ConfigKey, Origin>> = {};
  const take = (key: ConfigKey, value: unknown, origin: Origin) => {
    if (origins[key] !== undefined) return;
    values[key] = value;
    origins[key] = origin;
  };
  const base = { folder: located.cwd, userHome: userHomeFolder(input.env) };

  for (const key of CONFIG_KEYS) {
    const raw = input.flags[key];
    const origin: Origin = { source: "flag", label: flagOf(key) ?? `flags.${key}` };
    if (raw !== undefined) take(key, readValue(key, raw, origin, base), origin);
  }
  for (const key of CONFIG_KEYS) {
    const text = variableFor(located, key);
    const origin: Origin = { source: "variable", label: variableOf(key) ?? "" };
    if (text !== undefined) take(key, readValue(key, fromVariable(key, text), origin, base), origin);
  }
  const settings = parseLocated(located);
  const read = readSettings(settings, input.env);
  requireTrust(requestTrust(located, settings), input.trust);
  for (const { key, value, origin } of read) take(key, value, origin);
  for (const key of CONFIG_KEYS) {
    const { default: raw } = factsOf(key);
    const origin: Origin = { source: "default", label: "default" };
    take(key, raw === undefined ? undefined : readValue(key, raw, origin, base), origin);
  }
  return {
    // Every key has passed its own schema above.
    values: values as Config,
    origins: origins as Record<ConfigKey, Origin>,
    warnings: strangeVariables(input.env),
    ...(located.projectRoot === undefined ? {} : { projectRoot: located.projectRoot }),
  };
}

/**
 * What the project's own files set that needs trust; undefined when there is nothing to trust.
 * @throws SKE-CONFIG
 */
export async function findTrustRequest(located: Located, env: Environment): Promise<TrustRequest | undefined> {
  const [{ parseLocated, readSettings }, { requestTrust }] = await Promise.all([
    import("./settings.ts"),
    import("./trust.ts"),
  ]);
  const settings = parseLocated(located);
  readSettings(settings, env);
  return requestTrust(located, settings);
}

function strangeVariables(env: Environment): string[] {
  const known = CONFIG_KEYS.map(variableOf).filter((name) => name !== undefined);
  return Object.keys(env)
    .filter((name) => name.startsWith("SKERRY_") && !known.includes(name) && !OTHER_VARIABLES.has(name))
    .map((name) => {
      const near = nearest(
        name.slice("SKERRY_".length),
        known.map((one) => one.slice("SKERRY_".length)),
      );
      return `the variable ${name} means nothing to Skerry${near === undefined ? "" : `; did you mean SKERRY_${near}?`}`;
    });
}
