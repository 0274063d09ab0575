import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { render } from "../../scripts/docs/configuration.ts";
import { defaultValues, plainValue } from "../../src/config/defaults.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { CONFIG_KEYS, PROJECT_FILE, PYPROJECT_FILE, SAFE_KEYS, USER_KEYS, variableOf } from "../../src/config/keys.ts";
import { loadConfig } from "../../src/config/load.ts";
import { factsOf, isSafe } from "../../src/config/schema.ts";
import { readValue, toToml } from "../../src/config/values.ts";
import { TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const trustAll = { has: () => true };
/** Keys that no file of a project sets. */
const USERS: ReadonlySet<string> = new Set(USER_KEYS);
const load = (flags = {}) => loadConfig({ cwd: user.app, env: user.env, flags, trust: trustAll });

test.each([...CONFIG_KEYS])("the example of %s can be used, in every source", async (key) => {
  const { example } = factsOf(key);
  const byFlag = (await load({ [key]: example })).values[key];
  expect(byFlag).toBeDefined();
  const { values } = await load();
  const byProject = USERS.has(key) ? values[key] : byFlag;
  user.write(`app/${PROJECT_FILE}`, toToml(key, example));
  expect((await load()).values[key]).toEqual(byProject);
  user.write(`app/${PROJECT_FILE}`, "");
  user.write(`app/${PYPROJECT_FILE}`, `[tool.skerry]\n${toToml(key, example)}`);
  expect((await load()).values[key]).toEqual(byProject);
  if (USERS.has(key)) {
    user.write(".config/skerry/config.toml", toToml(key, example));
    expect((await load()).values[key]).toEqual(byFlag);
  }
  user.write(`app/${PYPROJECT_FILE}`, "");
  const variable = variableOf(key);
  if (variable === undefined) return;
  user.env[variable] = Array.isArray(example) ? example.join("\n") : String(example);
  expect((await load()).values[key]).toEqual(byFlag);
});

describe("without the schemas", () => {
  const base = { folder: "/work", userHome: "/home/me" };
  const origin = { source: "default", label: "default" } as const;

  test.each([...CONFIG_KEYS])("the default of %s is what its schema makes of it", (key) => {
    const { default: written } = factsOf(key);
    const read = written === undefined ? undefined : readValue(key, written, origin, base);
    expect(defaultValues()[key]).toEqual(read as never);
  });

  test.each([...CONFIG_KEYS])("a value of %s is what its schema makes of it, or left to that", (key) => {
    const values = [true, false, "", "true", "a", "~/a", "a/../b", "/a", "a\nb", "a\rb", "a\0b", 0, 1, null, [], {}];
    for (const value of values) {
      const plain = plainValue(key, value, base);
      if (plain !== undefined) expect(plain).toBe(readValue(key, value, origin, base) as never);
    }
  });

  test("what nothing sets, a switch and the state folder are known", async () => {
    const { values } = await load();
    expect(Object.keys(values).sort()).toEqual([...CONFIG_KEYS].sort());
    expect(plainValue("offline", true, base)).toBe(true);
    expect(plainValue("home", "~/a", base)).toBe("/home/me/a");
  });

  test("the safe keys are those that the schemas call so", () => {
    const thatAre = (safe: true | "user") => CONFIG_KEYS.filter((key) => factsOf(key).safe === safe);
    expect(thatAre("user")).toEqual([...USER_KEYS]);
    expect([...thatAre(true), ...USER_KEYS]).toEqual([...SAFE_KEYS]);
  });
});

test("docs/concepts/trust.md says of every key whether it needs trust, and of those that don't why", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/concepts/trust.md"), "utf8");
  const codes = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, key]) => key!);
  const rows = [...page.matchAll(/^\| (`.*`) \| .+ \| .+ \|$/gm)].flatMap(([, keys]) => codes(keys!));
  const all = codes(/^Everything else needs trust: (.*)\.$/m.exec(page)![1]!);
  const needsTrust = (key: (typeof CONFIG_KEYS)[number]) => factsOf(key).safe === false;
  expect(rows.sort()).toEqual(CONFIG_KEYS.filter((key) => !needsTrust(key)).sort());
  expect(all.sort()).toEqual(CONFIG_KEYS.filter(needsTrust).sort());
});

/** Text of one line that is neither a path nor an option. */
const word = fc
  .string({ minLength: 1, maxLength: 30, unit: "grapheme" })
  .filter((text) => /^[^\s~/.-][^\0\r\n/]*$/.test(text));
const words = fc.array(word, { maxLength: 5 });
const url = fc.webUrl();
const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);

/** Values that mean the same in a file and in the program. */
const settings = fc.record(
  {
    python: word,
    requirements: words,
    engine: oneOf("basic", "virtualenv", "container", "kubernetes"),
    mode: oneOf("thin", "full"),
    link: oneOf("auto", "hardlink", "copy"),
    installer: oneOf("auto", "uv", "pip"),
    system_site_packages: fc.boolean(),
    env_home: oneOf("user", "own"),
    variables: fc.dictionary(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/).filter((name) => name !== "__proto__"),
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    ),
    index_url: url,
    extra_index_urls: fc.array(url, { maxLength: 3 }),
    offline: fc.boolean(),
    color: oneOf("auto", "always", "never"),
  },
  { requiredKeys: [] },
);

describe("any valid configuration", () => {
  test("comes back from a file as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.boolean(), async (written, inPyproject) => {
        user.write(`app/${PROJECT_FILE}`, inPyproject ? "" : stringify(written));
        user.write(`app/${PYPROJECT_FILE}`, inPyproject ? stringify({ tool: { skerry: written } }) : "");
        const { values, origins } = await load();
        expect(values).toMatchObject(written);
        for (const key of CONFIG_KEYS) {
          const source = key in written ? (inPyproject ? "pyproject" : "project") : "default";
          expect(origins[key].source).toBe(source);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is applied without trust exactly when every value of it is safe", async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (written) => {
        user.write(`app/${PROJECT_FILE}`, stringify(written));
        const safe = Object.entries(written).every(([key, value]) => isSafe(key as "python", value));
        const work = loadConfig({ cwd: user.app, env: user.env, flags: {}, trust: user.trust });
        expect(
          await work.then(
            () => true,
            (error) => error.code !== "SKE-CONFIG-UNTRUSTED",
          ),
        ).toBe(safe);
      }),
      { numRuns: 100 },
    );
  });

  test("no text whatever makes the reader fail other than by saying so", async () => {
    const toml = fc.string({
      maxLength: 60,
      unit: fc.constantFrom(..."[]{}=.,\"'#\n\\ab0_é\u0001", "mode", "variables", "true"),
    });
    await fc.assert(
      fc.asyncProperty(toml, async (text) => {
        user.write(`app/${PROJECT_FILE}`, text);
        const outcome = await load().then(
          () => "loaded",
          (error) => error.code,
        );
        expect(["loaded", "SKE-CONFIG"]).toContain(outcome);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the generated reference", () => {
  const pages = render();
  const page = pages["docs/reference/configuration.md"] ?? "";

  test("names every key and variable", () => {
    for (const key of CONFIG_KEYS) {
      expect(page).toContain(`\n### ${key}\n\n${factsOf(key).description}\n`);
      expect(page).toContain(variableOf(key) ?? key);
    }
  });

  test("has only examples that can be used", async () => {
    const examples = [...page.matchAll(/```toml\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
    expect(examples.length).toBe(CONFIG_KEYS.length + 2);
    for (const text of examples) {
      const file = text.includes("[tool.skerry]") ? PYPROJECT_FILE : PROJECT_FILE;
      user.write(`app/${PROJECT_FILE}`, "");
      user.write(
        USER_KEYS.some((key) => text.startsWith(`${key} `)) ? ".config/skerry/config.toml" : `app/${file}`,
        text,
      );
      const { origins } = await load();
      expect(Object.values(origins).filter(({ source }) => source !== "default")).not.toEqual([]);
    }
  });

  test("the JSON Schema allows these keys and no other", () => {
    const schema = JSON.parse(pages["docs/reference/skerry.schema.json"] ?? "");
    expect(schema).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
    expect(Object.keys(schema.properties)).toEqual([...CONFIG_KEYS]);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.mode).toMatchObject({ type: "string", enum: ["thin", "full"], examples: ["full"] });
    expect(schema.properties.lock_ttl).toMatchObject({ default: "24h", examples: ["7d"] });
  });
});
