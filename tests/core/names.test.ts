import { expect, test } from "bun:test";
import fc from "fast-check";
import type { SkerryError } from "../../src/core/error.ts";
import { checkEnvironmentName, ENVIRONMENT_ID, ENVIRONMENT_NAME, newId } from "../../src/core/names.ts";

for (const name of ["api", "A.b_c-1", "9", "x".repeat(64)]) {
  test(`${name.slice(0, 10)} can be a name`, () => expect(checkEnvironmentName(name)).toBe(name));
}

for (const name of [
  "",
  "..",
  ".hidden",
  "-rf",
  "a/b",
  "a\nb",
  "a b",
  "🐍",
  "x".repeat(65),
  "x".repeat(300),
  "a\0b",
  "$(id)",
]) {
  test(`${JSON.stringify(name.slice(0, 10))} can't be a name`, () => {
    expect(() => checkEnvironmentName(name)).toThrow(expect.objectContaining({ code: "SKE-ENV-NAME" }));
  });
}

test("any text is either a name or refused with a hint whose example is a name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      try {
        expect(checkEnvironmentName(text)).toMatch(ENVIRONMENT_NAME);
      } catch (error) {
        const example = /for example (.*)$/.exec((error as SkerryError).hint ?? "")?.[1];
        if (example !== undefined) expect(example).toMatch(ENVIRONMENT_NAME);
      }
    }),
  );
});

test("ids are unique, sort by time, and look like ids", () => {
  const ids = Array.from({ length: 500 }, (_, i) => newId(1_700_000_000_000 + i * 1000));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(ENVIRONMENT_ID);
});
