import { nearest } from "../core/near.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { type Base, defaultValues, plainValue } from "./defaults.ts";
import { CONFIG_KEYS, type ConfigKey, flagOf, OTHER_VARIABLES, renamedKey, SAFE_KEYS, variableOf } from "./keys.ts";
import { type ConfigFile, type Environment, type Located, locateConfig, variableFor } from "./locate.ts";
import type { Setting } from "./parse.ts";
import type { Config, SafeConfig } from "./schema.ts";
import type { KnownTrust, TrustRequest } from "./trust.ts";
import type { Origin } from "./values.ts";

/** Values of keys as flags give them, in the form that would stand in a file; undefined ones count as not given. */
export type FlagValues = { readonly [K in ConfigKey]?: unknown };

/** What the configuration is loaded from. */
export interface LoadInput {
  readonly cwd: string;
  readonly env: Environment;
  readonly flags: FlagValues;
  /** What {@link locateConfig} found, when it was already called. */
  readonly located?: Located;
}

/** Values of the configuration in force. */
export interface Loaded<Values> {
  readonly values: Values;
  /** Where each value comes from. */
  readonly origins: Readonly<Record<keyof Values, Origin>>;
  /** For people, one sentence each. */
  readonly warnings: readonly string[];
  readonly projectRoot?: string;
}

/** The configuration in force. */
export type LoadedConfig = Loaded<Config>;

/**
 * Loads the configuration, to apply it. Each key takes the whole value of the first that sets it: flag, variable, the project's
 * skerry.toml, `[tool.skerry]` of the pyproject.toml beside it, the user's file, default.
 * @throws SKE-CONFIG for a key or value that isn't allowed, wherever it stands, overridden or not
 * @throws SKE-CONFIG-UNTRUSTED for an unsafe value in a project that isn't trusted; then nothing of it is applied
 */
export async function loadConfig(
  input: LoadInput & {
    /** Asked only when a project's own file sets something unsafe. */
    readonly trust: KnownTrust;
  },
): Promise<LoadedConfig> {
  const { request, ...loaded } = await load(input);
  if (request) await (await import("./trust.ts")).requireTrust(request(), input.trust);
  return loaded;
}

/**
 * Loads what a project's own file may always set, trusted or not: for what applies nothing else of it.
 * @throws SKE-CONFIG
 */
export async function loadSafeConfig(input: LoadInput): Promise<Loaded<SafeConfig>> {
  const { request: _, ...loaded } = await load(input);
  const safe = <T>(all: Readonly<Record<ConfigKey, T>>) => Object.fromEntries(SAFE_KEYS.map((key) => [key, all[key]]));
  return {
    ...loaded,
    values: safe<unknown>(loaded.values) as SafeConfig,
    origins: safe(loaded.origins) as Loaded<SafeConfig>["origins"],
  };
}

async function load(
  input: LoadInput,
): Promise<LoadedConfig & { readonly request: (() => TrustRequest | undefined) | undefined }> {
  const located = input.located ?? locateConfig(input);
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
    if (raw !== undefined) take(key, await readFlag(key, raw, origin, base), origin);
  }
  for (const key of CONFIG_KEYS) {
    const text = variableFor(located, key);
    const origin: Origin = { source: "variable", label: variableOf(key) ?? "" };
    if (text !== undefined) take(key, await readVariable(key, text, origin, base), origin);
  }
  const files = located.files.length === 0 ? undefined : await readFiles(located, input.env);
  for (const { key, value, origin } of files?.read ?? []) take(key, value, origin);
  const defaults = defaultValues();
  for (const key of CONFIG_KEYS) take(key, defaults[key], { source: "default", label: "default" });
  return {
    // Every key has passed its own schema above, or needs none.
    values: values as Config,
    origins: origins as Record<ConfigKey, Origin>,
    warnings: [...strangeVariables(input.env), ...(files?.warnings ?? [])],
    request: files?.request,
    ...(located.projectRoot === undefined ? {} : { projectRoot: located.projectRoot }),
  };
}

async function readFlag(key: ConfigKey, raw: unknown, origin: Origin, base: Base): Promise<unknown> {
  return plainValue(key, raw, base) ?? (await import("./values.ts")).readValue(key, raw, origin, base);
}

async function readVariable(key: ConfigKey, text: string, origin: Origin, base: Base): Promise<unknown> {
  const plain = plainValue(key, text, base);
  if (plain !== undefined) return plain;
  const { fromVariable, readValue } = await import("./values.ts");
  return readValue(key, fromVariable(key, text), origin, base);
}

async function readFiles(located: Located, env: Environment) {
  const [{ overreaches, parseLocated, readSettings }, { requestTrust }] = await Promise.all([
    import("./settings.ts"),
    import("./trust.ts"),
  ]);
  const settings = parseLocated(located);
  const read = readSettings(settings, env);
  return {
    read,
    warnings: [...olderSpellings(settings), ...overreaches(settings)],
    request: () => requestTrust(located, settings, env),
  };
}

/**
 * What the project's own files set that needs trust; undefined when there is nothing to trust.
 * @throws SKE-CONFIG
 */
export async function findTrustRequest(located: Located, env: Environment): Promise<TrustRequest | undefined> {
  return (await readFiles(located, env)).request();
}

function olderSpellings(settings: ReadonlyMap<ConfigFile, readonly Setting[]>): string[] {
  return [...settings].flatMap(([{ path }, all]) =>
    all
      .filter(({ key, spelling }) => spelling !== key)
      .map(({ key, spelling, line }) => {
        const place = line === undefined ? path : `${path}:${line}`;
        return `${place}: ${spelling} is an older name; write ${key} instead`;
      }),
  );
}

function strangeVariables(env: Environment): string[] {
  const known = CONFIG_KEYS.map(variableOf).filter((name) => name !== undefined);
  return Object.keys(env)
    .filter((name) => name.startsWith("SKERRY_") && !known.includes(name) && !OTHER_VARIABLES.has(name))
    .map((name) => {
      const rest = name.slice("SKERRY_".length);
      const renamed = renamedKey(rest.toLowerCase())?.toUpperCase();
      const near =
        renamed ??
        nearest(
          rest,
          known.map((one) => one.slice("SKERRY_".length)),
        );
      return `the variable ${name} means nothing to Skerry${near === undefined ? "" : `; did you mean SKERRY_${near}?`}`;
    });
}
