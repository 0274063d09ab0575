import { resolveStateHome, resolveUserHome } from "../config/home.ts";
import { type Loaded, loadConfig, loadSafeConfig } from "../config/load.ts";
import { locateConfig } from "../config/locate.ts";
import { Credentials } from "../core/credentials.ts";
import { tellListener } from "../core/listener.ts";
import { operation } from "../core/operation.ts";
import { EngineRegistry } from "../engines/registry.ts";
import { Ledger } from "../ledger/ledger.ts";
import { workingFolder } from "../platform/files.ts";
import { closeLeases } from "../platform/lease.ts";
import { mendLedger, mendState } from "../platform/mend-state.ts";
import { ensureState, statePaths } from "../platform/paths.ts";
import type { Context } from "./context.ts";
import { EventBus } from "./events.ts";
import { Hooks } from "./hooks.ts";
import { recoverAll } from "./lifecycle/recover.ts";
import type { OpenOptions } from "./options.ts";

import { Skerry } from "./skerry.ts";

/**
 * Opens the state folder, creating it where there is none, and recovers what killed processes left half done.
 * @throws SKE-STATE-UNSAFE, SKE-STATE-CORRUPT, SKE-STATE-NEWER, SKE-STATE-OLDER, SKE-CONFIG, SKE-CONFIG-UNTRUSTED, SKE-IO
 */
export async function openSkerry(options: OpenOptions = {}): Promise<Skerry> {
  const env = options.env ?? process.env;
  const cwd = workingFolder(options.cwd ?? process.cwd());
  const located = locateConfig({ cwd, env });
  const flags = { home: options.home };
  const ledgers = new Map<string, Ledger>();
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
  const trust = () => ledgerAt(userHome).trust;
  const trusted = { has: (digest: string) => trust().has(digest) };
  const home = await resolveStateHome(located, env, flags, trusted);
  const ledger = ledgerAt(home);
  const sources = { cwd, env, flags: options.flags ?? {}, located };
  const warned = new Set<string>();
  const warn = <V>(loaded: Loaded<V>): Loaded<V> => {
    for (const warning of loaded.warnings.filter((one) => !warned.has(one))) {
      warned.add(warning);
      tellListener(options.onWarning, warning);
    }
    return loaded;
  };
  const config = once(async () => warn(await loadConfig({ ...sources, trust: trusted })));
  const safeConfig = once(async () => warn(await loadSafeConfig(sources)));
  const own = {
    ...sources,
    flags: {},
    located: { ...located, files: located.files.filter(({ kind }) => kind === "user") },
  };
  const userConfig = once(async () => loadConfig({ ...own, trust: trusted }));
  const events = new EventBus(ledger);
  const context: Context = {
    paths: statePaths(home),
    ledger,
    engines: new EngineRegistry({ env, cwd, cache: ledger.cache, home: () => ledger.homeId }, options.engines),
    hooks: new Hooks(),
    events,
    config: async () => (await config()).values,
    userConfig: async () => (await userConfig()).values,
    safeConfig: async () => (await safeConfig()).values,
    credentials: new Credentials(),
    env,
    cwd,
    operation: (own = {}) =>
      operation({ signal: own.signal ?? options.signal, onProgress: own.onProgress ?? options.onProgress }),
  };
  if (!ledger.db.isReadOnly) await recoverAll(context, context.operation());
  return new Skerry(context, {
    flags: options.flags ?? {},
    located,
    isTrusted: trusted.has,
    config,
    safeConfig,
    close: () => {
      for (const one of ledgers.values()) one.close();
      closeLeases(context.paths);
    },
  });
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}
