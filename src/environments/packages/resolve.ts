import type { Facet } from "../../core/engine.ts";
import { SkerryError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import { Lately } from "../../core/lately.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { RelaxedRequirement } from "../../core/package-change.ts";
import { asksForPackages, type EnvironmentSpec, type InstallerChoice } from "../../core/spec.ts";
import type { Target } from "../../core/target.ts";
import type { ConflictContext } from "../../packages/conflicts/commands.ts";
import { findInstaller } from "../../packages/find-installer.ts";
import { resolveForced } from "../../packages/forced.ts";
import type { Installer, ResolveRequest } from "../../packages/installer.ts";
import type { LockFileContents } from "../../packages/lock-file.ts";
import { type LockCache, type Resolution, resolveCached } from "../../packages/resolve.ts";
import { type InstallerSettings, installerSettings } from "../../packages/settings.ts";
import type { Sources } from "../../packages/sources.ts";
import { readRequirements } from "../../python/requirement/files.ts";
import { requirementInputs } from "../../python/requirement/inputs.ts";
import { type Context, timeoutOf } from "../context.ts";
import { withAccessHint } from "./asked-secrets.ts";
import { withIndexes } from "./index-settings.ts";
import { withRelaxed } from "./relaxed.ts";

/** How a resolution may differ from the plain one. */
export interface ResolveOptions {
  readonly refresh?: boolean;
  /** Keep these versions where they fit. */
  readonly preferences?: Lock;
  readonly upgrade?: readonly string[] | "all";
  readonly offline?: boolean;
  readonly dependencies?: boolean;
  /** What lock files hold whose versions are among the requirements already. */
  readonly locked?: LockFileContents;
  /** The command on whose behalf it is, for the commands that lead out of a conflict. */
  readonly command?: ConflictContext;
  /** Requirements to take for others. */
  readonly relaxed?: readonly RelaxedRequirement[];
}

/** What is behind a facet. @throws SKE-FACET-ABSENT with the engine's reason */
export function need<T>(facet: Facet<T>, name: string, doing: string): T {
  if (facet.ok) return facet.use;
  throw new SkerryError(
    "SKE-FACET-ABSENT",
    `${name} can't ${doing}: ${facet.reason}`,
    facet.hint === undefined ? {} : { hint: facet.hint },
  );
}

interface Chosen {
  readonly installer: Installer;
  readonly settings: InstallerSettings;
}

const chosen = new Lately<Chosen>();

/** The installer for an environment, and the settings it is given. */
export async function installerFor(
  context: Context,
  choice: InstallerChoice,
  target: Target,
  op: Operation,
): Promise<Chosen> {
  const key = `${choice} ${target.identity.interpreter}`;
  const known = chosen.get(key, context);
  if (known) return known;
  const config = await context.config();
  const env = withIndexes(context.env, config);
  const { credentials, cwd } = context;
  const timeoutMs = timeoutOf(config.install_timeout);
  const settings = installerSettings(env, { cwd, offline: config.offline, timeoutMs, credentials });
  const own = async () => {
    const { offline: isOffline } = await context.userConfig();
    const ownEnv = withIndexes(context.env, await context.userConfig());
    return installerSettings(ownEnv, { cwd, offline: config.offline || isOffline, timeoutMs });
  };
  const installer = await findInstaller(choice, { paths: context.paths, env, target, settings, own }, op);
  return chosen.set(key, { installer, settings }, context);
}

/** What a spec asks for, with its project and lock files read. */
export async function sourcesOf(
  context: Context,
  target: Target,
  { packages: asked, installer: choice }: Pick<EnvironmentSpec, "packages" | "installer">,
  op: Operation,
): Promise<Sources> {
  // With it come the schemas of lock files, which only few verbs need.
  const { readSources } = await import("../../packages/sources.ts");
  const uv = async () => (await installerFor(context, "uv", target, op)).installer;
  const finder = async () => {
    const { installer, settings } = await installerFor(context, choice, target, op);
    return { name: installer.name, settings };
  };
  const { locked, ...rest } = await readSources(asked, { cwd: context.cwd, target, uv, finder }, op);
  if (!locked) return { ...rest, locked };
  const { withoutCredentials } = await import("../../packages/locked-secrets.ts");
  const { credentials } = context;
  const packages = withoutCredentials(locked.packages, credentials);
  return { ...rest, locked: { packages, roots: locked.roots.map((line) => credentials.hide(line)) } };
}

/**
 * Resolves what a spec asks for into a lock for its environment. A lock file alone is one already.
 * @throws what {@link Installer.resolve} throws; a conflict with `details.conflict`, see {@link explainConflict}
 */
export async function resolvePackages(
  context: Context,
  { target, spec }: { readonly target: Target; readonly spec: EnvironmentSpec },
  options: ResolveOptions,
  op: Operation,
): Promise<Resolution> {
  const sources = await sourcesOf(context, target, spec, op);
  const { installer, settings } = await installerFor(context, spec.installer, target, op);
  const config = await context.config();
  const {
    refresh = false,
    offline = config.offline,
    locked = sources.locked,
    command,
    relaxed = [],
    ...rest
  } = options;
  const { requirements } = sources;
  if (!asksForPackages(requirements) && !(locked && requirements.constraints.length > 0))
    return { lock: { format: 1, installer: installer.name, roots: [], packages: [], ...locked }, at: Date.now() };
  const { holdTo, withPins } = await import("../../packages/sources.ts");
  const whole = { requirements: withPins(sources), cwd: context.cwd, target, settings, offline, ...rest };
  if (!locked) await refuseFolders(whole, installer.name);
  const resolve = async (part: Partial<ResolveRequest>) => {
    const request = { ...whole, ...part };
    try {
      return await resolveCached(
        request,
        installer,
        { cache: lockCache(context), maxAgeMs: config.lock_ttl, refresh },
        op,
      );
    } catch (error) {
      const { explainConflict } = await import("../../packages/conflicts/explain.ts");
      const explained = await explainConflict(error, { request, installer, context: command }, op);
      throw withAccessHint(explained, request.requirements, context.credentials);
    }
  };
  const { forced } = spec.packages;
  const read =
    forced || relaxed.length > 0
      ? withRelaxed(readRequirements(whole.requirements, context.cwd, settings.variables), relaxed)
      : undefined;
  const { lock, at } = await (read && forced ? resolveForced(read, forced, resolve) : resolve(read ? { read } : {}));
  if (!locked) return { lock, at };
  const held = holdTo(lock, locked);
  // The files that a lock file names aren't those that were resolved: hashes asked for beside it count for them too.
  const { enforceHashes } = await import("../../packages/hashes.ts");
  const asked = read ?? readRequirements(whole.requirements, context.cwd, settings.variables);
  return { lock: { ...held, packages: enforceHashes(held.packages, asked, settings) }, at };
}

/** Refuses project folders that say where their packages come from, and aren't followed; not those that are installed. */
async function refuseFolders(
  { requirements, cwd, settings, preferences }: ResolveRequest,
  name: Installer["name"],
): Promise<void> {
  const { volatile, read } = requirementInputs(requirements, cwd, settings.variables);
  if (!volatile) return;
  const { refuseUnfollowedOf } = await import("../../packages/other-tools.ts");
  const known = new Set(preferences?.packages.map(({ directory }) => directory?.path));
  for (const { source } of read.requirements)
    if (source.kind === "path" && !known.has(source.path)) refuseUnfollowedOf(source.path, { name, settings });
}

/** The kind of cache entries that lead from what was asked to the digest of a lock. */
export const LOCK_KIND = "lock";

/** Resolved locks by what was asked: the ledger keeps which, the table of locks keeps them. */
function lockCache({ ledger }: Context): LockCache {
  return {
    get(key) {
      const found = ledger.cache.get(LOCK_KIND, key);
      const lock = found && ledger.locks.get(String(found.value));
      return lock && { lock, at: found.at };
    },
    put(key, lock) {
      ledger.write(() => ledger.cache.put(LOCK_KIND, key, ledger.locks.put(lock) satisfies Json));
    },
  };
}
