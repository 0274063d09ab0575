import { describe, expect, test } from "bun:test";
import { quotePosix, quotePython } from "../../src/core/quote.ts";
import { type Code, fillIn } from "../../src/core/script.ts";

const code = (text: string) => text as Code;

describe("a script's places", () => {
  test("take words, with the quotes that stand for them, as often as they are there", () => {
    expect(fillIn(code("a=@ONE@ \"@ONE@\" x@TWO@ '@TWO@'\n"), { ONE: code("1"), TWO: code("2") })).toBe(
      code("a=1 1 x2 '2'\n"),
    );
  });

  test("take whole lines, or none, where one stands alone on its line", () => {
    const script = code("first\n@LINES@\nlast\n");
    expect(fillIn(script, { LINES: code("  1\n  2\n") })).toBe(code("first\n  1\n  2\nlast\n"));
    expect(fillIn(script, { LINES: code("") })).toBe(code("first\nlast\n"));
  });

  test.each(["@B@", '"@B@"', "$&", "$1", "$$", "$`", "'@A@'", "\\1", "\n@B@\n"])(
    "aren't looked for in what is put in: %j",
    (value) => {
      expect(fillIn(code("x @A@ @B@ y"), { A: quotePosix(value), B: code("b") })).toBe(
        code(`x ${quotePosix(value)} b y`),
      );
    },
  );

  test("are all filled, and nothing is left over", () => {
    expect(() => fillIn(code("x @A@ @B@"), { A: code("") })).toThrow("the place @B@, for which there is no code");
    expect(() => fillIn(code("x @A@"), { A: code(""), C: code("") })).toThrow("no place for C");
    // Names that every object has are no code.
    expect(() => fillIn(code('x "@CONSTRUCTOR@"'), {})).toThrow("for which there is no code");
  });
});

test("a string of Python means the same in Python, whatever is in it", () => {
  const values = ["", "'\"\\", "\n\r\t\0", "\u2028é\u{1F40D}\ud800", "#{}%s$x`@A@"];
  const said = Bun.spawnSync(["python3", "-I", "-c", `import json; print(json.dumps(${quotePython(values)}))`]);
  expect(JSON.parse(said.stdout.toString())).toEqual(values);
});
