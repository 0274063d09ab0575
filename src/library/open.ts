import { resolveStateHome, resolveUserHome } from "../config/home.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { locateConfig } from "../config/locate.ts";
import { Credentials } from "../core/credentials.ts";
import { operation } from "../core/operation.ts";
import { EngineRegistry } from "../engines/registry.ts";
import { Configuration } from "../environments/configuration.ts";
import type { Context } from "../environments/context.ts";
import { EventBus } from "../environments/events.ts";
import { Hooks } from "../environments/hooks.ts";
import { recoverAll } from "../environments/lifecycle/recover.ts";
import type { OpenOptions } from "../environments/options.ts";
import { Ledger } from "../ledger/ledger.ts";
import { workingFolder } from "../platform/files.ts";
import { closeLeases } from "../platform/lease.ts";
import { mendLedger, mendState } from "../platform/mend-state.ts";
import { ensureState, statePaths } from "../platform/paths.ts";
import { Skerry } from "./skerry.ts";

/**
 * Opens the state folder, creating it where there is none, and recovers what killed processes left half done.
 * @throws SKE-STATE-UNSAFE, SKE-STATE-CORRUPT, SKE-STATE-NEWER, SKE-STATE-OLDER, SKE-CONFIG, SKE-CONFIG-UNTRUSTED, SKE-IO
 */
export async function openSkerry(options: OpenOptions = {}): Promise<Skerry> {
  const ledgers = new Map<string, Ledger>();
  try {
    return await assemble(options, ledgers);
  } catch (error) {
    for (const one of ledgers.values()) one.close();
    throw error;
  }
}

/** @param ledgers where those that are opened are kept, by state folder */
async function assemble(options: OpenOptions, ledgers: Map<string, Ledger>): Promise<Skerry> {
  const env = options.env ?? process.env;
  const cwd = workingFolder(options.cwd ?? process.cwd());
  const located = locateConfig({ cwd, env });
  const flags = { home: options.home };
  const ledgerAt = (home: string): Ledger => {
    const known = ledgers.get(home);
    if (known) return known;
    const paths = statePaths(home);
    const isReadOnly = !ensureState(paths);
    if (!isReadOnly) mendLedger(paths);
    const opened = new Ledger(paths.db, isReadOnly);
    if (!isReadOnly) mendState(paths);
    ledgers.set(home, opened);
    return opened;
  };
  // What is trusted is kept in the user's own state, where no project's file can lead.
  const userHome = await resolveUserHome(located, env, flags);
  const trusted = { has: (digest: string) => ledgerAt(userHome).trust.has(digest) };
  const home = await resolveStateHome(located, env, flags, trusted);
  const ledger = ledgerAt(home);
  const sources = { cwd, env, flags: options.flags ?? {}, located };
  const op = operation(options);
  const config = new Configuration({
    sources,
    ledger: async () => ledgerAt(userHome),
    onEvent: op.tell,
  });
  const own = {
    ...sources,
    flags: {},
    located: { ...located, files: located.files.filter(({ kind }) => kind === "user") },
  };
  let userConfig: Promise<LoadedConfig> | undefined;
  const events = new EventBus(ledger);
  const context: Context = {
    paths: statePaths(home),
    ledger,
    engines: new EngineRegistry({ env, cwd, cache: ledger.cache, home: () => ledger.homeId }, options.engines),
    hooks: new Hooks(),
    events,
    config: async () => (await config.load()).values,
    userConfig: async () => {
      userConfig ??= loadConfig({ ...own, trust: trusted });
      return (await userConfig).values;
    },
    safeConfig: async () => (await config.safe()).values,
    credentials: new Credentials(),
    env,
    cwd,
    operation: (own = {}) =>
      operation({ signal: own.signal ?? options.signal, onEvent: own.onEvent ?? options.onEvent }),
  };
  if (!ledger.db.isReadOnly) await recoverAll(context, op);
  return new Skerry(context, {
    flags: options.flags ?? {},
    located,
    config,
    close: () => {
      for (const one of ledgers.values()) one.close();
      closeLeases(context.paths);
    },
  });
}

/**
 * Opens the configuration of a folder, and what of it the user trusts, without the state that the project may want
 * elsewhere: nothing is refused for want of trust.
 * @throws SKE-CONFIG
 */
export async function openConfig(
  options: Pick<OpenOptions, "cwd" | "env" | "home" | "flags" | "onEvent"> = {},
): Promise<Configuration> {
  const { env = process.env, flags = {}, home, onEvent } = options;
  const cwd = workingFolder(options.cwd ?? process.cwd());
  const located = locateConfig({ cwd, env });
  const open = async () => {
    const paths = statePaths(await resolveUserHome(located, env, { home }));
    ensureState(paths);
    return new Ledger(paths.db);
  };
  let ledger: ReturnType<typeof open> | undefined;
  const sources = { cwd, env, flags, located };
  return new Configuration({
    sources,
    ledger: () => {
      ledger ??= open();
      return ledger;
    },
    onEvent: operation({ onEvent }).tell,
  });
}
