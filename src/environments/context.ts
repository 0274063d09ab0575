import type { Config, SafeConfig } from "../config/schema.ts";
import type { Credentials } from "../core/credentials.ts";
import type { Realized } from "../core/engine.ts";
import { facetOf } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { Operation, OperationOptions } from "../core/operation.ts";
import type { Variables } from "../core/variables.ts";
import type { EngineRegistry } from "../engines/registry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { StatePaths } from "../platform/paths.ts";
import type { EventBus } from "./events.ts";
import type { Hooks } from "./hooks.ts";

/** What the operations on environments share. */
export interface Context {
  readonly paths: StatePaths;
  readonly ledger: Ledger;
  readonly engines: EngineRegistry;
  readonly hooks: Hooks;
  readonly events: EventBus;
  /** The configuration in force, to apply it; read when it is first asked for. @throws SKE-CONFIG-UNTRUSTED */
  config(): Promise<Config>;
  /** What the user alone has set: by variables and in the user's own file, not by flags, nor by a project. */
  userConfig(): Promise<Config>;
  /** Of the configuration, what needs no trust: enough for all that makes nothing of what the project asks for. */
  safeConfig(): Promise<SafeConfig>;
  /** What the addresses that were given here had in them; nothing keeps it. */
  readonly credentials: Credentials;
  /** The caller's variables and folder. */
  readonly env: Variables;
  readonly cwd: string;
  operation(options?: OperationOptions): Operation;
}

/** The engine's handle of a recorded environment. */
export function realizedOf(context: Context, record: EnvironmentRecord): Realized {
  return context.engines.get(record.engine).open(record);
}

/** Version of the Python of a recorded environment; undefined where its engine doesn't tell one. */
export function pythonVersionOf(context: Context, record: EnvironmentRecord): string | undefined {
  if (!context.engines.names.includes(record.engine)) return undefined;
  const realized = realizedOf(context, record);
  const layers = facetOf(realized, "layers");
  return layers.ok ? layers.use.target.identity.version : realized.pythonVersion?.();
}

/** The name of the lease that orders changes of one environment. */
export function environmentLease(id: string): string {
  return `environment-${id}`;
}

/** A time-out of the configuration, where 0 stands for none: the longest that a timer can take. */
export function timeoutOf(ms: number): number {
  return ms === 0 ? 2 ** 31 - 1 : ms;
}
