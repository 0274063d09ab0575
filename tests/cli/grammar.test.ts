import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { optionsOf, type Parsed, parse } from "../../src/cli/grammar/grammar.ts";
import type { NamedVerb } from "../../src/cli/verb.ts";
import { allVerbs, findVerb, verbOf, verbWords } from "../../src/cli/verbs.ts";
import { SkerryError } from "../../src/core/error.ts";

const ALL = await allVerbs();
const VERBS = ALL.filter((spec) => !spec.hidden);
const exec = await verbOf("exec");
const run = await verbOf("run");

describe("a command line", () => {
  test("of any verb, written out in any form, reads as it was meant", () => {
    const lines = fc
      .constantFrom(...VERBS)
      .chain((spec) => fc.record({ parsed: meaning(spec), style: fc.infiniteStream(fc.nat(3)) }));
    fc.assert(
      fc.property(lines, ({ parsed, style }) => {
        const words = print(parsed, () => style.next().value as number);
        const { operands, values, command } = parse(parsed.spec, words);
        expect({ operands, values: [...values].sort(), command }).toEqual({
          operands: parsed.operands,
          values: [...parsed.values].sort(),
          command: parsed.command,
        });
      }),
      { numRuns: 500 },
    );
  });

  test("of arbitrary words is read or refused with SKE-USAGE, never anything else", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("--", "-", "--json", "--with", "--with=", "-r", "--__proto__", "-C", "--toString"),
    );
    fc.assert(
      fc.property(fc.constantFrom(...VERBS), fc.array(word), (spec, words) => {
        try {
          parse(spec, words);
        } catch (error) {
          expect(error).toBeInstanceOf(SkerryError);
          expect((error as SkerryError).code).toBe("SKE-USAGE");
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("of exec leaves the program's own options to the program", () => {
    const wanted = { operands: ["web"], command: ["python", "-m", "x", "--json", "--", "-q"] };
    for (const line of ["web -- python -m x --json -- -q", "web python -m x --json -- -q"]) {
      expect(parse(exec, line.split(" "))).toMatchObject(wanted);
    }
  });

  test("of run begins the program at the first word that belongs to no option", () => {
    const { values, command } = parse(run, ["--with", "requests", "-r", "a.txt", "python", "--with", "x"]);
    expect([...values]).toEqual([
      ["with", ["requests"]],
      ["requirement", ["a.txt"]],
    ]);
    expect(command).toEqual(["python", "--with", "x"]);
  });

  test("asks for help even where words are missing", () => {
    expect(parse(exec, ["-h"]).values.has("help")).toBe(true);
  });

  test.each([
    ["exec", "", "skerry exec needs ENVIRONMENT"],
    ["exec", "web", "skerry exec needs a command to run"],
    ["exec", "-- web", "skerry exec needs ENVIRONMENT"],
    ["restore", "web", "skerry restore needs --at NUMBER"],
    ["python", "", "skerry python needs ACTION, one of list, find"],
    ["run", "--wiht x -- true", "skerry run has no option --wiht"],
    ["run", "--wit x -- true", "skerry run has no option --wit"],
    ["run", "-z -- true", "skerry run has no option -z"],
    ["run", "--with", "--with needs a value: REQUIREMENT"],
    ["run", "--with -- true", "--with needs a value: REQUIREMENT"],
    ["ls", "--home=", "--home needs a value: DIR"],
    ["run", "--with --offline -- true", '--with needs a value (REQUIREMENT), and "--offline" looks like an option'],
    ["run", "--offline=1 -- true", '--offline takes no value, and "1" was given'],
    ["run", "--python 3.12 --python 3.13 -- true", "--python is given more than once"],
    ["run", "--installer uvv -- true", '--installer is one of auto, uv, pip, not "uvv"'],
    ["python", "lst", 'ACTION is one of list, find, not "lst"'],
    ["python", "find 3.12 3.13", 'skerry python doesn\'t know what to do with "3.13"'],
  ])("skerry %s %s is refused", async (verb, line, message) => {
    const spec = await verbOf(verb);
    expect(() => parse(spec, line.split(" ").filter(Boolean))).toThrow(message);
  });
});

describe("the verbs", () => {
  test("have each name, alias and short option once", () => {
    const words = verbWords();
    expect(words).toEqual([...new Set(words)]);
    for (const spec of ALL) {
      const shorts = Object.values(optionsOf(spec)).flatMap(({ short }) => short ?? []);
      expect([spec.name, ...shorts]).toEqual([spec.name, ...new Set(shorts)]);
    }
  });

  test("take many words only by the last operand, and need none after an optional one", () => {
    for (const { operands } of ALL) {
      expect(operands.slice(0, -1).filter(({ multiple }) => multiple)).toEqual([]);
      const optional = operands.map((operand) => operand.optional ?? false);
      expect(optional).toEqual(optional.toSorted());
    }
  });

  test("are of a file each, and their examples can be parsed", async () => {
    for (const spec of ALL) {
      expect(typeof spec.run).toBe("function");
      for (const [line] of spec.examples) {
        const [, verb, ...words] = wordsOf(line);
        if (verb?.startsWith("-")) continue;
        expect((await findVerb(verb!))?.name).toBe(spec.name);
        parse(spec, words);
      }
    }
  });
});

/** Something that a command line of this verb can mean. */
function meaning(spec: NamedVerb): fc.Arbitrary<Parsed> {
  // A word that could be taken for an option has its own forms, and is tested above.
  const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-"));
  const options = Object.entries(optionsOf(spec)).filter(([name]) => name !== "help");
  const value = (choices: readonly string[] | undefined) =>
    choices ? fc.constantFrom(...choices) : fc.string({ minLength: 1 });
  const values = fc
    .tuple(
      ...options.map(([name, option]) => {
        const given: fc.Arbitrary<true | readonly string[]> =
          option.type === "boolean"
            ? fc.constant<true>(true)
            : fc.array(value(option.choices), { minLength: 1, maxLength: option.multiple ? 3 : 1 });
        return (option.required ? given : fc.option(given, { freq: 3 })).map((one) => [name, one] as const);
      }),
    )
    .map((all) => new Map(all.flatMap(([name, one]) => (one === null ? [] : [[name, one] as const]))));
  const operands = fc
    .tuple(
      ...spec.operands.map((operand) =>
        fc.array(operand.choices ? fc.constantFrom(...operand.choices) : word, {
          minLength: operand.optional ? 0 : 1,
          maxLength: operand.multiple ? 4 : 1,
        }),
      ),
    )
    // Nothing can stand behind an operand that was left out.
    .map((all) => all.slice(0, all.findIndex((words) => words.length === 0) >>> 0).flat());
  const command = spec.passthrough ? fc.array(fc.string(), { minLength: 1 }) : fc.constant([]);
  return fc.record({ spec: fc.constant(spec), operands, values, command });
}

/** A command line with this meaning; `choose` gives 0 to 3 at each place where there are several ways to write it. */
function print({ spec, operands, values, command }: Parsed, choose: () => number): string[] {
  const parts: string[][] = operands.map((operand) => [operand]);
  for (const [name, value] of values) {
    const { short } = optionsOf(spec)[name]!;
    const texts: readonly (string | true)[] = value === true ? [true] : value;
    let at = 0;
    for (const text of texts) {
      // The values of one option keep their order; all else can be mixed with operands.
      at += choose() % Math.max(1, parts.length - at + 1);
      parts.splice(at++, 0, written(name, short, text, choose()));
    }
  }
  return [...parts.flat(), ...(spec.passthrough ? ["--", ...command] : [])];
}

function written(name: string, short: string | undefined, value: string | true, style: number): string[] {
  if (value === true) return [short && style > 1 ? `-${short}` : `--${name}`];
  if (style === 0 || value.startsWith("-")) return [`--${name}=${value}`];
  if (short && style === 2 && value !== "") return [`-${short}${value}`];
  return [short && style === 3 ? `-${short}` : `--${name}`, value];
}

/** The words of an example, without what a shell makes of it around. */
function wordsOf(line: string): string[] {
  const own = /^eval "\$\((.*)\)"$/.exec(line)?.[1] ?? line.replace(/ [|>] .*$/, "");
  return [...own.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
