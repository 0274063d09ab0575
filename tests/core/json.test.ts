import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson, digest } from "../../src/core/json.ts";

test("canonical JSON says the same as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))),
    ),
  );
});

test("the order of keys makes no difference", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(digest(reversed)).toBe(digest(value));
    }),
  );
});

test("keys are sorted by UTF-16 code units, undefined members are left out", () => {
  expect(canonicalJson({ "€": 1, "\r": 2, "1": 3, "😀": 4, a: undefined })).toBe('{"\\r":2,"1":3,"€":1,"😀":4}');
});

test("numbers without a JSON form are refused", () => {
  expect(() => canonicalJson({ n: Number.NaN })).toThrow(TypeError);
});
