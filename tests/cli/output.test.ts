import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { alignColumns, displayWidth, wantsColor } from "../../src/cli/output.ts";
import { describe as describeProgress } from "../../src/cli/progress.ts";

describe("columns", () => {
  test("line up, whatever alphabet is in them", () => {
    expect(
      alignColumns([
        ["NAME", "AGE"],
        ["wéb", "1"],
        ["環境", "2"],
        ["🐍", "3"],
      ]),
    ).toEqual(["NAME  AGE", "wéb   1", "環境  2", "🐍    3"]);
  });

  test("can't send control sequences to the terminal", () => {
    expect(alignColumns([["a\x1b[2Jb\u009b31m\r\n"]])).toEqual(["a\ufffd[2Jb\ufffd31m\ufffd\ufffd"]);
  });

  test("have the width of what a terminal shows", () => {
    expect(["", "abc", "é", "e\u0301", "한글", "ｆｕ", "👩‍🚀"].map(displayWidth)).toEqual([0, 3, 1, 1, 4, 4, 2]);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary-ascii" }),
        (text) => displayWidth(text.replace(/[^ -~]/g, "")) <= text.length,
      ),
    );
  });
});

test("colours go to terminals that have them, unless somebody said no", () => {
  expect(wantsColor(true, { TERM: "xterm" }, false)).toBe(true);
  expect(wantsColor(false, { TERM: "xterm" }, false)).toBe(false);
  expect(wantsColor(true, { TERM: "xterm" }, true)).toBe(false);
  expect(wantsColor(true, { TERM: "xterm", NO_COLOR: "1" }, false)).toBe(false);
  expect(wantsColor(true, { TERM: "dumb" }, false)).toBe(false);
});

test("the variable counts unless the configuration is known, and neither against who said no", () => {
  expect(wantsColor(false, { SKERRY_COLOR: "always" }, false)).toBe(true);
  expect(wantsColor(true, { SKERRY_COLOR: "never" }, false)).toBe(false);
  expect(wantsColor(true, { SKERRY_COLOR: "auto", TERM: "dumb" }, false)).toBe(false);
  expect(wantsColor(false, {}, false, "always")).toBe(true);
  expect(wantsColor(true, { TERM: "xterm" }, false, "never")).toBe(false);
  expect(wantsColor(true, { NO_COLOR: "1" }, false, "always")).toBe(false);
  expect(wantsColor(true, {}, true, "always")).toBe(false);
});

test("progress is told in words, and what a tool says can't move the cursor", () => {
  expect(describeProgress({ phase: "download", detail: "numpy", done: 2, total: 5 })).toBe("downloading numpy (2/5)");
  expect(describeProgress({ phase: "build", detail: "a\r\x1b[Kb" })).toBe("building a [Kb");
});
