import type { Activation, Facet, FacetApi, FacetName, LocalFacet, Observation, Realized } from "../core/engine.ts";
import { facetOf } from "../core/engine.ts";
import type { EnvironmentRecord, EnvironmentStatus, Labels } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation, OperationOptions } from "../core/operation.ts";
import type { RelaxedRequirement } from "../core/package-change.ts";
import type { Command, ExecPlan, ExitResult, ProcessIo, RunningProcess } from "../core/process.ts";
import { keptOf, type ProcessRow } from "../ledger/processes.ts";
import { type Context, realizedOf } from "./context.ts";
import type { CloneOptions } from "./lifecycle/clone.ts";
import { destroyEnvironment } from "./lifecycle/destroy.ts";
import { recoverIfLeft } from "./lifecycle/hold.ts";
import { withLayer } from "./packages/layer.ts";
import { Packages } from "./packages/packages.ts";
import type { CheckOptions, CheckReport } from "./repair/check.ts";
import type { RepairReport } from "./repair/repair.ts";
import type { RepairOptions } from "./repair/repair-work.ts";
import { runningIn } from "./running.ts";
import { refuseUnready } from "./unready.ts";

/** How to run a command. */
export interface RunOptions extends OperationOptions {
  /** Working folder; absent: the caller's. */
  readonly cwd?: string | undefined;
  /** Added to the environment's variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Stop the command and all its descendants after so many milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly stdin?: ProcessIo["stdin"];
  readonly stdout?: ProcessIo["stdout"];
  readonly stderr?: ProcessIo["stderr"];
  /** Bytes kept of each captured stream. */
  readonly captureLimit?: number | undefined;
  /** Called with each line of captured streams as it comes, without the line end. */
  readonly onLine?: ProcessIo["onLine"];
}

/** A handle on one environment. What it says is as of when it was opened or last changed through this handle. */
export class Environment implements AsyncDisposable {
  readonly #context: Context;
  readonly #disposeDestroys: boolean;
  #record: EnvironmentRecord;
  #realized: Realized;
  /** What is installed, and changes of it. */
  readonly packages: Packages;

  /** What its creation through this handle changed of what was asked for. */
  readonly relaxed: readonly RelaxedRequirement[];

  /** Made by `Skerry`, never directly. */
  constructor(
    context: Context,
    record: EnvironmentRecord,
    options: { readonly disposeDestroys: boolean; readonly relaxed?: readonly RelaxedRequirement[] | undefined },
  ) {
    this.relaxed = options.relaxed ?? [];
    this.#context = context;
    this.#record = record;
    this.#realized = realizedOf(context, record);
    this.#disposeDestroys = options.disposeDestroys;
    this.packages = new Packages(context, record.id, (changed) => {
      this.#record = changed;
      this.#realized = realizedOf(context, changed);
    });
  }

  get id(): string {
    return this.#record.id;
  }
  get name(): string {
    return this.#record.name;
  }
  get status(): EnvironmentStatus {
    return this.#record.status;
  }
  get record(): EnvironmentRecord {
    return this.#record;
  }

  /** A capability, or the reason why the environment hasn't got it. */
  facet<K extends FacetName>(name: K): Facet<FacetApi[K]> {
    return facetOf(this.#realized, name);
  }

  /** What to execute for a command, for those who start it themselves. @throws SKE-FACET-ABSENT, SKE-COMMAND-NOT-FOUND */
  async plan(command: Command): Promise<ExecPlan> {
    return this.#local().plan(command);
  }

  /** What entering the environment changes in a shell. @throws SKE-FACET-ABSENT */
  async activation(): Promise<Activation> {
    return this.#local().activation();
  }

  #local(): LocalFacet {
    const local = facetOf(this.#realized, "local");
    if (local.ok) return local.use;
    throw new SkerryError(
      "SKE-FACET-ABSENT",
      `${this.name} doesn't run on this machine: ${local.reason}`,
      local.hint === undefined ? {} : { hint: local.hint },
    );
  }

  /** Runs a command to its end. Output is captured unless it is said to go elsewhere; a failing command is no error. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<ExitResult> {
    const running = await this.start(argv, { stdin: "ignore", stdout: "capture", stderr: "capture", ...options });
    return running.exit;
  }

  /** Starts a command and gives a handle on it. Its streams are the caller's own unless said otherwise. */
  async start(argv: readonly string[], options: RunOptions = {}): Promise<RunningProcess> {
    const { cwd, env, signal, onEvent, ...given } = options;
    const asked: Command = { argv: [...checkArguments(argv, this.name)], cwd, env };
    const op = this.#context.operation({ signal, onEvent });
    const io: ProcessIo = { stdin: "inherit", stdout: "inherit", stderr: "inherit", ...given };
    return this.#context.events.tellFailure(op, "start", this.#record, () => this.#start(asked, io, op));
  }

  async #start(asked: Command, io: ProcessIo, op: Operation): Promise<RunningProcess> {
    const request = { environment: this.#record, command: asked };
    const { command } = await this.#context.hooks.ask("before-start", request, op);
    await recoverIfLeft(this.#context, this.id, op);
    refuseUnready(this.#context, this.id);
    const record = await withLayer(this.#context, this.#record, op);
    if (record !== this.#record) {
      this.#record = record;
      this.#realized = realizedOf(this.#context, record);
    }
    const { startCommand } = await import("../processes/start.ts");
    const running = await startCommand((streams) => this.#realized.start(command, streams, op), io, op);
    try {
      this.#follow(running, command, op);
    } catch (error) {
      await running.stop({ graceMs: 0 });
      throw error;
    }
    return running;
  }

  /** Keeps the ledger's row of a process as long as it runs. */
  #follow(running: RunningProcess, command: Command, op: Operation): void {
    const { ledger, events } = this.#context;
    const about = { environment: this.#record };
    let row = 0;
    const tell = ledger.write(() => {
      // In the transaction, so that nothing that is being removed has a command running in it.
      const now = ledger.environments.byId(this.id);
      if (now?.status !== "ready") {
        throw new SkerryError(
          "SKE-ENV-NOT-FOUND",
          `${this.name} was removed while ${command.argv[0]} was being started in it`,
          {
            hint: "skerry ls lists the environments",
          },
        );
      }
      ledger.environments.use(now);
      row = ledger.processes.insert(this.id, running.ref, command.argv);
      return events.record("process.started", { pid: running.pid, command: keptOf(command.argv) }, about);
    });
    tell(op);
    void running.exit
      .then(({ exitCode, timedOut, durationMs }) =>
        ledger.write(() => {
          ledger.processes.end({ id: row, environment: this.id });
          if (this.#record.cleanup.on === "keep-on-failure") this.#noteFailed(exitCode !== 0);
          return events.record("process.exited", { pid: running.pid, exitCode, timedOut }, { ...about, durationMs });
        })(op),
      )
      // The state may be closed by then. A row that stays is found to be of a dead process later.
      .catch(() => {});
  }

  #noteFailed(failed: boolean): void {
    this.#context.ledger.environments.update(this.id, { failed });
    this.#record = { ...this.#record, failed };
  }

  /** Keeps the environment from going by itself, whatever its policy says, or no longer does. @throws SKE-ENV-NOT-FOUND */
  async pin(pinned = true): Promise<void> {
    const { ledger } = this.#context;
    this.#record = ledger.write(() => {
      refuseUnready(this.#context, this.id);
      ledger.environments.update(this.id, { pinned });
      return ledger.environments.byId(this.id)!;
    });
  }

  /** Adds labels, or replaces those of the same name. @throws SKE-ENV-NOT-FOUND, SKE-USAGE */
  async label(labels: Labels): Promise<void> {
    const { labelsOf } = await import("./request.ts");
    const { ledger } = this.#context;
    this.#record = ledger.write(() => {
      const all = labelsOf({ ...refuseUnready(this.#context, this.id).labels, ...labels });
      ledger.environments.update(this.id, { labels: all });
      return ledger.environments.byId(this.id)!;
    });
  }

  /** The commands that run in the environment now, whoever started them. */
  processes(): Promise<ProcessRow[]> {
    return runningIn(this.#context, this.id, this.#context.operation());
  }

  /** Looks at what truly exists. */
  inspect(op: Operation = this.#context.operation()): Promise<Observation> {
    return this.#realized.inspect(op);
  }

  /** Looks whether the environment and its packages are as they should be. @throws SKE-ENV-BUSY */
  async check(options: CheckOptions & Pick<RunOptions, "signal"> = {}): Promise<CheckReport> {
    const { checkEnvironment } = await import("./repair/check.ts");
    const op = this.#context.operation(options);
    return checkEnvironment(
      this.#context,
      { record: this.#record, realized: this.#realized, packages: this.packages },
      options,
      op,
    );
  }

  /**
   * Mends what is wrong with the environment and its packages, and says what that was. What was put there by hand beside
   * the recorded packages stays, and so do edited configuration and certificates.
   * @throws SKE-PYTHON-NOT-FOUND when no interpreter of its line is left: name one; SKE-ENV-EXISTS when something else
   * stands at its prefix; SKE-LOCKED
   */
  async repair(options: RepairOptions = {}): Promise<RepairReport> {
    const { repairEnvironment } = await import("./repair/repair.ts");
    const op = this.#context.operation(options);
    const work = () => repairEnvironment(this.#context, this.id, options, op);
    const { record, report } = await this.#context.events.tellFailure(op, "repair", this.#record, work);
    this.#record = record;
    this.#realized = realizedOf(this.#context, record);
    return report;
  }

  /**
   * Makes an environment like this one: the same interpreter and packages, in a place of its own, thin unless `mode` says
   * otherwise. What was put there by hand comes along as copies. `await using` destroys it at the end of the scope, unless
   * `keep` is set. With `count`, so many at once: all or none.
   * @throws SKE-ENV-EXISTS, SKE-ENV-NAME, SKE-HOOK-REFUSED, SKE-USAGE, SKE-LOCKED
   */
  clone(options?: CloneOptions & { readonly count?: undefined }): Promise<Environment>;
  clone(options: CloneOptions & { readonly count: number }): Promise<Environment[]>;
  async clone(options: CloneOptions = {}): Promise<Environment | Environment[]> {
    const { cloneEnvironment } = await import("./lifecycle/clone.ts");
    const op = this.#context.operation(options);
    const work = () => cloneEnvironment(this.#context, this.id, options, op);
    const records = await this.#context.events.tellFailure(op, "clone", this.#record, work);
    const clones = records.map((one) => new Environment(this.#context, one, { disposeDestroys: !options.keep }));
    return options.count === undefined ? clones[0]! : clones;
  }

  /** Removes the environment and everything of its own. @returns false when it was gone already */
  destroy(options: { readonly force?: boolean } & OperationOptions = {}): Promise<boolean> {
    return destroyEnvironment(this.#context, this.id, options, this.#context.operation(options));
  }

  /**
   * Destroys an environment that was created through this handle and not kept; else does nothing. One that is to be
   * kept on failure stays when its last command failed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposeDestroys && !this.#record.failed && !this.#record.pinned) await this.destroy({ force: true });
  }
}

/** @throws SKE-USAGE for what isn't a list of texts that names a program: it may come from a program without types */
function checkArguments(argv: readonly unknown[], name: string): [string, ...string[]] {
  const refuse = (what: string, hint: string) => new SkerryError("SKE-USAGE", `${what} to run in ${name}`, { hint });
  if (!Array.isArray(argv))
    throw refuse("No list was given", 'give the program and each argument as a text: ["python", "-V"]');
  const at = argv.findIndex((one) => typeof one !== "string" || one.includes("\0"));
  if (at >= 0)
    throw refuse(`Argument ${at} isn't a text without NUL in what was given`, 'give each as a text: ["python", "3"]');
  if (!argv[0]) throw refuse("No command was given", "name a program and its arguments");
  return argv as [string, ...string[]];
}
