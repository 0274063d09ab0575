import type { EngineContext } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Fault } from "../core/fault.ts";
import type { Operation } from "../core/operation.ts";
import { isSameTime } from "../platform/file-time.ts";
import { baseInterpreterFacts, type InterpreterFacts, interpreterFacts } from "../python/interpreter.ts";
import { factsCache, interpreterFor } from "./local.ts";

/** Whether what was built for one interpreter works with the other: the same implementation, line and build. */
export function isSameLine(a: InterpreterFacts, b: InterpreterFacts): boolean {
  return (
    a.implementation === b.implementation &&
    a.abi === b.abi &&
    a.platform === b.platform &&
    a.versionInfo[0] === b.versionInfo[0] &&
    a.versionInfo[1] === b.versionInfo[1]
  );
}

/** What happened to the interpreter that an environment was made with; undefined when it is as it was. */
export async function interpreterFault(
  before: InterpreterFacts,
  context: EngineContext,
  op: Operation,
): Promise<Fault | undefined> {
  const now = await usableAt(before.path, context, op);
  const was = `${before.path} was ${before.version}`;
  if (now && isSameLine(before, now)) {
    if (now.size === before.size && isSameTime(now.mtimeMs, before.mtimeMs)) return undefined;
    const what = now.version === before.version ? "was replaced by another build" : `is ${now.version} now`;
    return { kind: "python-changed", message: `${was} and ${what}` };
  }
  const what = now ? `is ${now.version} now` : "is gone";
  const other = await otherOf(before, context, op);
  if (other?.version === before.version)
    return { kind: "python-moved", message: `${was} and ${what}; the same version is at ${other.path}` };
  const instead = other ? `${other.version} is at ${other.path}` : `no other ${lineOf(before)} is here`;
  return { kind: "python-gone", message: `${was} and ${what}; ${instead}` };
}

/** See `RepairFacet.interpreter`. */
export async function successorOf(
  before: InterpreterFacts,
  request: string | undefined,
  context: EngineContext,
  op: Operation,
): Promise<string> {
  if (request !== undefined) return (await interpreterFor(request, context, op)).path;
  const now = await usableAt(before.path, context, op);
  if (now && isSameLine(before, now)) return before.path;
  const other = await otherOf(before, context, op);
  if (other) return other.path;
  throw new SkerryError(
    "SKE-PYTHON-NOT-FOUND",
    `The interpreter ${before.path} (${before.version}) is gone, and no other ${lineOf(before)} is on this machine`,
    { hint: "install one, or name another version with --python: packages are then resolved anew for it" },
  );
}

function lineOf({ implementation, versionInfo }: InterpreterFacts): string {
  return `${implementation} ${versionInfo[0]}.${versionInfo[1]}`;
}

/** Another interpreter of the same line: of the same version, else the newest. */
async function otherOf(
  before: InterpreterFacts,
  context: EngineContext,
  op: Operation,
): Promise<InterpreterFacts | undefined> {
  const { env, cwd } = context;
  const { discoverInterpreters } = await import("../python/discovery.ts");
  const { found } = await discoverInterpreters({ env, cwd, cache: factsCache(context), op });
  const same = found.filter((one) => isSameLine(one, before));
  return same.find((one) => one.version === before.version) ?? same[0];
}

/** The base interpreter at a path; undefined when there is none that works. */
async function usableAt(path: string, context: EngineContext, op: Operation): Promise<InterpreterFacts | undefined> {
  const cache = factsCache(context);
  try {
    return await baseInterpreterFacts(await interpreterFacts(path, cache, op), cache, op);
  } catch (error) {
    if (!(error instanceof SkerryError) || !error.code.startsWith("SKE-PYTHON-")) throw error;
    return undefined;
  }
}
