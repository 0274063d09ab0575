import { digest } from "../core/json.ts";
import { type Lock, lockDigest } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import { requirementInputs } from "../python/requirement/inputs.ts";
import type { Installer, ResolveRequest } from "./installer.ts";
import { constraintLines, requirementLines } from "./request-lines.ts";

/** A lock, and when it was resolved, in milliseconds since 1970. */
export interface Resolution {
  readonly lock: Lock;
  readonly at: number;
}

/** Keeps resolved locks. */
export interface LockCache {
  get(key: string): Resolution | undefined;
  put(key: string, lock: Lock): void;
}

/** Where locks are cached, and how old one of them may be. */
export interface CachePolicy {
  readonly cache: LockCache;
  /** Milliseconds; 0: a cached lock is never used. */
  readonly maxAgeMs: number;
  /** Resolve anew whatever is cached, and cache the answer. */
  readonly refresh?: boolean;
}

/** Counted up when what a key stands for changes. */
const FORMAT = 2;

/**
 * The key of a resolution: the interpreter and platform, all that the requirements lead to, the index settings and the
 * installer. A project folder counts by the files in it that can declare dependencies, so that its code may change; a
 * branch of a repository and versions on the index count by their names only, which is why a lock has an age.
 */
export function resolutionKey(request: ResolveRequest, installer: Installer): string {
  const { interpreter: _, ...target } = request.target.identity;
  return digest({
    format: FORMAT,
    target,
    inputs: requirementInputs(request.requirements, request.cwd, request.settings.variables).digest,
    settings: request.settings.digest,
    installer: [installer.name, installer.version],
    preferences: request.preferences && lockDigest(request.preferences),
    dependencies: request.dependencies,
    read: request.read && [requirementLines(request.read), constraintLines(request.read)],
    overrides: request.overrides,
  });
}

/**
 * Resolves, or gives a lock from the cache that is young enough. Offline the age doesn't count. A request to upgrade is
 * never answered from the cache.
 * @throws what {@link Installer.resolve} throws
 */
export async function resolveCached(
  request: ResolveRequest,
  installer: Installer,
  { cache, maxAgeMs, refresh = false }: CachePolicy,
  op: Operation,
): Promise<Resolution> {
  const key = resolutionKey(request, installer);
  const upgrades = request.upgrade === "all" || (request.upgrade?.length ?? 0) > 0;
  const found = refresh || upgrades ? undefined : cache.get(key);
  const offline = request.offline ?? request.settings.offline;
  if (found) {
    const age = Date.now() - found.at;
    // A clock that was put back makes an age negative: then it says nothing.
    if (offline || (age >= 0 && age < maxAgeMs)) return found;
  }
  const at = Date.now();
  const lock = await installer.resolve(request, op);
  // What an upgrade found isn't what the same request finds without it while its preferences hold; and what was found
  // offline may be older than what there is.
  if (!upgrades && !offline) cache.put(key, lock);
  return { lock, at };
}
