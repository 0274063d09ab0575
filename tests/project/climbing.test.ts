import { describe, expect, test } from "bun:test";
import { importsOf, MODULES, read } from "./sources.ts";

/** A path that is compared with the folder it lies in: the end of a climb. */
const CLIMBS = /\b(\w+) [!=]== dirname\(\1\)|\b(?:const )?(\w+) = dirname\((\w+)\);\s+if \(\2 === \3\b/;

/** Who climbs, and what for: none of them looks for a file that speaks for a project. */
const CLIMBERS: Readonly<Record<string, string>> = {
  "src/project/folders.ts": "the rule itself",
  "src/git/checkouts.ts": "every checkout that a folder lies in, whose indexes may track it",
  "src/git/worktree.ts": "the checkout that git would take",
  "src/packages/uv-workspace.ts": "the folders above in which uv would find a workspace, to refuse another user's",
  "src/platform/inside.ts": "the nearest folder that is there, to make others below it",
  "src/tasks/from-infrastructure.ts": "the folder that several paths have in common",
};

/** Functions that read whatever they are given. */
const READERS = /\b(readIfExists|readWhole|readText|readFileSync|readFile|openSync|createReadStream)\(/;

/** Who takes the folders without regard to SKERRY_NO_CONFIG, and what for. */
const REGARDLESS: Readonly<Record<string, string>> = {
  "src/config/task-files.ts": "where the repository ends",
  "src/packages/tool-tables.ts": "what is refused to be installed from elsewhere than a workspace says",
};

const callersOf = (name: string) =>
  MODULES.filter((path) => !path.startsWith("src/project/") && new RegExp(`\\b${name}\\(`).test(read(path)));

describe("files that speak for a project", () => {
  test("are looked for in the folders above by no module of its own", () => {
    const climbing = MODULES.filter((path) => CLIMBS.test(read(path)));
    expect(climbing.sort()).toEqual(Object.keys(CLIMBERS).sort());
  });

  test("are read by readProjectFile alone, by whoever looks for them in the folders above", () => {
    const looking = [...new Set([...callersOf("foldersOfFiles"), ...callersOf("searchedFolders")])];
    expect(looking.length).toBeGreaterThan(4);
    const wrong = looking.filter((path) => {
      const isReader = importsOf(path).some(({ to }) => to === "src/project/files.ts");
      return !isReader || READERS.test(read(path).replace(/function \w+\(/g, ""));
    });
    expect(wrong).toEqual([]);
  });

  test("are left out with SKERRY_NO_CONFIG by all but who says why not", () => {
    expect(callersOf("searchedFolders").sort()).toEqual(Object.keys(REGARDLESS).sort());
  });
});
