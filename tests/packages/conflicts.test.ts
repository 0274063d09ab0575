import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Progress } from "../../src/core/event.ts";
import { EMPTY_LOCK } from "../../src/core/lock.ts";
import { operation } from "../../src/core/operation.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../src/core/spec.ts";
import type { Conflict, RequirementChain } from "../../src/packages/conflicts/conflict.ts";
import { explainConflict } from "../../src/packages/conflicts/explain.ts";
import { minimal } from "../../src/packages/conflicts/minimal.ts";
import { widen } from "../../src/packages/conflicts/relax.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildSdist, buildWheel, type WheelInit } from "../rig/wheel.ts";
import { bench, failure, HERE } from "./setup.ts";

const wheel = (name: string, version: string, requires: readonly string[] = [], more: Partial<WheelInit> = {}) =>
  buildWheel({ name, version, requires, ...more });

const WHEELS = [
  wheel("flask", "2.3", ["werkzeug>=2.3"]),
  wheel("flask", "3.0.2", ["werkzeug>=3.0"]),
  wheel("werkzeug", "2.3"),
  wheel("werkzeug", "3.0"),
  wheel("werkzeug", "3.1"),
  wheel("werkzeug", "1.0", ["mark<2"]),
  wheel("mark", "1.0"),
  wheel("mark", "2.0"),
  wheel("gamma", "1.0"),
  wheel("top", "1.0", ["mid (>=1) ; python_version >= '3'"]),
  wheel("mid", "1.0", ["werkzeug>=3"]),
  wheel("indirect", "1.0", ["mark>=2", "werkzeug"]),
  wheel("web", "1.0", [], { extras: { async: ["flask>=3"] } }),
  wheel("torn", "1.0", ["werkzeug>=3", "werkzeug<3"]),
  wheel("later", "1.0", [], { requiresPython: ">=4" }),
  wheel("on-later", "1.0", ["later"]),
  wheel("taken-back", "1.0", [], { yanked: "it broke" }),
  wheel("windows", "1.0", [], { tag: "py3-none-win_amd64" }),
  wheel("early", "1.0", [], { yanked: "too early" }),
  wheel("early", "1.0rc1"),
  wheel("site", "1.0", ["engine>=2"]),
  wheel("engine", "2.0"),
  wheel("engine", "1.0"),
  buildSdist({ name: "engine", version: "0.1", failing: "SyntaxError" }),
];

let rig: Rig;
let index: TestIndex;
beforeAll(async () => {
  rig = await Rig.make();
  index = await startIndex({ distributions: WHEELS });
});
afterAll(async () => {
  await index[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

/** What becomes of a request that an installer refuses. @param before roots that the environment has */
async function explained(
  name: "uv" | "pip",
  spec: Partial<RequirementsSpec>,
  before: readonly string[] = [],
  url = index.url,
  onOne: (progress: Progress) => void = () => {},
  signal?: AbortSignal,
) {
  const at = bench(rig, name, { PIP_INDEX_URL: url, UV_DEFAULT_INDEX: url });
  const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: url, UV_DEFAULT_INDEX: url });
  const requirements = { ...EMPTY_REQUIREMENTS, ...spec };
  const request = {
    requirements,
    cwd: rig.cwd,
    target: HERE,
    settings,
    preferences: { ...EMPTY_LOCK, roots: before },
  };
  const context = { verb: "install", environment: "api", files: [], constraints: [] } as const;
  const refused = await failure(at.resolve(spec, { settings }));
  const told: Progress[] = [];
  const op = operation({
    signal,
    onEvent(one) {
      if (one.kind !== "progress") return;
      told.push(one);
      onOne(one);
    },
  });
  const error = await explainConflict(refused, { request, installer: at.installer, context }, op);
  const { code, message, hint = "", details } = error as typeof refused;
  return { code, message, hint, conflict: details.conflict as Conflict, at, told, refused };
}

/** `root → package requirement → …` */
const shown = (chain: RequirementChain) =>
  [`${chain.root.by}: ${chain.root.requirement}`, ...chain.steps.map((one) => `${one.package} ${one.requires}`)].join(
    " → ",
  );
const chainsOf = ({ clashes }: Conflict) => clashes.map((one) => [one.package, ...one.chains.map(shown).sort()]);

for (const name of ["uv", "pip"] as const) {
  test(`a clash two packages deep with what is there already is told from root to clash, by ${name}`, async () => {
    const found = await explained(name, { requirements: ["werkzeug<3", "gamma", "top"] }, ["werkzeug<3", "gamma"]);
    expect(found.code).toBe("SKE-PKG-CONFLICT");
    expect(chainsOf(found.conflict)).toEqual([
      ["werkzeug", "before: werkzeug<3", "now: top → top mid>=1 → mid werkzeug>=3"],
    ]);
    expect(found.message).toContain(
      "on werkzeug:\n  api asks for werkzeug<3\n  you asked for top → top 1.0 requires mid>=1 → mid 1.0 requires werkzeug>=3",
    );
    expect(found.conflict.drop.map((one) => one.requirement)).toEqual(["top"]);
    const commands = found.conflict.options.map((one) => `${one.kind}: ${one.command}`);
    expect(commands).toEqual([
      "relax: skerry install api top 'werkzeug<=3.0'",
      "drop: skerry uninstall api werkzeug && skerry install api top",
      ...(name === "uv" ? ["override: skerry install api top --override 'werkzeug<3'"] : []),
      "force: skerry install api top --force",
    ]);
    expect(found.hint).toContain(commands[0]!.replace("relax: ", ""));
  }, 120_000);
}

describe("a clash", () => {
  test("of two requirements that were asked for at once, each of which can give way", async () => {
    const { conflict } = await explained("uv", { requirements: ["flask>=3", "werkzeug<3"] });
    expect(chainsOf(conflict)).toEqual([["werkzeug", "now: flask>=3 → flask werkzeug>=3.0", "now: werkzeug<3"]]);
    expect(conflict.options.filter((one) => one.kind === "relax").map((one) => one.changes[0]!.to)).toEqual([
      "flask>=2.3",
      "werkzeug<=3.0",
    ]);
  });

  test("with a line that stands there twice is told once, and can give way", async () => {
    const files = [rig.write("asked.txt", "werkzeug<3\n")];
    const { conflict } = await explained("uv", { requirements: ["flask>=3", "werkzeug<3"], files });
    expect(chainsOf(conflict)).toEqual([["werkzeug", "now: flask>=3 → flask werkzeug>=3.0", "now: werkzeug<3"]]);
    expect(conflict.clashes[0]!.chains.map(({ root }) => root.where)).toContain(`${files[0]}:1`);
    expect(conflict.options.filter((one) => one.kind === "relax")).toHaveLength(2);
  });

  test("that only older versions of a package bring about", async () => {
    const { conflict } = await explained("uv", { requirements: ["indirect", "werkzeug<2", "gamma"] });
    expect(chainsOf(conflict)).toEqual([
      ["mark", "now: indirect → indirect mark>=2", "now: werkzeug<2 → werkzeug mark<2"],
    ]);
  });

  test("by way of an extra", async () => {
    const { conflict } = await explained("uv", { requirements: ["web[async]", "werkzeug<3"] });
    expect(chainsOf(conflict)[0]).toContain("now: web[async] → web flask>=3 → flask werkzeug>=3.0");
  });

  test("with a constraints file names the line, and leaves the file to its owner", async () => {
    const constraints = [rig.write("limits.txt", "# ours\nwerkzeug<3\n")];
    const { message, conflict } = await explained("uv", { requirements: ["flask>=3"], constraints });
    expect(message).toContain("limits.txt:2 allows only werkzeug<3");
    expect(conflict.options.find((one) => one.changes[0]?.from.by === "constraint")).toMatchObject({
      kind: "relax",
      changes: [{ to: "werkzeug<=3.0" }],
    });
  });

  test("inside one package", async () => {
    const { conflict } = await explained("uv", { requirements: ["torn"] });
    expect(chainsOf(conflict)).toEqual([["werkzeug", "now: torn → torn werkzeug<3", "now: torn → torn werkzeug>=3"]]);
  });

  test("doesn't hide another one", async () => {
    const { conflict } = await explained("uv", { requirements: ["werkzeug<3", "flask>=3", "indirect", "mark<2"] });
    expect(
      chainsOf(conflict)
        .map(([on]) => on)
        .sort(),
    ).toEqual(["mark", "werkzeug"]);
    expect(conflict.options.map((one) => one.kind)).toContain("relax");
  });
});

test("what is tried is told, and nothing of what the installer does meanwhile", async () => {
  const { told } = await explained("uv", { requirements: ["gamma", "flask>=3", "werkzeug<3"] });
  const details = told.map((one) => one.detail);
  expect(details).toEqual(expect.arrayContaining(["flask>=3 alone", "with flask", "with werkzeug<3 for everybody"]));
  expect(told.every((one) => one.phase === "explain")).toBe(true);
  expect(told.slice(1).map((one) => one.done)).toEqual(told.slice(1).map((_, i) => i + 1));
});

test("it is stopped with the command", async () => {
  const stop = new AbortController();
  const spec = { requirements: ["gamma", "flask>=3", "werkzeug<3"] };
  const { code, told } = await explained("uv", spec, [], index.url, (one) => one.done && stop.abort(), stop.signal);
  expect(code).toBe("SKE-INTERRUPTED");
  expect(told.length).toBeLessThan(6);
});

test("pip that comes to build old sources, looking for what fits, is told as the clash that it is", async () => {
  const { refused, code, conflict } = await explained("pip", { requirements: ["site", "engine<2"] });
  expect([refused.code, code]).toEqual(["SKE-PKG-BUILD", "SKE-PKG-CONFLICT"]);
  expect(chainsOf(conflict)).toEqual([["engine", "now: engine<2", "now: site → site engine>=2"]]);
}, 120_000);

test("a build that fails is no clash", async () => {
  const { refused, code } = await explained("pip", { requirements: ["gamma", "engine<1"] });
  expect([refused.code, code]).toEqual(["SKE-PKG-BUILD", "SKE-PKG-BUILD"]);
}, 120_000);

test("what others of the environment require isn't offered to be uninstalled", async () => {
  const before = ["indirect", "werkzeug<3"];
  const { conflict } = await explained("uv", { requirements: [...before, "flask>=3"] }, before);
  expect(conflict.options.map((one) => one.command)).toEqual([
    "skerry install api 'flask>=2.3'",
    "skerry install api 'flask>=3' 'werkzeug<=3.0'",
    "skerry install api 'flask>=3' --override 'werkzeug<3'",
    "skerry install api 'flask>=3' --force",
  ]);
});

describe("a requirement without a version", () => {
  for (const [asked, why, says] of [
    ["werkzeug==9", "none", /^Could not resolve werkzeug==9: there is no werkzeug==9$/],
    ["later", "python", /no version of later fits Python .*: later 1.0 wants Python >=4/],
    ["taken-back", "yanked", /taken-back 1.0 was withdrawn by its authors: it broke/],
    ["windows", "platform", /no file of windows fits/],
  ] as const) {
    test(`says why: ${why}`, async () => {
      const { code, message, conflict } = await explained("uv", { requirements: [asked] });
      expect(code).toBe("SKE-PKG-VERSION");
      expect(message).toMatch(says);
      expect(conflict.clashes[0]!.problem!.why).toBe(why);
    });
  }

  test("by pip, which takes one for another platform for none at all", async () => {
    const { code, conflict } = await explained("pip", { requirements: ["windows"] });
    expect([code, conflict.clashes[0]!.problem!.why]).toEqual(["SKE-PKG-VERSION", "platform"]);
  }, 60_000);

  test("by pip, where there are only pre-releases, is told how to get one", async () => {
    const { conflict, hint, at } = await explained("pip", { requirements: ["early"] });
    expect(conflict.clashes[0]!.problem).toMatchObject({ why: "prerelease", versions: ["1.0rc1"] });
    expect(hint).toContain("'early>=1.0rc1'");
    await at.resolve({ requirements: ["early>=1.0rc1"] });
  }, 60_000);

  test("tells who asks for it", async () => {
    const { message } = await explained("uv", { requirements: ["gamma", "on-later"] });
    expect(message).toContain("you asked for on-later → on-later 1.0 requires later");
  });
});

test("the smallest part that fails is found", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(40), { minLength: 1 }), fc.nat(4), async (items, size) => {
      const wanted = items.slice(0, size + 1);
      const fails = async (some: readonly number[]) => wanted.every((one) => some.includes(one));
      expect([...(await minimal(items, fails))].sort()).toEqual([...wanted].sort());
    }),
  );
});

test("a specifier gives way only where it must", () => {
  expect(widen(">=1,<3", "3.0")).toBe(">=1,<=3.0");
  expect(widen("==1.*,!=1.5", "2.0")).toBe("==2.0,!=1.5");
  expect(widen(">=5", "4.2")).toBe(">=4.2");
});

const NAMES = ["a", "b", "c", "d"] as const;
const bound = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom("", "<2", "<3", ">=2", ">=3", "==1", "!=2"));
const graph = fc.record({
  requires: fc.array(fc.array(bound, { maxLength: 2 }), { minLength: 12, maxLength: 12 }),
  roots: fc.uniqueArray(bound, { minLength: 2, maxLength: 4, selector: ([name]) => name }),
});

test("without what an explanation says to drop, any request can be resolved", async () => {
  await fc.assert(
    fc.asyncProperty(graph, async ({ requires, roots }) => {
      const distributions = NAMES.flatMap((name, n) =>
        [1, 2, 3].map((version) => {
          const lines = requires[n * 3 + version - 1]!.filter(([other]) => other !== name);
          return wheel(
            name,
            `${version}.0`,
            lines.map((one) => one.join("")),
          );
        }),
      );
      await using own = await startIndex({ distributions });
      const requirements = roots.map((one) => one.join(""));
      const at = bench(rig, "uv", { UV_DEFAULT_INDEX: own.url });
      if (await at.resolve({ requirements }).catch(() => undefined)) return;
      const { conflict } = await explained("uv", { requirements }, [], own.url);
      const dropped = conflict.drop.map((one) => one.requirement);
      expect(dropped.length).toBeGreaterThan(0);
      const rest = requirements.filter((one) => !dropped.includes(one));
      if (rest.length > 0) await at.resolve({ requirements: rest });
      const told = conflict.clashes.flatMap(({ chains }) => chains.map(({ root }) => root.requirement));
      expect(requirements).toEqual(expect.arrayContaining(told));
      const [first] = conflict.options.filter((one) => one.kind === "relax");
      if (first) {
        const to = new Map(first.changes.map((one) => [one.from.requirement, one.to!]));
        await at.resolve({ requirements: requirements.map((one) => to.get(one) ?? one) });
      }
    }),
    { numRuns: 6 },
  );
}, 180_000);
