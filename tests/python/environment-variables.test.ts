import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KEPT, SCRUBBED, scrub } from "../../src/python/environment-variables.ts";

describe("scrubbing", () => {
  test("removes every variable of the table, and no other", () => {
    const hostile = SCRUBBED.map(({ pattern }) => [pattern.replace("*", "ANYTHING"), "x"]);
    const plain = { HOME: "/home/me", LANG: "C", MY_PYTHONPATH: "x", PYTHONPATHS: "x", PYTHONUTF8: "1" };
    expect(scrub({ ...Object.fromEntries(hostile), ...plain })).toEqual(plain);
  });

  test("keeps what the other table says", () => {
    const names = KEPT.flatMap(({ pattern }) => pattern.split(", ")).filter((name) => /^[A-Z_0-9]+$/.test(name));
    expect(names.length).toBeGreaterThan(5);
    const env = Object.fromEntries(names.map((name) => [name, "1"]));
    expect(scrub(env)).toEqual(env);
  });

  test("takes the caller's virtual environment off PATH", () => {
    const env = { PATH: "/home/me/venv/bin:/usr/bin:/home/me/venv/bin/more", VIRTUAL_ENV: "/home/me/venv" };
    expect(scrub(env)).toEqual({ PATH: "/usr/bin:/home/me/venv/bin/more" });
  });

  test("changes nothing else, and nothing when done twice", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.string(), { nil: undefined })), (env) => {
        const once = scrub(env);
        expect(scrub(once)).toEqual(once);
        for (const [name, value] of Object.entries(once)) expect(value).toBe(env[name]!);
      }),
    );
  });

  test("says why, once for each pattern", () => {
    const patterns = SCRUBBED.map(({ pattern }) => pattern);
    expect(new Set(patterns).size).toBe(patterns.length);
    for (const { why } of [...SCRUBBED, ...KEPT]) expect(why.length).toBeGreaterThan(15);
  });
});
