import { resolve } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { EMPTY_LOCK, type Lock } from "../core/lock.ts";
import type { Operation, OperationOptions } from "../core/operation.ts";
import { changeBetween, type PackageChange } from "../core/package-change.ts";
import { asksForPackages, EMPTY_REQUIREMENTS, type RequirementsSpec } from "../core/spec.ts";
import type { HistoryEntry } from "../ledger/history.ts";
import { normalizeName } from "../python/requirement.ts";
import { treesFolder } from "../store/tree.ts";
import { changePackages } from "./change.ts";
import type { Context } from "./context.ts";
import { type HistoryMove, moveInHistory } from "./history.ts";
import { InstalledPackages } from "./installed-packages.ts";
import { resolvePackages, sourcesOf } from "./resolve.ts";
import { stateOf } from "./roll-back.ts";
import { addRoots, inWords, refuseAbsent, removeRoots, rootNames, rootsOf } from "./roots.ts";

/** What to install, as on a command line. Relative paths count from the caller's folder. */
export interface InstallRequest extends Partial<RequirementsSpec>, UpdateOptions {
  /** Packages that may get a newer version than they have. */
  readonly upgrade?: readonly string[] | "all";
}

/** How to change packages. */
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
export class Packages extends InstalledPackages {
  readonly #changed: (record: EnvironmentRecord) => void;

  /** Made by `Environment`. @param changed told the new record after each change */
  constructor(context: Context, id: string, changed: (record: EnvironmentRecord) => void) {
    super(context, id);
    this.#changed = changed;
  }

  /** Adds requirements, or replaces those of the same name, and installs what follows. A list is of requirement lines. */
  install(asked: readonly string[] | InstallRequest): Promise<PackageChange> {
    const request: InstallRequest = "length" in asked ? { requirements: asked } : asked;
    const next: Next = async (lock, { add }, record, op) => ({
      ...(await this.#resolved(lock, add, request.upgrade, record, op)),
      asked: wordsOf(request, add),
    });
    return this.#change("install", this.#asked(request), [], request, next);
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
    const { cwd, env } = this.context;
    const { target } = this.layers(record);
    const { keepRoots, withPins } = await import("../packages/sources.ts");
    const sources = await sourcesOf(this.context, target, add, op);
    const packages = addRoots(lock, record.spec.packages.constraints, withPins(sources), cwd, env);
    const { constraints } = packages;
    if (!asksForPackages(packages)) return { lock, constraints };
    const locked = sources.locked && keepRoots(sources.locked, rootNames(lock));
    const options = { preferences: lock, ...(upgrade ? { upgrade } : {}), ...(locked ? { locked } : {}) };
    const resolved = await resolvePackages(this.context, target, { ...record.spec, packages }, options, op);
    return { lock: resolved.lock, constraints };
  }

  /**
   * Makes the environment hold exactly what is asked for, and what that requires: all else is removed. A lock file is
   * taken as it is; else versions stay where they fit.
   */
  sync(request: InstallRequest): Promise<PackageChange> {
    return this.#change("sync", this.#asked(request), [], request, async (lock, { add }, record, op) => {
      const { target } = this.layers(record);
      const options = { preferences: lock, ...(request.upgrade ? { upgrade: request.upgrade } : {}) };
      const spec = { ...record.spec, packages: add };
      const { lock: next } = await resolvePackages(this.context, target, spec, options, op);
      return { lock: next, constraints: add.constraints, asked: wordsOf(request, add) };
    });
  }

  #asked(request: InstallRequest): RequirementsSpec {
    const { requirements = [], files = [], constraints = [], editables = [], groups, extras } = request;
    const chosen = { ...(groups ? { groups } : {}), ...(extras ? { extras } : {}) };
    const absolute = constraints.map((path) => resolve(this.context.cwd, path));
    return { requirements, files, constraints: absolute, editables, ...chosen };
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
      const { target } = this.layers(record);
      const resolveWith = (offline: boolean) =>
        resolvePackages(this.context, target, { ...record.spec, packages }, { preferences: lock, offline }, op);
      const { remainderOf } = await import("../packages/remainder.ts");
      const { requirements, constraints } = packages;
      const folder = treesFolder(this.context.paths);
      // Constraints may say something else than when the lock was made.
      const left = constraints.length === 0 ? remainderOf(lock, requirements, target, folder) : undefined;
      // All of it was installed before, so the installer's cache usually knows enough.
      const next = left ?? (await resolveWith(true).catch(() => resolveWith(false))).lock;
      const still = remove.find((name) => next.packages.some((one) => one.name === name));
      if (still === undefined) return { lock: next, ...rest };
      throw new SkerryError("SKE-PKG-REQUIRED", `Could not remove ${still}: a package that was asked for requires it`, {
        hint: `remove what requires it too; asked for: ${[...rootNames(next)].sort().join(", ")}`,
        details: { package: still },
      });
    });
  }

  #change(
    operation: "install" | "uninstall" | "sync" | "update",
    add: RequirementsSpec,
    remove: readonly string[],
    { dryRun = false, ...options }: UpdateOptions,
    next: Next,
  ): Promise<PackageChange> {
    const context = this.context;
    const op = context.operation(options);
    const environment = this.record();
    return context.events.tellFailure(operation, environment, async () => {
      const asked = await context.hooks.ask("before-install", { environment, add, remove }, op);
      if (dryRun) {
        const { lock } = stateOf(context, environment);
        return changeBetween(lock, (await next(lock, asked, environment, op)).lock);
      }
      const { record, change } = await changePackages(
        context,
        this.id,
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
    return this.context.ledger.history.list(this.record().id);
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
    const context = this.context;
    const environment = this.record();
    return context.events.tellFailure(typeof move === "number" ? "restore" : move, environment, async () => {
      const { record, change } = await moveInHistory(context, environment, move, context.operation(options));
      this.#changed(record);
      return change;
    });
  }
}

function wordsOf({ upgrade }: InstallRequest, add: RequirementsSpec): string {
  return [...(upgrade === "all" ? ["--upgrade"] : []), inWords(add)].join(" ");
}
