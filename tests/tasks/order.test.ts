import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { inOrder, type Node, orderOf } from "../../src/tasks/order.ts";
import { splitWords } from "../../src/tasks/words.ts";

/** Tasks that depend only on such as have a smaller number, in a random order of writing. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((all) => all.map((some, n) => ({ name: `t${n}`, dependsOn: n === 0 ? [] : some.map((one) => `t${one % n}`) })))
  .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));

const table = (nodes: readonly Node[]) => new Map(nodes.map((node) => [node.name, node]));

function reachable(name: string, nodes: ReadonlyMap<string, Node>): Set<string> {
  const found = new Set([name]);
  for (const one of found) for (const next of nodes.get(one)!.dependsOn) found.add(next);
  return found;
}

describe("the order of tasks", () => {
  test("has each task that is needed once, behind all it depends on, however they are written", () => {
    fc.assert(
      fc.property(graphs, ([all, shuffled]) => {
        const nodes = table(shuffled);
        const { name } = all.at(-1)!;
        const order = orderOf(name, nodes);
        const names = order.map((one) => one.name);
        expect(new Set(names)).toEqual(reachable(name, nodes));
        expect(names.length).toBe(new Set(names).size);
        expect(names.at(-1)).toBe(name);
        for (const [i, one] of order.entries()) {
          for (const before of one.dependsOn) expect(names.indexOf(before)).toBeLessThan(i);
        }
      }),
    );
  });

  test("is refused for any circle, and the circle told is one", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), ([all], n) => {
        const last = all.at(-1)!;
        const inner = [...reachable(last.name, table(all))];
        const back = inner[n % inner.length]!;
        const nodes = table(
          all.map((one) => (one.name === back ? { ...one, dependsOn: [...one.dependsOn, last.name] } : one)),
        );
        let cycle: string[] = [];
        try {
          orderOf(last.name, nodes);
        } catch (error) {
          expect(error).toMatchObject({ code: "SKE-TASK-CYCLE" });
          cycle = (error as { details: { cycle: string[] } }).details.cycle;
        }
        expect(cycle.length).toBeGreaterThan(1);
        expect(cycle[0]).toBe(cycle.at(-1)!);
        for (const [i, name] of cycle.slice(0, -1).entries())
          expect(nodes.get(name)!.dependsOn).toContain(cycle[i + 1]!);
      }),
    );
  });

  test("of a long chain needs no deep stack", () => {
    const nodes = table(
      Array.from({ length: 9999 }, (_, n) => ({ name: `${n}`, dependsOn: n === 0 ? [] : [`${n - 1}`] })),
    );
    expect(orderOf("9998", nodes).length).toBe(9999);
  });

  test("is gone through with everything before it done, at most so many at once, to the first failure", async () => {
    const pace = fc.record({ jobs: fc.integer({ min: 1, max: 4 }), bad: fc.option(fc.nat({ max: 11 })) });
    await fc.assert(
      fc.asyncProperty(graphs, pace, async ([all], { jobs, bad }) => {
        const order = orderOf(all.at(-1)!.name, table(all));
        const done = new Set<string>();
        const begun = new Set<string>();
        let running = 0;
        let failed = false;
        await inOrder(order, { jobs, signal: new AbortController().signal }, async (task, signal) => {
          expect(failed).toBe(false);
          expect(signal.aborted).toBe(false);
          expect(task.dependsOn.filter((name) => !done.has(name))).toEqual([]);
          begun.add(task.name);
          expect(++running).toBeLessThanOrEqual(jobs);
          await new Promise((resolve) => setTimeout(resolve, task.name.length % 2));
          running--;
          if (task.name === `t${bad}`) failed = true;
          else done.add(task.name);
          return task.name !== `t${bad}`;
        });
        expect(running).toBe(0);
        if (!begun.has(`t${bad}`)) expect(done.size).toBe(order.length);
        else expect(done.has(all.at(-1)!.name)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a text is split into words", () => {
  const quoted = (word: string) =>
    /[\s'"\\|&;<>()$`*?#~=]|^$/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word;

  test("as a shell would, whatever is in the quotes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }),
        fc.constantFrom(" ", "  ", "\t"),
        (words, gap) => {
          expect(splitWords(words.map(quoted).join(gap))).toEqual({ words });
        },
      ),
    );
  });

  test.each<[string, readonly string[]]>([
    [`a "b \\" c \\x" d\\ e`, ["a", `b " c \\x`, "d e"]],
    [`pip "x[y]" --a=b c#d e~`, ["pip", "x[y]", "--a=b", "c#d", "e~"]],
    ["", []],
  ])("%s", (text, words) => {
    expect(splitWords(text)).toEqual({ words });
  });

  test.each([
    "a | b",
    "a && b",
    "a; b",
    "a > b",
    "a $(b)",
    "a $B",
    'a "$B"',
    "a `b`",
    "a *.py",
    "# a",
    "A=b c",
    "a ~/b",
    "'a",
    "a\nb",
    "a \\",
  ])("and %s is for a shell", (text) => expect(splitWords(text)).toHaveProperty("syntax"));
});
