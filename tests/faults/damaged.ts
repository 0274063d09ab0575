import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type StatePaths, statePaths } from "../../src/platform/paths.ts";
import { WHEELS } from "../environments/setup.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { ORDINARY } from "../rig/ordinary.ts";
import { type Outcome, Rig } from "../rig/rig.ts";
import { projectFiles } from "../rig/wheel.ts";

interface Named {
  readonly name: string;
  readonly id: string;
}

/** A state of an ordinary user with one of everything in it, put back as it was before each damage. */
export class Damaged implements AsyncDisposable {
  readonly rig: Rig;
  readonly index: TestIndex;
  readonly paths: StatePaths;
  readonly #ids = new Map<string, string>();

  private constructor(rig: Rig, index: TestIndex) {
    this.rig = rig;
    this.index = index;
    this.paths = statePaths(rig.home);
  }

  static async make(): Promise<Damaged> {
    const stage = new Damaged(await Rig.ordinary(), await startIndex({ distributions: WHEELS }));
    const { rig } = stage;
    for (const [path, bytes] of Object.entries(projectFiles({ name: "proj", version: "1.0" })))
      writeFileSync(rig.write(`proj/${path}`, ""), bytes);
    rig.write("skerry.toml", 'tasks = { hello = { command = ["true"], inputs = ["in"] } }\n');
    rig.write("in", "in");
    const python = ["--python", rig.python];
    for (const args of [
      ["trust", "--yes"],
      ["create", "thin", "--thin", "--with", "alpha==1.0", ...python],
      ["create", "full", "--with", "alpha==1.0", ...python],
      ["create", "web", "--with", "alpha==1.0", "--prefix", ".venv", ...python],
      ["create", "own", "--with", "./proj", "--thin", ...python],
      ["create", "doomed", ...python],
      ["install", "full", "gamma"],
      RUN,
      ["task", "hello"],
      ["shims", "install"],
      ["__hook", "bash"],
      ["doctor"],
    ])
      await stage.done(args);
    const { environments } = JSON.parse(await stage.done(["ls", "--json"])) as { environments: Named[] };
    for (const { name, id } of environments) stage.#ids.set(name, id);
    mkdirSync(stage.#kept);
    execFileSync("cp", ["-a", rig.home, rig.cwd, stage.#kept]);
    return stage;
  }

  get #kept(): string {
    return join(this.rig.root, "kept");
  }

  /** Puts state and project back. */
  restore(): void {
    const { home, cwd, root } = this.rig;
    for (const path of [home, cwd]) rmSync(path, { recursive: true, force: true });
    execFileSync("cp", ["-a", join(this.#kept, "state"), join(this.#kept, "project"), root]);
  }

  /** Runs `skerry` to its end. */
  skerry(args: readonly string[]): Promise<Outcome> {
    const { index, rig } = this;
    return rig.skerry(args, {
      timeout: 30_000,
      env: {
        PIP_INDEX_URL: index.url,
        UV_DEFAULT_INDEX: index.url,
        UV_CACHE_DIR: join(rig.tmp, "uv"),
        PIP_CACHE_DIR: join(rig.tmp, "pip"),
      },
    });
  }

  /** Runs `skerry`, which must succeed. */
  async done(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.skerry(args);
    if (exitCode !== 0) throw new Error(`skerry ${args.join(" ")} failed with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** The place of an environment. */
  place(name: string): string {
    return join(this.paths.envs, this.#ids.get(name)!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.index[Symbol.asyncDispose]();
    await this.rig[Symbol.asyncDispose]();
  }
}

/** Starts what a cached environment is for. */
export const RUN = ["run", "--with", "alpha==1.0", "--", "alpha"];

/** Every verb, in an order in which each has something to do. */
export const VERBS: readonly (readonly string[])[] = [
  ["ls"],
  ["show", "thin"],
  ["exec", "thin", "--", "alpha"],
  ["exec", "full", "--", "alpha"],
  ["exec", "web", "--", "alpha"],
  ["exec", "own", "--", "python", "-c", "import proj"],
  RUN,
  ["run", "--with", "beta==1.0", "--", "python", "-c", "import beta"],
  ["check", "thin"],
  ["check", "full"],
  ["packages", "full"],
  ["create", "new", "--with", "beta==1.0"],
  ["create", "newthin", "--thin", "--with", "alpha==1.0"],
  ["install", "full", "beta==2.0"],
  ["uninstall", "full", "gamma"],
  ["undo", "full"],
  ["redo", "full"],
  ["restore", "full", "--at", "1"],
  ["sync", "full"],
  ["lock", "thin", "-o", "-"],
  ["clone", "thin", "copy"],
  ["update", "thin", "beta"],
  ["pin", "thin"],
  ["unpin", "thin"],
  ["activate", "thin"],
  ["events"],
  ["task", "hello"],
  ["shims"],
  ["shims", "install"],
  ["__hook", "bash"],
  ["trust", "--yes"],
  ["config", "show"],
  ["python", "list"],
  ["gc"],
  ["repair", "thin"],
  ["repair", "web"],
  ["repair", "--all"],
  ["doctor"],
  ["doctor", "--fix"],
  ["rm", "doomed"],
  ["gc", "--all"],
];

/** What can be done to a file or folder. */
export const DAMAGES: Readonly<Record<string, (path: string) => boolean>> = {
  removed: (path) => {
    rmSync(path, { recursive: true, force: true });
    return true;
  },
  "cut short": (path) => edit(path, () => truncateSync(path, Math.floor(lstatSync(path).size / 2))),
  emptied: (path) => edit(path, () => truncateSync(path, 0)),
  "of flipped bytes": (path) =>
    edit(path, () => {
      const bytes = readFileSync(path);
      for (let at = 5; at < bytes.length; at += 37) bytes[at] = bytes[at]! ^ 0x55;
      writeFileSync(path, bytes);
    }),
  "replaced by the other kind": (path) => {
    const isFolder = lstatSync(path).isDirectory();
    rmSync(path, { recursive: true, force: true });
    if (isFolder) writeFileSync(path, "in the way\n");
    else mkdirSync(path);
    if (ORDINARY) chownSync(path, ORDINARY.uid, ORDINARY.gid);
    return true;
  },
  unreadable: (path) => {
    chmodSync(path, 0);
    return true;
  },
};

function edit(path: string, work: () => void): boolean {
  if (!lstatSync(path).isFile()) return false;
  const { mode } = lstatSync(path);
  chmodSync(path, 0o600);
  work();
  chmodSync(path, mode & 0o777);
  return lstatSync(path).size >= 0;
}

const find = (folder: string, pattern: RegExp) => {
  const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((one) => pattern.test(one));
  if (path === undefined) throw new Error(`nothing like ${pattern} in ${folder}`);
  return join(folder, path);
};
const treeOf = (paths: StatePaths, pattern: RegExp) =>
  find(join(paths.store, "trees"), pattern).replace(/(\/[0-9a-f]{64}).*$/, "$1");
const thinLayer = (stage: Damaged) =>
  find(join(stage.paths.store, "layers"), /alpha\.py$/).replace(/(\/[0-9a-f]{64}).*$/, "$1");

/** How something is found in a state, and how a state in which it was lost works on. */
interface Row {
  readonly path: (stage: Damaged) => string;
  /** What a person does about it besides; where it was the ledger, the environments are gone then. */
  readonly byHand?: (path: string) => void;
  /** The command that asks for that, by failing; any does, where none is named. */
  readonly asks?: readonly string[];
}

const aside = (path: string) => {
  for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { recursive: true, force: true });
};

/** Everything of ours, under the names that docs/concepts/state.md has for it. */
export const ROWS: Readonly<Record<string, Row>> = {
  "the state folder": { path: ({ paths }) => paths.home, byHand: aside },
  "state.db": { path: ({ paths }) => paths.db, byHand: aside },
  "state.db-wal": { path: ({ paths }) => `${paths.db}-wal`, byHand: () => {} },
  "state.db-shm": { path: ({ paths }) => `${paths.db}-shm` },
  "store/": { path: ({ paths }) => paths.store },
  "store/trees/": { path: ({ paths }) => join(paths.store, "trees") },
  "a tree": { path: ({ paths }) => treeOf(paths, /alpha\.py$/) },
  "a tree's manifest": { path: ({ paths }) => `${treeOf(paths, /alpha\.py$/)}.json` },
  "a tree's file": { path: ({ paths }) => find(join(paths.store, "trees"), /alpha\.py$/) },
  "store/layers/": { path: ({ paths }) => join(paths.store, "layers") },
  "a layer": { path: thinLayer },
  "a layer's manifest": { path: (stage) => `${thinLayer(stage)}.json` },
  "a layer's witness": { path: (stage) => find(thinLayer(stage), /RECORD$/) },
  "locks/": { path: ({ paths }) => paths.locks },
  "locks/gate": { path: ({ paths }) => join(paths.locks, "gate") },
  "locks/queue.db": { path: ({ paths }) => join(paths.locks, "queue.db") },
  "locks/queue.db-wal": { path: ({ paths }) => join(paths.locks, "queue.db-wal") },
  "locks/queue.db-shm": { path: ({ paths }) => join(paths.locks, "queue.db-shm") },
  "a lock file": { path: ({ paths }) => join(paths.locks, "create.lock") },
  "tools/": { path: ({ paths }) => paths.tools },
  "tools/installer.json": { path: ({ paths }) => join(paths.tools, "installer.json") },
  "tasks/": { path: ({ paths }) => join(paths.home, "tasks") },
  "a task's memory": { path: ({ paths }) => find(join(paths.home, "tasks"), /\.json$/) },
  "tmp/": { path: ({ paths }) => paths.tmp },
  "logs/": { path: ({ paths }) => paths.logs },
  "shims/": { path: ({ paths }) => join(paths.home, "shims") },
  "a shim": { path: ({ paths }) => join(paths.home, "shims/python") },
  "envs/": { path: ({ paths }) => paths.envs },
  "an environment's place": { path: (stage) => stage.place("thin") },
  "its tmp/": { path: (stage) => join(stage.place("thin"), "tmp") },
  "its run/": { path: (stage) => join(stage.place("thin"), "run") },
  "its stamps for the hook": { path: (stage) => join(stage.place("web"), "run/hook") },
  "its private trees": { path: (stage) => join(stage.place("own"), "trees") },
  "a private tree's manifest": { path: (stage) => find(join(stage.place("own"), "trees"), /^[0-9a-f]{64}\.json$/) },
  "its prefix": { path: (stage) => join(stage.place("thin"), "venv") },
  "its bin/": { path: (stage) => join(stage.place("thin"), "venv/bin") },
  "its site-packages/": { path: (stage) => find(join(stage.place("thin"), "venv"), /site-packages$/) },
  "pyvenv.cfg": { path: (stage) => join(stage.place("thin"), "venv/pyvenv.cfg") },
  "its activation scripts": { path: (stage) => join(stage.place("thin"), "venv/bin/activate") },
  "its commands": { path: (stage) => join(stage.place("thin"), "venv/bin/alpha") },
  "what names its layer": { path: (stage) => find(join(stage.place("thin"), "venv"), /00_skerry_layer\.pth$/) },
  "the link to its layer": { path: (stage) => find(join(stage.place("thin"), "venv"), /_skerry-layer$/) },
  "a prefix elsewhere": { path: ({ rig }) => join(rig.cwd, ".venv"), byHand: aside, asks: ["repair", "web"] },
  "its pointer": { path: ({ rig }) => join(rig.cwd, ".venv/skerry.json") },
  reserve: { path: ({ paths }) => join(paths.home, "reserve") },
};
