import { expect, test } from "bun:test";
import { chainOf } from "../../src/packages/tool-output.ts";

test("of uv's words the explanation is taken, without frame and hints", () => {
  const framed = "  × No solution found:\n  ╰─▶ Because a depends on b\n      and c, it fails.\n\n      hint: try d\n";
  expect(chainOf(framed)).toBe("Because a depends on b\nand c, it fails.");
  expect(chainOf("error: x\n  cause: Because a\n\n    and b.\n \nhint: try d\nmore")).toBe("Because a\nand b.");
  expect(chainOf("something else\n\n  broke")).toBe("something else\nbroke");
});

test("a long explanation costs no more than its length", () => {
  expect(chainOf(`cause: a${"\n".repeat(1 << 20)}b`)).toBe("a\nb");
});
