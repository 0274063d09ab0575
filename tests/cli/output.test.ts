import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { alignColumns, displayWidth, Output, paint, plainText, wantsColor } from "../../src/cli/output/output.ts";
import { describe as describeProgress } from "../../src/cli/output/reporter.ts";

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

  test("can't send control sequences to the terminal, and are as wide as what is shown instead", () => {
    expect(
      alignColumns([
        ["a\x1b[2Jb\u009b31m\r\n", "x"],
        ["c", "\u202ey"],
      ]),
    ).toEqual(["a\\u001b[2Jb\\u009b31m\\r\\n  x", `${"c".padEnd(26)}\\u202ey`]);
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

test("progress is told in words", () => {
  expect(describeProgress({ kind: "progress", phase: "download", detail: "numpy", done: 2, total: 5 })).toBe(
    "downloading numpy (2/5)",
  );
});

describe("what is printed", () => {
  const hostile = "a\x1b]0;title\x07\u202eb\r\x1b[0m";
  const shown = "a\\u001b]0;title\\u0007\\u202eb\\r\\u001b[0m";
  const output = (color: boolean) => new Output({ json: false, quiet: false, verbose: false, color: () => color });

  test("has control sequences only of styles of ours, wherever a value stands", () => {
    expect(output(true).render(hostile, "out")).toBe(shown);
    expect(output(true).render([paint("red", hostile), ` ${hostile}`], "err")).toBe(`\x1b[31m${shown}\x1b[0m ${shown}`);
    expect(output(false).render([paint("red", hostile), hostile], "err")).toBe(shown + shown);
    expect(plainText([paint("red", "a"), "b"])).toBe("ab");
  });

  test("is one line of the terminal where it is one line of ours", () => {
    expect(output(false).render("a\nerror: b\u2028c\u0085d", "out")).toBe("a\\nerror: b\\u2028c\\u0085d");
  });
});
