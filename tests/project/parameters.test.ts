import { expect, test } from "bun:test";
import { parseSync } from "oxc-parser";
import { MODULES, read } from "./sources.ts";

const MOST = 4;

interface Node {
  readonly type?: string;
  readonly start: number;
  readonly id?: { readonly name?: string };
  readonly key?: { readonly name?: string };
  readonly params?: unknown;
}

/** Functions and methods of a text with more parameters than {@link MOST}, as `name: 5`. */
function longLists(path: string, text: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown, outer: string): void => {
    if (typeof node !== "object" || node === null) return;
    const { type = "", id, key, params } = node as Node;
    const name = id?.name ?? key?.name ?? outer;
    if (Array.isArray(params) && params.length > MOST && !type.startsWith("TSTypeParameter"))
      found.push(`${path} ${name}: ${params.length}`);
    for (const child of Object.values(node)) walk(child, name);
  };
  walk(parseSync(path, text).program, "");
  return found;
}

test("functions of src take at most four parameters", () => {
  expect(MODULES.flatMap((path) => longLists(path, read(path)))).toEqual([]);
});

test("functions with too many parameters are found, however they are written", () => {
  const long = "a: A, b: B, c: C, d: D, e?: E";
  const text = `
    function one(${long}) {}
    const two = { method(${long}) {} };
    class Three { constructor(${long}) {} }
    interface Four { method(${long}): void }
    const five = (${long}) => a;
    function fine<A, B, C, D, E>({ a, b, c, d, e }: Many, f: F, g: G, h: H) {}`;
  expect(longLists("x.ts", text)).toEqual([
    "x.ts one: 5",
    "x.ts method: 5",
    "x.ts constructor: 5",
    "x.ts method: 5",
    "x.ts five: 5",
  ]);
});
