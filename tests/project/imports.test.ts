import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { importsOf, MODULES, ROOT, read, roomOf } from "./sources.ts";

/** Who may import whom: a room, and the rooms its modules may import besides itself. ARCHITECTURE.md shows the same. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  platform: ["core"],
  processes: ["platform", "core"],
  git: ["processes", "platform", "core"],
  project: ["git", "platform", "core"],
  python: ["project", "processes", "platform", "core"],
  store: ["python", "platform", "core"],
  packages: ["store", "python", "project", "platform", "core"],
  ledger: ["platform", "core"],
  homes: ["store", "python", "platform", "core"],
  engines: ["homes", "python", "project", "processes", "platform", "core"],
  config: ["python", "project", "git", "platform", "core"],
  imports: ["python", "project", "platform", "core"],
  environments: [
    "config",
    "engines",
    "ledger",
    "packages",
    "store",
    "python",
    "project",
    "git",
    "processes",
    "platform",
    "core",
  ],
  worktrees: ["environments", "config", "engines", "python", "project", "git", "processes", "platform", "core"],
  tasks: ["worktrees", "environments", "config", "project", "git", "processes", "platform", "core"],
  library: ["tasks", "worktrees", "environments", "config", "engines", "ledger", "platform", "core"],
  index: [
    "library",
    "tasks",
    "worktrees",
    "git",
    "environments",
    "config",
    "engines",
    "homes",
    "ledger",
    "packages",
    "store",
    "python",
    "project",
    "processes",
    "platform",
    "core",
  ],
  cli: [
    "index",
    "tasks",
    "worktrees",
    "git",
    "imports",
    "environments",
    "config",
    "engines",
    "ledger",
    "packages",
    "store",
    "python",
    "project",
    "processes",
    "platform",
    "core",
  ],
};

const IMPORTS = MODULES.flatMap(importsOf);

describe("imports", () => {
  test("every room is in the table", () => {
    expect(MODULES.length).toBeGreaterThan(20);
    expect([...new Set(MODULES.map(roomOf))].filter((room) => !MAY_IMPORT[room])).toEqual([]);
  });

  test("go from room to room only as the table says", () => {
    const wrong = IMPORTS.filter(({ from, to }) => {
      if (to === undefined || roomOf(from) === roomOf(to)) return false;
      if (to === "package.json") return roomOf(from) !== "cli";
      return !to.startsWith("src/") || !MAY_IMPORT[roomOf(from)]?.includes(roomOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("lead to files that are there", () => {
    const missing = IMPORTS.filter(({ to }) => to !== undefined && !existsSync(join(ROOT, to)));
    expect(missing.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("never lead from one engine to another", () => {
    const engineOf = (path = "") => /^src\/engines\/([^/]+)\//.exec(path)?.[1];
    const wrong = IMPORTS.filter(({ from, to }) => {
      return engineOf(from) && engineOf(to) && engineOf(from) !== engineOf(to);
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("are Node's own modules, with node: before them, or declared dependencies", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const allowed = new Set([
      ...builtinModules.map((name) => `node:${name}`),
      "node:sqlite",
      ...Object.keys(dependencies),
    ]);
    const packageOf = (name: string) => name.split("/", name.startsWith("@") ? 2 : 1).join("/");
    const wrong = IMPORTS.filter(({ specifier, to }) => {
      return to === undefined && !allowed.has(specifier) && !allowed.has(packageOf(specifier));
    });
    expect(wrong.map(({ from, specifier }) => `${from} → ${specifier}`)).toEqual([]);
  });

  test("of a warm start bring in little of Node.js, and no package", () => {
    const foreign = (...starts: string[]) => {
      return [...loadedBy(...starts)].filter((path) => !path.startsWith("src/")).sort();
    };
    const running = (verb: string) => [
      ...PROGRAM,
      verb,
      ...IMPORTS.filter(({ from, onDemand }) => onDemand && from === verb).map(({ to }) => to!),
    ];
    expect(foreign("src/cli/main.ts")).toEqual([]);
    expect(foreign(...PROGRAM)).toEqual(["node:fs"]);
    const forExec = ["node:fs", "node:path", "node:sqlite"];
    expect(foreign(...running("src/cli/verbs/exec.ts"))).toEqual(forExec);
    expect(foreign(...running("src/cli/verbs/run.ts"))).toEqual([...forExec, "node:url"]);
    const forAny = foreign(...PROGRAM, "src/index.ts");
    for (const slow of ["node:crypto", "node:worker_threads", "zod"]) expect(forAny).not.toContain(slow);
  });

  test("of a verb bring in only cli and core, and what the program has loaded before, until it is run", () => {
    // Paths are put together at no cost.
    const before = loadedBy(...PROGRAM, "node:path");
    const verbs = MODULES.filter((path) => path.startsWith("src/cli/verbs/"));
    expect(verbs.length).toBeGreaterThan(30);
    const isForeign = (path: string) => !before.has(path) && !/^src\/(cli|core)\//.test(path);
    const direct = IMPORTS.filter(({ from, onLoad }) => onLoad && verbs.includes(from));
    const wrong = direct.flatMap(({ from, to, specifier }) => {
      const more = [...loadedBy(to ?? specifier)].find(isForeign);
      return more === undefined ? [] : [`${from} → ${specifier}, which brings in ${more}: use import() in run`];
    });
    expect(wrong).toEqual([]);
  });

  test("of the command line are the public library and core, but for what is named", () => {
    const isShared = (to = "") => /^src\/(cli|core|index\.ts)\b/.test(to) || LOW_LEVEL.includes(to);
    const wrong = IMPORTS.filter(({ from, to }) => roomOf(from) === "cli" && to?.startsWith("src/") && !isShared(to));
    const beyond = wrong.filter(({ from }) => ![...OWN_WAYS, ...NOT_YET].some((path) => from.startsWith(path)));
    expect(beyond.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
    // What needs no exception any more is none.
    const needless = [...OWN_WAYS, ...NOT_YET].filter((path) => !wrong.some(({ from }) => from.startsWith(path)));
    expect(needless).toEqual([]);
  });

  test("make no circle", () => {
    expect(circles()).toEqual([]);
  });
});

/** What the command line uses of the operating system, as any program would. */
const LOW_LEVEL = [
  ...["files", "identity", "replace", "stdio", "write-ahead-log"].map((name) => `src/platform/${name}.ts`),
  "src/processes/descriptors.ts",
  "src/processes/stop.ts",
];

/** Modules that have a way of their own to what they need, for the library takes too long: the warm path, and the shell's hook and shims. */
const OWN_WAYS = [
  "src/cli/running/run-in.ts",
  "src/cli/verbs/run.ts",
  "src/cli/hook/",
  "src/cli/verbs/hook-answer.ts",
  "src/cli/verbs/vouch.ts",
];

/** Modules that could use the public library and don't yet. None is added. */
const NOT_YET = [
  "src/cli/completion/environments.ts",
  "src/cli/completion/tasks.ts",
  "src/cli/verbs/import.ts",
  "src/cli/verbs/shims.ts",
];

/** What every command but --version loads. */
const PROGRAM = ["src/cli/main.ts", "src/cli/program.ts"];

/** The modules, and all that is loaded for them before they run. */
function loadedBy(...starts: readonly string[]): Set<string> {
  const loaded = new Set(starts);
  for (const path of loaded) {
    for (const { from, to, specifier, onLoad } of IMPORTS) if (onLoad && from === path) loaded.add(to ?? specifier);
  }
  return loaded;
}

/** Each circle of imports once, those for types too but not `import()`, as `a → b → a`. */
function circles(): string[] {
  const next = Map.groupBy(
    IMPORTS.filter(({ to, onDemand }) => to !== undefined && !onDemand),
    ({ from }) => from,
  );
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) found.push([...above.slice(above.indexOf(path)), path].join(" → "));
    if (above.includes(path) || done.has(path)) return;
    for (const { to } of next.get(path) ?? []) walk(to as string, [...above, path]);
    done.add(path);
  };
  for (const path of MODULES) walk(path, []);
  return found;
}
