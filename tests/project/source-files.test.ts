import { describe, expect, test } from "bun:test";
import { basename } from "node:path";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { EVENT_KINDS } from "../../src/core/event.ts";
import { MODULES, projectFiles, read } from "./sources.ts";

describe("source files", () => {
  test("have names in kebab-case", () => {
    const files = projectFiles("src", "tests", "scripts", "bench", "examples").filter((path) =>
      /\.(ts|mjs)$/.test(path),
    );
    const wrong = files.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.(ts|mjs)$/.test(basename(path)));
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
  test("are each told somewhere", () => {
    const text = MODULES.filter((path) => path !== "src/core/event.ts")
      .map(read)
      .join("\n");
    expect(Object.keys(EVENT_KINDS).filter((kind) => !text.includes(`"${kind}"`))).toEqual([]);
  });
});
