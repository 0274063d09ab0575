import { expect, test } from "bun:test";
import fc from "fast-check";
import { editDistance, nearest } from "../../src/core/near.ts";

const VERBS = ["create", "destroy", "run", "exec", "ls", "install", "uninstall"];

test.each([
  ["instal", "install"],
  ["isntall", "install"],
  ["crate", "create"],
  ["rnu", "run"],
  ["LS", "ls"],
  ["destory", "destroy"],
])("%s was meant to be %s", (word, meant) => {
  expect(nearest(word, VERBS)).toBe(meant);
});

test("dashes and underscores are the same letter", () => {
  expect(nearest("index-url", ["indexes", "index_url"])).toBe("index_url");
});

test.each(["", "x", "zz", "frobnicate", "a".repeat(10_000)])("nothing is near %p", (word) => {
  expect(nearest(word, VERBS)).toBeUndefined();
});

test("swapped neighbours are one edit", () => {
  expect(editDistance("ab", "ba")).toBe(1);
  expect(editDistance("kitten", "sitting")).toBe(3);
});

test("the distance is symmetric, 0 only for equal words, and at most the longer one's length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
