import { describe, expect, test } from "bun:test";
import { basename } from "node:path";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { EVENT_KINDS } from "../../src/core/event.ts";
import { importsOf, MODULES, projectFiles, read } from "./sources.ts";

/** The modules that open files, and why each may. */
const READING: Readonly<Record<string, string>> = {
  "src/project/files.ts": "files that speak for a project: this is where they are read",
  "src/platform/files.ts": "every other file of outside: this is where they are read",
  "src/cli/running/shell-in-use.ts": "/proc of the parent: the kernel's, of one line",
  "src/platform/command-line.ts": "/proc of a process: one buffer at most",
  "src/platform/hash-file.ts": "digests: one buffer at a time, of regular files only",
  "src/platform/identity.ts": "/proc of a process, and the kernel's boot id",
  "src/platform/kernel-locks.ts": "/proc/locks: the kernel's",
  "src/platform/pid-namespaces.ts": "/proc of a process: the kernel's, of one line",
  "src/platform/platform.ts": "/proc of this process, and the C library that it runs on",
  "src/platform/private-file.ts": "makes a file, and reads none",
  "src/processes/tree.ts": "/proc of a process: variables, which the kernel limits",
  "src/platform/execute-error.ts": "the beginning of a program that is about to be started",
  "src/platform/temporary.ts": "opens a folder, and reads no file",
  "src/python/requirement/text.ts": "what a shell's <(…) gives: waited for, and read to a limit",
  "src/worktrees/vouch.ts": "makes a file, and reads none",
  "src/store/manifest.ts": "manifests of the state's own, in a folder that is closed to others",
};

/** The modules that take a text as TOML, and which. */
const PARSING: Readonly<Record<string, string>> = {
  "src/project/project.ts": "the manifests of a project: this is where they are parsed",
  "src/config/parse.ts": "Skerry's own tables, by the text whose digest is trusted",
  "src/imports/imported.ts": "what another tool has written, named by the user",
  "src/packages/pylock.ts": "lock files, which uv may have printed",
  "src/worktrees/pixi-tasks.ts": "a manifest as it is about to be written",
};

describe("source files", () => {
  test("have names in kebab-case", () => {
    const files = projectFiles("src", "tests", "scripts", "bench", "examples").filter((path) =>
      /\.(ts|mjs|py|sh|bash|zsh|fish|nu|ps1)$/.test(path),
    );
    const wrong = files.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.\w+$/.test(basename(path)));
    expect(wrong).toEqual([]);
  });

  test("of src are short enough to have one reason to change", () => {
    const long = MODULES.map((path) => ({ path, lines: read(path).split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  test("of src take a file's time in one way, but where it is compared within one process only", () => {
    const own = ["src/platform/file-time.ts", "src/store/layer.ts", "src/store/tree.ts"];
    const taking = MODULES.filter((path) => /(stat\w*|\))\??\.mtimeMs\b/i.test(read(path)));
    expect(taking).toEqual(own);
  });

  test("of src read files in two modules, which wait for nothing and stop at a limit", () => {
    const reading = MODULES.filter((path) =>
      /(?<!function )\b(readFileSync|createReadStream|openSync|openAsBlob|readSync)\(|["']node:fs\/promises["'].*\bopen\b|Bun\.file\(/.test(
        read(path).replace(/^import .*$/gm, (line) => (/\breadFile\b/.test(line) ? "readFileSync(" : "")),
      ),
    );
    expect(reading).toEqual(Object.keys(READING).toSorted());
  });

  test("of src parse TOML in one module, which limits how deep it may be", () => {
    const parsing = MODULES.filter((path) =>
      /import .*\bparse\b.*["']smol-toml["']|import\(["']smol-toml["']\)/.test(read(path)),
    );
    expect(parsing).toEqual(["src/core/toml.ts"]);
  });

  test("of src parse the manifests of a project in one module", () => {
    const parsing = MODULES.filter((path) => importsOf(path).some(({ to }) => to === "src/core/toml.ts"));
    expect(parsing.toSorted()).toEqual(Object.keys(PARSING).toSorted());
  });

  test("of src ask what a kind of project decides, and compare no engine's name", () => {
    const comparing = MODULES.filter((path) => /\b(engine|kind)\b\)? [!=]== "pixi"/.test(read(path)));
    expect(comparing).toEqual([]);
  });

  test("of tests skip nothing for good and run nothing alone", () => {
    const focused = projectFiles("tests").filter((path) => path.endsWith(".test.ts"));
    const wrong = focused.filter((path) => /^\s*(test|it|describe)\.(only|skip|todo|failing)\(/m.test(read(path)));
    expect(wrong).toEqual([]);
  });
});

describe("error codes", () => {
  test("are each thrown somewhere", () => {
    const text = MODULES.filter((path) => path !== "src/core/error-codes.ts")
      .map(read)
      .join("\n");
    expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
  });
});

describe("event kinds", () => {
  test("are each told somewhere in src, by record or emit of EventBus", () => {
    const text = MODULES.filter((path) => path !== "src/core/event.ts")
      .map(read)
      .join("\n");
    expect(Object.keys(EVENT_KINDS).filter((kind) => !text.includes(`"${kind}"`))).toEqual([]);
  });
});
