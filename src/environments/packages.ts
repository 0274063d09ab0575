import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { LayersFacet } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { EMPTY_LOCK, type Lock } from "../core/lock.ts";
import type { Operation, OperationOptions } from "../core/operation.ts";
import { changeBetween, type PackageChange } from "../core/package-change.ts";
import { asksForPackages, EMPTY_REQUIREMENTS, type RequirementsSpec } from "../core/spec.ts";
import type { HistoryEntry } from "../ledger/history.ts";
import type { UnmetRequirement } from "../packages/check.ts";
import { listDistributions } from "../python/dist-info.ts";
import { normalizeName } from "../python/requirement.ts";
import { LAYER_LINK } from "../store/layer.ts";
import { changePackages } from "./change.ts";
import { type Context, realizedOf } from "./context.ts";
import { type HistoryMove, moveInHistory } from "./history.ts";
import type { InstalledPackage } from "./installed-package.ts";
import { need, resolvePackages } from "./resolve.ts";
import { stateOf } from "./roll-back.ts";
import { addRoots, inWords, refuseAbsent, removeRoots, rootNames, rootsOf } from "./roots.ts";

/** What to install, as on a command line. Relative paths count from the caller's folder. */
export interface InstallRequest extends Partial<RequirementsSpec>, OperationOptions {
  /** Packages that may get a newer version than they have. */
  readonly upgrade?: readonly string[] | "all";
}

/** How to update packages. */
export interface UpdateOptions extends OperationOptions {
  /** Only tell what would change. */
  readonly dryRun?: boolean;
}

/** What a change comes to, from the present lock. */
type Next = (
  lock: Lock,
  asked: { readonly add: RequirementsSpec; readonly remove: readonly string[] },
  record: EnvironmentRecord,
  op: Operation,
) => Promise<{ readonly lock: Lock; readonly constraints: readonly string[]; readonly asked: string }>;

/** The packages of one environment. Every change either happens whole or not at all. */
export class Packages {
  readonly #context: Context;
  readonly #id: string;
  readonly #changed: (record: EnvironmentRecord) => void;

  /** Made by `Environment`. @param changed told the new record after each change */
  constructor(context: Context, id: string, changed: (record: EnvironmentRecord) => void) {
    this.#context = context;
    this.#id = id;
    this.#changed = changed;
  }

  #record(): EnvironmentRecord {
    const record = this.#context.ledger.environments.byId(this.#id);
    if (record) return record;
    throw new SkerryError("SKE-ENV-NOT-FOUND", `The environment ${this.#id} is gone`, {
      hint: "skerry ls lists the environments",
    });
  }

  #layers(record: EnvironmentRecord): LayersFacet {
    return need(realizedOf(this.#context, record).facets.layers, record.name, "hold packages");
  }

  /** What is installed, by name: what the lock says, and what was put there or taken away by hand. */
  list(): InstalledPackage[] {
    const record = this.#record();
    const { prefix, sitePackages } = this.#layers(record);
    const lock = record.lock === null ? EMPTY_LOCK : this.#lock(record.lock);
    const roots = rootNames(lock);
    const present = new Map<string, string>();
    for (const folder of layerFirst(`${prefix}/${sitePackages}`)) {
      for (const found of listDistributions(folder)) present.set(found.name, found.version);
    }
    const locked = new Map(lock.packages.map((one) => [one.name, one]));
    return [...present]
      .map(([name, version]): InstalledPackage => {
        const entry = locked.get(name);
        const byHand = entry === undefined || (entry.version !== null && entry.version !== version && !entry.directory);
        return { name, version, source: byHand ? "by-hand" : sourceOf(entry), requested: roots.has(name) };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #lock(digest: string): Lock {
    const lock = this.#context.ledger.locks.get(digest);
    if (lock) return lock;
    throw new SkerryError("SKE-STATE-CORRUPT", `The lock ${digest} of the environment isn't in the ledger`, {
      hint: "create the environment anew",
    });
  }

  /** Adds requirements, or replaces those of the same name, and installs what follows. A list is of requirement lines. */
  install(asked: readonly string[] | InstallRequest): Promise<PackageChange> {
    const request: InstallRequest = "length" in asked ? { requirements: asked } : asked;
    const { requirements = [], files = [], constraints = [], editables = [], upgrade, signal, onProgress } = request;
    const absolute = (path: string) => resolve(this.#context.cwd, path);
    const add: RequirementsSpec = { requirements, files, constraints: constraints.map(absolute), editables };
    const words = upgrade === "all" ? ["--upgrade"] : [];
    const next: Next = async (lock, asked, record, op) => ({
      ...(await this.#resolved(lock, asked.add, upgrade, record, op)),
      asked: [...words, inWords(asked.add)].join(" "),
    });
    return this.#change("install", add, [], { signal, onProgress }, next);
  }

  /**
   * Moves packages to the newest versions that what was asked for allows: those of these names, or all.
   * @throws SKE-PKG-NOT-FOUND for a name that isn't installed
   */
  update(packages: readonly string[] | "all", options: UpdateOptions = {}): Promise<PackageChange> {
    const upgrade = packages === "all" ? packages : packages.map(normalizeName);
    const next: Next = async (lock, asked, record, op) => {
      refuseAbsent(lock, upgrade === "all" ? [] : upgrade, "update", record.name);
      const words = upgrade === "all" ? ["--all"] : upgrade;
      return { ...(await this.#resolved(lock, asked.add, upgrade, record, op)), asked: words.join(" ") };
    };
    return this.#change("update", EMPTY_REQUIREMENTS, [], options, next);
  }

  /** What is asked for already and these requirements, resolved with the versions of a lock unless they may be newer. */
  async #resolved(
    lock: Lock,
    add: RequirementsSpec,
    upgrade: InstallRequest["upgrade"],
    record: EnvironmentRecord,
    op: Operation,
  ) {
    const { cwd, env } = this.#context;
    const packages = addRoots(lock, record.spec.packages.constraints, add, cwd, env);
    const { constraints } = packages;
    if (!asksForPackages(packages)) return { lock, constraints };
    const options = { preferences: lock, ...(upgrade ? { upgrade } : {}) };
    const { target } = this.#layers(record);
    const resolved = await resolvePackages(this.#context, target, { ...record.spec, packages }, options, op);
    return { lock: resolved.lock, constraints };
  }

  /**
   * Removes packages that were asked for, and what only they required.
   * @throws SKE-PKG-NOT-FOUND, SKE-PKG-REQUIRED
   */
  uninstall(names: readonly string[], options: OperationOptions = {}): Promise<PackageChange> {
    const wanted = names.map(normalizeName);
    return this.#change("uninstall", EMPTY_REQUIREMENTS, wanted, options, async (lock, { remove }, record, op) => {
      const packages = removeRoots(lock, record.spec.packages.constraints, remove, record.name);
      const rest = { constraints: packages.constraints, asked: remove.join(" ") };
      if (!asksForPackages(packages)) return { lock: { ...EMPTY_LOCK, installer: lock.installer }, ...rest };
      const { target } = this.#layers(record);
      const resolveWith = (offline: boolean) =>
        resolvePackages(this.#context, target, { ...record.spec, packages }, { preferences: lock, offline }, op);
      // All of it was installed before, so the installer's cache usually knows enough.
      const { lock: next } = await resolveWith(true).catch(() => resolveWith(false));
      const still = remove.find((name) => next.packages.some((one) => one.name === name));
      if (still === undefined) return { lock: next, ...rest };
      throw new SkerryError("SKE-PKG-REQUIRED", `Could not remove ${still}: a package that was asked for requires it`, {
        hint: `remove what requires it too; asked for: ${[...rootNames(next)].sort().join(", ")}`,
        details: { package: still },
      });
    });
  }

  #change(
    operation: "install" | "uninstall" | "update",
    add: RequirementsSpec,
    remove: readonly string[],
    { dryRun = false, ...options }: UpdateOptions,
    next: Next,
  ): Promise<PackageChange> {
    const context = this.#context;
    const op = context.operation(options);
    const environment = this.#record();
    return context.events.tellFailure(operation, environment, async () => {
      const asked = await context.hooks.ask("before-install", { environment, add, remove }, op);
      if (dryRun) {
        const { lock } = stateOf(context, environment);
        return changeBetween(lock, (await next(lock, asked, environment, op)).lock);
      }
      const { record, change } = await changePackages(
        context,
        this.#id,
        async (before, current) => {
          const { lock, constraints, asked: words } = await next(before, asked, current, op);
          return { lock, packages: { ...rootsOf(lock), constraints }, operation, asked: words };
        },
        op,
      );
      this.#changed(record);
      return change;
    });
  }

  /** What the packages were, oldest first, and which of it they are now; what was undone follows the present entry. */
  history(): HistoryEntry[] {
    return this.#context.ledger.history.list(this.#record().id);
  }

  /** Takes the last change of packages back. @throws SKE-PKG-HISTORY when there is none */
  undo(options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move("undo", options);
  }

  /** Makes the change again that was undone last. @throws SKE-PKG-HISTORY when there is none */
  redo(options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move("redo", options);
  }

  /** Moves to the entry of the history that has this number. @throws SKE-PKG-HISTORY when none has */
  restore(n: number, options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move(n, options);
  }

  #move(move: HistoryMove, options: OperationOptions): Promise<PackageChange> {
    const context = this.#context;
    const environment = this.#record();
    return context.events.tellFailure(typeof move === "number" ? "restore" : move, environment, async () => {
      const { record, change } = await moveInHistory(context, environment, move, context.operation(options));
      this.#changed(record);
      return change;
    });
  }

  /** Requirements of installed packages that nothing installed meets. */
  async check(): Promise<UnmetRequirement[]> {
    const record = this.#record();
    const { prefix, sitePackages, target } = this.#layers(record);
    const { checkRequirements } = await import("../packages/check.ts");
    return checkRequirements(layerFirst(`${prefix}/${sitePackages}`), target);
  }
}

/** The folders that packages are read from, those that win last. */
function layerFirst(site: string): string[] {
  const layer = `${site}/${LAYER_LINK}`;
  return existsSync(layer) ? [layer, site] : [site];
}

function sourceOf(entry: Lock["packages"][number]): InstalledPackage["source"] {
  if (entry.directory) return entry.directory.editable ? "editable" : "directory";
  if (entry.vcs) return "vcs";
  return entry.archive ? "archive" : "index";
}
