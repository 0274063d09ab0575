import { describe, expect, test } from "bun:test";
import { parseSync } from "oxc-parser";
import { analyse } from "scslre";
import { MODULES, read } from "./sources.ts";

/** What may take more than linear time by itself, and why it doesn't where it is used. */
const EXEMPT: Readonly<Record<string, string>> = {
  "src/tasks/globs.ts /\\[!?\\]?[^\\]]*\\]|./": "is asked up to the last ] only, where every [ has its end",
};

interface Expression {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** The regular expressions of a module: literals, and what `new RegExp` is given as a text. */
function expressionsOf(path: string): Expression[] {
  const found: Expression[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, regex } = node as { type?: string; regex?: { pattern: string; flags: string } };
    if (type === "Literal" && regex)
      found.push({ where: `${path} /${regex.pattern}/`, source: regex.pattern, flags: regex.flags });
    for (const child of Object.values(node)) walk(child);
  };
  walk(parseSync(path, read(path)).program);
  return found;
}

function isLinear({ source, flags }: Pick<Expression, "source" | "flags">): boolean {
  return analyse({ source, flags }, { reportTypes: { Move: true } }).reports.length === 0;
}

const EXPRESSIONS = MODULES.flatMap(expressionsOf);

describe("regular expressions", () => {
  test("of src take time in proportion to the text", () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(300);
    const slow = EXPRESSIONS.filter((one) => !isLinear(one)).map(({ where }) => where);
    expect(slow).toEqual(Object.keys(EXEMPT));
  });

  test("are judged by what finds the usual mistakes", () => {
    const mistakes = [/(a+)+$/, /\s+;/, /^(.*?)\s*=\s*(.*?)\s*$/, /#.*$/s, /=+$/, /^\s*x/m];
    for (const { source, flags } of mistakes) expect([source, isLinear({ source, flags })]).toEqual([source, false]);
    expect(isLinear({ source: "^[ \\t]*x", flags: "m" })).toBe(true);
  });

  test("are made of texts in few places, all of which stand for a whole line or word", () => {
    const made = MODULES.filter((path) => read(path).includes("new RegExp("));
    expect(made).toEqual([
      "src/config/locate.ts",
      "src/config/parse.ts",
      "src/packages/conflicts/explain.ts",
      "src/python/environment-variables.ts",
      "src/python/requirement/requirement.ts",
      "src/tasks/last-command.ts",
    ]);
  });
});
