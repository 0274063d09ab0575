import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, statSync, symlinkSync } from "node:fs";
import fc from "fast-check";
import { parse } from "smol-toml";
import { editConfig, editTarget, valueOfWords, writeConfig } from "../../src/config/edit.ts";
import { CONFIG_KEYS, type ConfigKey, RENAMED, USER_KEYS } from "../../src/config/keys.ts";
import { loadConfig } from "../../src/config/load.ts";
import { locateConfig, mentions } from "../../src/config/locate.ts";
import { factsOf } from "../../src/config/schema.ts";
import { renderTemplate } from "../../src/config/template.ts";
import { TEMPLATES } from "../../src/core/template-names.ts";
import { failure, TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const located = () => locateConfig({ cwd: user.app, env: user.env });
const load = () => loadConfig({ cwd: user.app, env: user.env, flags: {}, trust: { has: () => true } });
const set = (key: ConfigKey, value: unknown, scope: "project" | "user" = "project") =>
  editConfig(editTarget(located(), user.env, scope), key, value, user.env);
const text = (path: string) => readFileSync(`${user.home}/${path}`, "utf8");

describe("a change", () => {
  test("keeps comments, order and format of the rest", async () => {
    user.write("app/skerry.toml", '# ours\npython = "3.11" # the oldest we support\n\nlink = "copy"\n');
    expect(await set("python", "3.12")).toBe(true);
    expect(text("app/skerry.toml")).toBe('# ours\npython = "3.12" # the oldest we support\n\nlink = "copy"\n');
    expect(await set("python", "3.12")).toBe(false);
    await set("python", undefined);
    expect(parse(text("app/skerry.toml"))).toEqual({ link: "copy" });
  });

  test("goes to the table of pyproject.toml where only that speaks of Skerry", async () => {
    const rest = '[project]\nname = "x"\n\n[tool.skerry]\n# why\nlink = "copy"\n\n[tool.other]\na = 1\n';
    user.write("app/pyproject.toml", rest);
    await set("mode", "thin");
    expect(text("app/pyproject.toml")).toBe(rest.replace('"copy"\n', '"copy"\nmode = "thin"\n'));
  });

  test("makes a file at the root of the repository, or the user's own", async () => {
    for (const path of ["HEAD", "objects/x", "refs/x"]) user.write(`app/.git/${path}`, "ref: refs/heads/main\n");
    user.write("app/src/x", "");
    const below = locateConfig({ cwd: `${user.app}/src`, env: user.env });
    await editConfig(editTarget(below, user.env, "project"), "link", "copy", user.env);
    await set("offline", true, "user");
    expect(text("app/skerry.toml")).toBe('link = "copy"\n');
    expect(text(".config/skerry/config.toml")).toBe("offline = true\n");
  });

  test("follows a link to the file and keeps its permissions", async () => {
    const real = user.write("app/real.toml", 'link = "copy"\n');
    symlinkSync(real, `${user.app}/skerry.toml`);
    writeConfig(real, 'link = "auto"\n');
    const before = statSync(real).mode;
    await set("link", "hardlink");
    expect({ text: text("app/real.toml"), mode: statSync(real).mode }).toEqual({
      text: 'link = "hardlink"\n',
      mode: before,
    });
  });

  test("of a value that isn't allowed, or of a file that isn't TOML, changes nothing", async () => {
    user.write("app/skerry.toml", 'link = "copy"\n');
    expect(await failure(() => set("timeout", "soon"))).toMatchObject({ code: "SKE-CONFIG" });
    expect(text("app/skerry.toml")).toBe('link = "copy"\n');
    user.write("app/skerry.toml", "link = \n");
    expect(await failure(() => set("timeout", "5m"))).toMatchObject({ code: "SKE-CONFIG" });
    expect(text("app/skerry.toml")).toBe("link = \n");
  });

  test("of what is the user's alone is refused for a project, and made for the user", async () => {
    expect(await failure(() => set("max_environments", 5))).toMatchObject({
      code: "SKE-CONFIG",
      hint: expect.stringContaining("--user"),
    });
    await set("max_environments", 5, "user");
    expect(text(".config/skerry/config.toml")).toBe("max_environments = 5\n");
  });

  test("of any key to its example is read back, whatever the file held before", async () => {
    const users: ReadonlySet<ConfigKey> = new Set(USER_KEYS);
    const ofProjects = fc.constantFrom(...CONFIG_KEYS.filter((key) => !users.has(key)));
    const settings = fc.uniqueArray(ofProjects);
    await fc.assert(
      fc.asyncProperty(settings, ofProjects, async (before, key) => {
        user.write("app/skerry.toml", "# begin\n");
        for (const one of before) await set(one, factsOf(one).example);
        await set(key, factsOf(key).example);
        const expected = Object.fromEntries([...before, key].map((one) => [one, factsOf(one).example]));
        expect(parse(text("app/skerry.toml"))).toEqual(expected as never);
        expect(text("app/skerry.toml")).toStartWith("# begin\n");
      }),
      { numRuns: 40 },
    );
  });
});

describe("words of a command line", () => {
  test("become what stands in a file", () => {
    expect(valueOfWords("requirements", ["a", "b>=2"])).toEqual(["a", "b>=2"]);
    expect(valueOfWords("variables", ["A=1", "B=x=y"])).toEqual({ A: "1", B: "x=y" });
    expect(valueOfWords("offline", ["yes"])).toBe(true);
    expect(valueOfWords("timeout", ["5m"])).toBe("5m");
    expect(() => valueOfWords("timeout", ["5", "m"])).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
    expect(() => valueOfWords("variables", ["A"])).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
  });
});

describe("an older spelling", () => {
  test("counts, with a warning that says what to write", async () => {
    user.write("app/skerry.toml", 'default_python = "3.11"\npip_timeout = "5m"\n');
    user.env.SKERRY_DEFAULT_PYTHON = "3.9";
    const { values, origins, warnings } = await load();
    expect({ python: values.python, timeout: values.install_timeout }).toEqual({ python: "3.11", timeout: 300_000 });
    expect(origins.python.label).toBe(`${user.app}/skerry.toml:1`);
    expect(warnings).toEqual([
      "the variable SKERRY_DEFAULT_PYTHON means nothing to Skerry; did you mean SKERRY_PYTHON?",
      `${user.app}/skerry.toml:1: default_python is an older name; write python instead`,
      `${user.app}/skerry.toml:2: pip_timeout is an older name; write install_timeout instead`,
    ]);
  });

  test("of the state folder is noticed where the folder is looked for", () => {
    user.write("app/skerry.toml", 'env_cache_dir = ".skerry"\n');
    expect(mentions(located(), "home")).toBe(true);
  });

  test("beside the key itself is refused, and a change replaces it", async () => {
    user.write("app/skerry.toml", 'default_python = "3.11"\n');
    await set("python", "3.12");
    expect(text("app/skerry.toml")).toBe('python = "3.12"\n');
    user.write("app/skerry.toml", 'default_python = "3.11"\npython = "3.12"\n');
    expect(await failure(load)).toMatchObject({ code: "SKE-CONFIG", hint: "remove default_python" });
  });
});

describe("a template", () => {
  for (const template of TEMPLATES) {
    test(`for ${template} can be loaded, with and without its lines uncommented`, async () => {
      const fresh = renderTemplate(template);
      user.write("app/skerry.toml", fresh);
      expect((await load()).values.engine).toBe(template);
      user.write("app/skerry.toml", fresh.replace(/^# (\w+ = )/gm, "$1"));
      const { values, origins } = await load();
      expect(values.engine).toBe(template);
      expect(origins.timeout.source).toBe("project");
    });
  }

  test("for the default level sets nothing, and so needs no trust", () => {
    expect(parse(renderTemplate("virtualenv"))).toEqual({});
  });
});

test("the page on configuration names every older spelling", () => {
  const page = readFileSync(`${import.meta.dirname}/../../docs/tasks/configuration.md`, "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \|$/gm)].map(([, old, now]) => [old, now]);
  expect(Object.fromEntries(rows)).toEqual(RENAMED);
});
