import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Activation } from "../../core/engine.ts";
import { missingNote } from "../../engines/launch.ts";

/** Variables by name; null: not set. */
export type Values = Readonly<Record<string, string | null>>;

/** What the hook has done to a shell. The shell exports it, as JSON in {@link HOOK_VARIABLE}, so that its children know. */
export interface HookState {
  /** The environment that was entered; undefined: none, and what follows is left to be watched for. */
  readonly entered?: { readonly id: string; readonly name: string };
  /** Variables but PATH: what the hook made of them, and what they were. */
  readonly variables: Readonly<Record<string, readonly [mine: string | null, before: string | null]>>;
  /** Every folder that the hook has put on PATH: a `deactivate` brings back a whole former PATH. */
  readonly folders: readonly string[];
  /** A virtual environment that was activated by hand and stays. */
  readonly kept?: string;
}

/** Where {@link HookState} is. */
export const HOOK_VARIABLE = "SKERRY_HOOK";

/** The environment that a folder has, as a shell enters it. */
export interface Target extends Pick<Activation, "path" | "set" | "missing"> {
  readonly id: string;
  readonly name: string;
}

/** What to do in a shell. */
export interface HookChange {
  /** Only what differs, the hook's own variable included. */
  readonly variables: Values;
  readonly state: HookState | undefined;
  /** What to tell, once. */
  readonly notes: readonly string[];
}

/** Variables that make every Python of an environment take its modules from elsewhere. */
const UNSET = ["PYTHONHOME", "__PYVENV_LAUNCHER__"];

/** Where a shell is. */
export interface Whereabouts {
  /** The environment of the folder. */
  readonly target: Target | undefined;
  /** The root of the checkout; undefined outside of git. */
  readonly checkout: string | undefined;
  /** The hook hasn't answered this shell before: what is active comes from the shell's parent. */
  readonly isFirst: boolean;
}

/**
 * What changes when a shell with these variables comes to a folder. What the hook did before is undone first, but only
 * where nobody has changed it since. A virtual environment that was activated by hand stays; one that the shell was
 * started with, and that lies in another checkout, is a leak of its parent.
 */
export function changeFor(env: Readonly<NodeJS.ProcessEnv>, { target, checkout, isFirst }: Whereabouts): HookChange {
  const before = readState(env[HOOK_VARIABLE]);
  const next = new Map(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const active = env.VIRTUAL_ENV || undefined;
  const isForeign =
    active !== undefined && active !== before?.variables.VIRTUAL_ENV?.[0] && active !== target?.set.VIRTUAL_ENV;
  const isLeak = isForeign && isFirst && active !== before?.kept && isElsewhere(active, checkout);
  const kept = isForeign && !isLeak ? active : undefined;
  const wanted = kept === undefined ? target : undefined;

  for (const [name, [mine, was]] of Object.entries(before?.variables ?? {})) {
    if ((env[name] ?? null) === mine) assign(next, name, was);
  }
  if (isLeak) next.delete("VIRTUAL_ENV");
  const isIn = wanted !== undefined && before?.entered?.id === wanted.id;
  const stale = new Set([...(before?.folders ?? []), ...(isLeak ? [`${active}/bin`] : [])]);
  const path = env.PATH?.split(":") ?? [];
  const isOnPath = wanted?.path.every((folder) => path.includes(folder)) === true;
  const rest = path.filter((folder) => !stale.has(folder) || (isIn && isOnPath && wanted.path.includes(folder)));
  const missing = wanted?.path.filter((folder) => !rest.includes(folder)) ?? [];
  next.set("PATH", [...missing, ...rest].join(":"));

  const variables: Record<string, readonly [string | null, string | null]> = {};
  for (const [name, value] of wanted ? entering(wanted, next) : []) {
    variables[name] = [value, next.get(name) ?? null];
    assign(next, name, value);
  }
  const state = stateOf(wanted, variables, before, kept);
  assign(next, HOOK_VARIABLE, state === undefined ? null : JSON.stringify(state));
  return {
    variables: differences(env, next),
    state,
    notes: [
      ...(isLeak ? [`passed over ${active}, which is of another checkout`] : []),
      ...notesOn(before, wanted, kept),
    ],
  };
}

/** Whether a prefix lies in the root of a checkout that isn't this one. */
function isElsewhere(prefix: string, checkout: string | undefined): boolean {
  const folder = dirname(prefix);
  return checkout !== undefined && folder !== checkout && existsSync(`${folder}/.git`);
}

function entering({ set }: Target, now: ReadonlyMap<string, string>): [string, string | null][] {
  const named = Object.entries(set).filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== "PATH");
  return [...named, ...UNSET.filter((name) => now.has(name)).map((name): [string, null] => [name, null])];
}

function stateOf(
  wanted: Target | undefined,
  variables: HookState["variables"],
  before: HookState | undefined,
  kept: string | undefined,
): HookState | undefined {
  const folders = [...new Set([...(wanted?.path ?? []), ...(before?.folders ?? [])])];
  if (wanted) return { entered: { id: wanted.id, name: wanted.name }, variables, folders };
  // Only what was activated over the hook's can bring its folders back.
  return kept !== undefined && folders.length > 0 ? { variables, folders, kept } : undefined;
}

function notesOn(before: HookState | undefined, wanted: Target | undefined, kept: string | undefined): string[] {
  if (wanted && before?.entered?.id !== wanted.id) {
    const { name, missing } = wanted;
    return [`entered ${name}`, ...(missing.length > 0 ? [missingNote(name, missing)] : [])];
  }
  if (!before?.entered || wanted) return [];
  return kept === undefined ? [`left ${before.entered.name}`] : [`left ${before.entered.name}: ${kept} was activated`];
}

function differences(env: Readonly<NodeJS.ProcessEnv>, next: ReadonlyMap<string, string>): Values {
  const names = new Set([...Object.keys(env), ...next.keys()]);
  const changed = [...names].filter((name) => env[name] !== next.get(name));
  return Object.fromEntries(changed.map((name) => [name, next.get(name) ?? null]));
}

function assign(variables: Map<string, string>, name: string, value: string | null): void {
  if (value === null) variables.delete(name);
  else variables.set(name, value);
}

/** What a shell says that the hook has done to it; anything else than the hook's own text counts as nothing. */
function readState(text: string | undefined): HookState | undefined {
  try {
    const state = JSON.parse(text ?? "null") as HookState | null;
    if (state === null || !isTexts(state.folders) || typeof state.variables !== "object") return undefined;
    const values = Object.entries(state.variables);
    const isWhole = values.every(
      ([name, pair]) => /^\w+$/.test(name) && Array.isArray(pair) && pair.every(isTextOrNull),
    );
    return isWhole ? state : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}
