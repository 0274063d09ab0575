import { expect } from "bun:test";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Ledger } from "../../src/ledger/ledger.ts";
import { type StatePaths, statePaths } from "../../src/platform/paths.ts";
import { verifyTree } from "../../src/store/damage.ts";
import { listTrees } from "../../src/store/upkeep.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { processesLeft } from "../rig/leaks.ts";
import { newestPython, type Outcome, Rig, SKERRY } from "../rig/rig.ts";
import { type Distribution, projectFiles } from "../rig/wheel.ts";

/** What stands in a folder: `mode content` or `-> target` by path. Names that hold an environment's id are alike in all. */
export type Shape = Readonly<Record<string, string>>;

/** The environment that every stage has from the beginning, and that no fault may touch. */
export const BYSTANDER = "bystander";

/** The environment that faults happen to. */
export const SUBJECT = "subject";

/** Stands for the one cached environment. */
export const CACHED = "cached";

/**
 * A rig with packages on a loopback index and a state that was brought to where a fault begins. It is made once, kept
 * aside, and put back as it was before each fault, at the same path.
 */
export class Stage implements AsyncDisposable {
  readonly rig: Rig;
  readonly index: TestIndex;
  readonly env: Readonly<Record<string, string>>;
  readonly paths: StatePaths;
  #bystander: Shape = {};

  private constructor(rig: Rig, index: TestIndex) {
    this.rig = rig;
    this.index = index;
    this.env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
    this.paths = statePaths(rig.home);
  }

  /** @param prepare command lines of `skerry` that are run first */
  static async make(wheels: readonly Distribution[], prepare: readonly (readonly string[])[] = []): Promise<Stage> {
    const stage = new Stage(await Rig.make(), await startIndex({ distributions: wheels }));
    for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version: "1.0" })))
      await Bun.write(join(stage.rig.cwd, "proj", path), bytes);
    await stage.expectDone(["create", BYSTANDER, "--python", newestPython().path, "--with", "gamma"]);
    for (const args of prepare) await stage.expectDone(args);
    // What looks at all interpreters remembers them: later it costs little.
    await stage.expectDone(["doctor"]);
    stage.#bystander = stage.shapeOf(BYSTANDER)!;
    mkdirSync(stage.#kept);
    stage.#copy([stage.rig.home, stage.rig.cwd], stage.#kept);
    return stage;
  }

  get #kept(): string {
    return join(this.rig.root, "kept");
  }

  /** With times and links as they are: the store compares both. */
  #copy(from: readonly string[], to: string): void {
    execFileSync("cp", ["-a", ...from, to]);
  }

  /** Puts state and project back. */
  restore(): void {
    for (const path of [this.rig.home, this.rig.cwd]) rmSync(path, { recursive: true, force: true });
    this.#copy([join(this.#kept, "state"), join(this.#kept, "project")], this.rig.root);
  }

  /** Runs `skerry` to its end. */
  skerry(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Outcome> {
    return this.rig.skerry(args, { env: { ...this.env, ...env } });
  }

  /** Runs `skerry`, which must succeed. @returns what it printed */
  async expectDone(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.skerry(args);
    if (exitCode !== 0) throw new Error(`skerry ${args.join(" ")} failed with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs `skerry` under a program that does something to it, such as strace. */
  under(program: readonly [string, ...string[]], args: readonly string[]): Promise<Outcome> {
    return this.rig.run([...program, SKERRY, ...args], { env: this.env });
  }

  /** The files of an environment, in its place and its prefix; undefined when there is none of this name. */
  shapeOf(name: string): Shape | undefined {
    const record = this.ledger((ledger) =>
      [...ledger.environments.list(), ...ledger.environments.list({ cached: true })].find((one) =>
        name === CACHED ? one.cacheKey !== null : one.name === name,
      ),
    );
    if (!record) return undefined;
    const id = new RegExp(record.id, "g");
    const prefix = record.spec.prefix;
    return {
      ...shape(record.place, id),
      ...(prefix === undefined
        ? {}
        : Object.fromEntries(Object.entries(shape(prefix, id)).map(([path, what]) => [`prefix/${path}`, what]))),
    };
  }

  /** Looks into the ledger. */
  ledger<T>(look: (ledger: Ledger) => T): T {
    const ledger = new Ledger(this.paths.db);
    try {
      return look(ledger);
    } finally {
      ledger.close();
    }
  }

  /** What must hold after any fault, once a later command was run: nothing is left, and nothing else was touched. */
  async expectSound(): Promise<void> {
    const report = JSON.parse((await this.skerry(["doctor", "--json"])).stdout) as {
      findings: { level: string; subject: string }[];
    };
    const { rig, paths } = this;
    expect(await processesLeft(rig.root)).toEqual([]);
    expect(report.findings.filter((one) => one.level !== "ok" && !one.subject.startsWith("python"))).toEqual([]);
    this.ledger((ledger) => {
      expect(ledger.intents.list()).toEqual([]);
      const known = [...ledger.environments.list(), ...ledger.environments.list({ cached: true })];
      expect(known.filter((one) => one.status !== "ready")).toEqual([]);
      expect(readdirSync(paths.envs).sort()).toEqual(known.map((one) => one.id).sort());
      const prefixes = known.flatMap((one) => (one.spec.prefix === undefined ? [] : [basename(one.spec.prefix)]));
      expect(readdirSync(rig.cwd).sort()).toEqual(["proj", ...prefixes].sort());
    });
    expect(readdirSync(paths.tmp)).toEqual([]);
    expect(this.shapeOf(BYSTANDER)).toEqual(this.#bystander);
    for (const tree of listTrees(paths)) expect(verifyTree(tree)).toEqual([]);
    for (const folder of ["trees", "layers"]) {
      const names = existsSync(join(paths.store, folder)) ? readdirSync(join(paths.store, folder)) : [];
      const whole = names.filter((name) => /^[0-9a-f]{64}$/.test(name)).flatMap((key) => [key, `${key}.json`]);
      expect(names.sort()).toEqual(whole.sort());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.index[Symbol.asyncDispose]();
    await this.rig[Symbol.asyncDispose]();
  }
}

/** What stands below a folder. Bytecode and RECORD, which lists it, hold times: of them only the name counts. */
function shape(root: string, id: RegExp): Shape {
  const found: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const full = join(root, path);
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o7777).toString(8);
      // The names of private trees follow from times in them.
      const shown = path.replace(/\b[0-9a-f]{64}\b/g, "KEY");
      if (stat.isDirectory()) {
        found[shown] = mode;
        visit(path);
      } else if (stat.isSymbolicLink())
        found[shown] = `-> ${readlinkSync(full)
          .replace(id, "ID")
          .replace(/[0-9a-f]{64}/g, "KEY")}`;
      else if (/(\.pyc|\/RECORD|uv_cache\.json|KEY\.json)$/.test(shown)) found[shown] = mode;
      else
        found[shown] =
          `${mode} ${createHash("sha256").update(readFileSync(full, "latin1").replace(id, "ID")).digest("hex")}`;
    }
  };
  visit("");
  return found;
}
