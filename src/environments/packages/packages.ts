import type { EnvironmentRecord } from "../../core/environment.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation, OperationOptions } from "../../core/operation.ts";
import type { PackageChange } from "../../core/package-change.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../core/spec.ts";
import { isTable, tableOf } from "../../core/table.ts";
import type { HistoryEntry } from "../../ledger/history.ts";
import { normalizeName } from "../../python/requirement/requirement.ts";
import { placeOf } from "../../python/requirement/text.ts";
import type { Context } from "../context.ts";
import { repairEnvironment } from "../repair/repair.ts";
import { resolveAdopted } from "./adopt.ts";
import { withoutSecrets } from "./asked-secrets.ts";
import { changePackages } from "./change.ts";
import { type HistoryMove, moveInHistory } from "./history.ts";
import { stateOf } from "./home.ts";
import { type ConflictChoices, type NextPackages, resolveInstall } from "./install.ts";
import { InstalledPackages } from "./installed-packages.ts";
import { type PackagePlan, type PlannedChange, planned, planOf } from "./plan.ts";
import { resolvePackages } from "./resolve.ts";
import { inWords, refuseAbsent, rootsOf } from "./roots.ts";
import { resolveUninstall } from "./uninstall.ts";

/** What to install, as on a command line. Relative paths count from the caller's folder. */
export interface InstallRequest extends Partial<Omit<RequirementsSpec, "forced">>, ConflictChoices, UpdateOptions {
  /** Packages that may get a newer version than they have. */
  readonly upgrade?: readonly string[] | "all";
}

/** How to change packages. */
export interface UpdateOptions extends OperationOptions {
  /** Only tell what would change. */
  readonly dryRun?: boolean;
}

/** How to uninstall packages. */
export interface UninstallOptions extends UpdateOptions {
  /** Remove also what others require; `check` says then what they miss. */
  readonly force?: boolean;
}

/** What a change comes to, from the present lock. */
interface Asked {
  readonly add: RequirementsSpec;
  readonly remove: readonly string[];
}

const NOTHING: Asked = { add: EMPTY_REQUIREMENTS, remove: [] };

type Next = (lock: Lock, asked: Asked, record: EnvironmentRecord, op: Operation) => Promise<NextPackages>;

/** The packages of one environment. Every change either happens whole or not at all. */
export class Packages extends InstalledPackages {
  readonly #changed: (record: EnvironmentRecord) => void;

  /** Made by `Environment`. @param changed told the new record after each change */
  constructor(context: Context, id: string, changed: (record: EnvironmentRecord) => void) {
    super(context, id);
    this.#changed = changed;
  }

  /**
   * Adds requirements, or replaces those of the same name, and installs what follows. A list is of requirement lines.
   * @returns what changed, or with `dryRun` a {@link PlannedChange}
   */
  async install(asked: readonly string[] | InstallRequest): Promise<PackageChange> {
    const request = await requestOf(asked);
    const next: Next = (lock, { add }, record, op) =>
      resolveInstall(this.context, { record, lock }, { ...request, add }, op);
    return this.#change("install", { add: this.#asked(request), remove: [] }, request, next);
  }

  /** What an installation would do, or the conflict in its way. Changes nothing, and waits for nobody. */
  async plan(asked: readonly string[] | InstallRequest): Promise<PackagePlan> {
    const request = await requestOf(asked);
    return planned(async () => (await this.install({ ...request, dryRun: true })) as PlannedChange);
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
      const found = await resolveInstall(this.context, { record, lock }, { add: asked.add, upgrade }, op);
      return { ...found, asked: words.join(" ") };
    };
    return this.#change("update", NOTHING, options, next);
  }

  /**
   * Makes the environment hold exactly what is asked for, and what that requires: all else is removed. A lock file is
   * taken as it is; else versions stay where they fit. Then what was changed by hand is reverted.
   */
  async sync(asked: InstallRequest): Promise<PackageChange> {
    const request = await requestOf(asked);
    const change = await this.#resolveSync(request);
    if (request.dryRun) return change;
    const op = this.context.operation(request);
    const { record } = await repairEnvironment(this.context, this.id, { exact: true }, op);
    this.#changed(record);
    return change;
  }

  #resolveSync(request: InstallRequest): Promise<PackageChange> {
    return this.#change(
      "sync",
      { add: this.#asked(request), remove: [] },
      request,
      async (lock, { add }, record, op) => {
        const { target } = this.home(record);
        const options = { preferences: lock, ...(request.upgrade ? { upgrade: request.upgrade } : {}) };
        const spec = { ...record.spec, packages: add };
        const { lock: next } = await resolvePackages(this.context, { target, spec }, options, op);
        return { lock: next, constraints: add.constraints, asked: wordsOf(request, add) };
      },
    );
  }

  /**
   * Takes what was installed, upgraded and removed by hand as asked for: afterwards the record says what is there.
   * @throws SKE-PKG-CONFLICT and others when it can't be had from where packages come from, or doesn't fit
   */
  adopt(options: UpdateOptions = {}): Promise<PackageChange> {
    const next: Next = (lock, _, record, op) => resolveAdopted(this.context, record, lock, op);
    return this.#change("adopt", NOTHING, options, next);
  }

  #asked(request: InstallRequest): RequirementsSpec {
    const { requirements = [], files = [], constraints = [], editables = [], groups, extras } = request;
    const chosen = { ...(groups ? { groups } : {}), ...(extras ? { extras } : {}) };
    const absolute = constraints.map((path) => placeOf(path, this.context.cwd));
    const asked = { requirements, files, constraints: absolute, editables, ...chosen };
    return withoutSecrets(asked, this.context.credentials);
  }

  /**
   * Removes packages that were asked for, and what only they required.
   * @returns what changed, or with `dryRun` a {@link PlannedChange}
   * @throws SKE-PKG-NOT-FOUND, SKE-PKG-REQUIRED
   */
  async uninstall(names: readonly string[], options: UninstallOptions = {}): Promise<PackageChange> {
    const next: Next = (lock, { remove }, record, op) =>
      resolveUninstall(this.context, { record, lock }, { remove, force: options.force }, op);
    return this.#change("uninstall", { ...NOTHING, remove: names.map(normalizeName) }, options, next);
  }

  async #change(
    operation: "install" | "uninstall" | "sync" | "update" | "adopt",
    { add, remove }: Asked,
    { dryRun = false, signal, onEvent }: UpdateOptions,
    next: Next,
  ): Promise<PackageChange> {
    const context = this.context;
    const op = context.operation({ signal, onEvent });
    const environment = this.record();
    context.credentials.learn(environment.spec.secrets, context.env);
    return context.events.tellFailure(op, operation, environment, async () => {
      const answer = await context.hooks.ask("before-install", { environment, add, remove }, op);
      const asked = { ...answer, add: withoutSecrets(answer.add, context.credentials) };
      if (dryRun) {
        const { lock: before } = stateOf(context, environment);
        return planOf(
          context,
          before,
          await next(before, asked, environment, op),
          this.home(environment).target.identity,
        );
      }
      let relaxed: PackageChange["relaxed"];
      const { record, change } = await changePackages(
        context,
        this.id,
        async (before, current) => {
          const found = await next(before, asked, current, op);
          const { lock, constraints } = found;
          relaxed = found.relaxed;
          return { lock, packages: { ...rootsOf(lock), constraints }, operation, asked: found.asked };
        },
        op,
      );
      this.#changed(record);
      return relaxed ? { ...change, relaxed } : change;
    });
  }

  /** What the packages were, oldest first, and which of it they are now; what was undone follows the present entry. */
  async history(): Promise<HistoryEntry[]> {
    return this.context.ledger.history.list(this.record().id);
  }

  /** Takes the last change of packages back. @throws SKE-PKG-HISTORY when there is none */
  async undo(options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move("undo", options);
  }

  /** Makes the change again that was undone last. @throws SKE-PKG-HISTORY when there is none */
  async redo(options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move("redo", options);
  }

  /** Moves to the entry of the history that has this number. @throws SKE-PKG-HISTORY when none has */
  async restore(n: number, options: OperationOptions = {}): Promise<PackageChange> {
    return this.#move(n, options);
  }

  async #move(move: HistoryMove, options: OperationOptions): Promise<PackageChange> {
    const context = this.context;
    const environment = this.record();
    const op = context.operation(options);
    return context.events.tellFailure(op, typeof move === "number" ? "restore" : move, environment, async () => {
      const { record, change } = await moveInHistory(context, environment, move, op);
      this.#changed(record);
      return change;
    });
  }
}

/** What is asked for, once its shape is right. @throws SKE-USAGE */
async function requestOf(asked: readonly string[] | InstallRequest): Promise<InstallRequest> {
  const { checked, INSTALL_REQUEST } = await import("../schemas.ts");
  const request = (Array.isArray(asked) ? { requirements: asked } : asked) as InstallRequest;
  const { signal: _, onEvent: __, ...shape } = tableOf(request);
  checked(INSTALL_REQUEST, isTable(request) ? shape : request, "InstallRequest");
  return request;
}

function wordsOf({ upgrade }: InstallRequest, add: RequirementsSpec): string {
  return [...(upgrade === "all" ? ["--upgrade"] : []), inWords(add)].join(" ");
}
