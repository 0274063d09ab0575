import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { linesIn, linesOfCode } from "../../scripts/tasks/coverage.ts";
import { chosenTests } from "../../scripts/tasks/test.ts";
import { testEnvironment } from "../../scripts/tasks/test-environment.ts";
import { countOf, skippedIn } from "../../scripts/tasks/test-report.ts";

describe("the count at the end of `npm test`", () => {
  test("is that of Bun's summary, colours or not", () => {
    const summary =
      "\n\x1b[32m 12 pass\x1b[0m\n 2 skip\n 1 todo\n\x1b[31m 3 fail\x1b[0m\n 1 error\nRan 18 tests across 4 files.";
    expect(countOf(summary, 1)).toEqual({ passed: 12, failed: 3, skipped: 3 });
  });

  test("takes the last summary, when a test printed another", () => {
    expect(countOf(" 1 pass\n 1 fail\n…\n 5 pass\n 0 fail\n", 0)).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  test("has a failure when the run ended badly without one", () => {
    expect(countOf("panic: crash", 134)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe("the suites that are run", () => {
  test.each([
    [[], ["--path-ignore-patterns=tests/long/**", "tests"]],
    [["--coverage"], ["--path-ignore-patterns=tests/long/**", "tests"]],
    [["tests/cli"], ["tests/cli"]],
    [["--long"], ["tests/long"]],
    [["--long", "tests/long/kill.test.ts"], ["tests/long/kill.test.ts"]],
    [["--long", "kill"], ["kill"]],
    [
      ["--long", "-t", "a kill"],
      ["tests/long", "-t", "a kill"],
    ],
    [
      ["--long", "kill", "-t", "x"],
      ["kill", "-t", "x"],
    ],
  ])("of %j are %j", (args, chosen) => {
    expect(chosenTests(args)).toEqual(chosen);
  });

  test("of npm run test:long are those of the file that it names", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    const words = scripts["test:long"]!.split(" ");
    expect(chosenTests([...words.slice(words.indexOf("test") + 1), "tests/long/kill.test.ts"])).toEqual([
      "tests/long/kill.test.ts",
    ]);
  });
});

describe("skipped tests", () => {
  test("are found in a JUnit report with their files", () => {
    const xml = `<testcase name="passes" classname="" time="0" file="tests/a.test.ts" line="2" assertions="1" />
      <testcase name="is &lt;slow&gt;" classname="" time="0" file="tests/a.test.ts" line="4" assertions="0">
        <skipped />
      </testcase>`;
    expect(skippedIn(xml)).toEqual(["tests/a.test.ts: is <slow>"]);
  });
});

describe("coverage", () => {
  test("is read from LCOV, for modules of src alone", () => {
    const lcov =
      "TN:\nSF:src/core/a.ts\nFNF:2\nDA:1,1\nLF:8\nLH:6\nend_of_record\nTN:\nSF:tests/b.ts\nLF:1\nLH:1\nend_of_record\n";
    expect(linesIn(lcov)).toEqual([{ path: "src/core/a.ts", all: 8, run: 6 }]);
  });

  test("counts code that no test imported, but no types and comments", () => {
    expect(linesOfCode('import type { B } from "./b.ts";\n/** A. */\nexport interface A { b: B }\n')).toBe(0);
    expect(linesOfCode("// One.\nexport function one(): number {\n  return 1;\n}\n")).toBe(3);
  });
});

describe("the environment of tests", () => {
  test("has nothing of the caller's Python, but the way to the network", () => {
    const env = {
      PATH: "/bin",
      PYTHONPATH: "/x",
      PIP_FIND_LINKS: "/x",
      VIRTUAL_ENV: "/x",
      SKERRY_HOME: "/x",
      BUN_OPTIONS: "-x",
    };
    const network = { PIP_INDEX_URL: "u", UV_DEFAULT_INDEX: "u", PIP_CERT: "c", HTTPS_PROXY: "p", SSL_CERT_FILE: "c" };
    expect(testEnvironment({ ...env, ...network })).toEqual({ PATH: "/bin", ...network });
  });
});
