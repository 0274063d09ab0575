import { describe, expect, test } from "bun:test";
import { BASELINE, breakingFacts, presentFacts, recordedFacts } from "../../scripts/docs/json.ts";
import { breaking } from "../../scripts/tasks/json-facts.ts";
import { allVerbs } from "../../src/cli/verbs.ts";
import { RESULTS } from "../../src/core/schemas/results.ts";
import { importsOf, MODULES } from "./sources.ts";

const HOW = `Programs rely on it. If it is meant: delete from ${BASELINE} the lines of \`gone\`, add those of \`demanded\`, run \`npm run docs\`, and say it in CHANGELOG.md.`;

describe("the JSON that programs read and write", () => {
  test("keeps what was recorded of it", () => {
    expect(recordedFacts().length).toBeGreaterThan(500);
    expect(breakingFacts(), HOW).toEqual({ gone: [], demanded: [] });
  });

  test("is described for every command but those that code alone types", async () => {
    const verbs = (await allVerbs()).filter(({ hidden }) => !hidden).map(({ name }) => name);
    expect([...new Set(Object.keys(RESULTS).map((title) => title.split(" ", 1)[0]!))].sort()).toEqual(verbs.sort());
  });
});

test("schemas of JSON are loaded by documentation and tests alone", () => {
  const within = (path = "") => path.startsWith("src/core/schemas/");
  const loading = MODULES.filter((path) => !within(path))
    .flatMap(importsOf)
    .filter(({ to, onLoad, onDemand }) => within(to) && (onLoad || onDemand));
  expect(MODULES.some(within)).toBe(true);
  expect(loading.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

describe("a recorded baseline", () => {
  const facts = ["ls.environments: list of Environment", "Environment.name: string", "Options.name?: string"];
  const change = (from: string, ...to: string[]) =>
    breaking(
      facts,
      facts.flatMap((one) => (one === from ? to : [one])),
      ["Options"],
    );

  test.each([
    ["removed", []],
    ["renamed", ["Environment.title: string"]],
    ["of another type", ["Environment.name: string | null"]],
    ["absent at times", ["Environment.name?: string"]],
  ])("tells of a member that is %s", (_, to) => {
    expect(change("Environment.name: string", ...to)).toEqual({ gone: ["Environment.name: string"], demanded: [] });
  });

  test("tells of what an input needs now", () => {
    const needed = change("Options.name?: string", "Options.name?: string", "Options.engine: string");
    expect(needed).toEqual({ gone: [], demanded: ["Options.engine: string"] });
    expect(change("Options.name?: string", "Options.name: string")).toEqual({
      gone: ["Options.name?: string"],
      demanded: ["Options.name: string"],
    });
  });

  test("lets members be added, and whole shapes", () => {
    const more = ["Environment.more: string", "Options.more?: string", "New.name: string"];
    expect(change("Environment.name: string", "Environment.name: string", ...more)).toEqual({ gone: [], demanded: [] });
  });

  test("is of what the schemas say, with every choice and alternative", () => {
    const present = presentFacts();
    for (const fact of [
      "ls.environments: list of Environment",
      'Environment.status = "ready"',
      "Environment.cleanup.ttl?: integer",
      "Process.ref(local).pid: integer",
      "doctor.engines.*(true).version: string",
      "Event(layer.built).data.bytes: integer",
      "PackageNode.requires: list of PackageNode",
      "CreateOptions.python?: string",
      "before-create.spec.name: string",
    ])
      expect(present).toContain(fact);
  });
});
