import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type FlagValues, loadConfig } from "../../src/config/load.ts";
import { failure, TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const load = (flags: FlagValues = {}, cwd = user.app) => loadConfig({ cwd, env: user.env, flags, trust: user.trust });

/** What each source asks for; versions, which a project's own file may ask for at once. */
const PYTHON = { flag: "3.9", variable: "3.10", project: "3.11", pyproject: "3.12", user: "3.13" } as const;

/** Each source with the way to set `python` through it, highest precedence first. */
const SOURCES = {
  flag: (flags: Record<string, unknown>) => {
    flags.python = PYTHON.flag;
    return "--python";
  },
  variable: () => {
    user.env.SKERRY_PYTHON = PYTHON.variable;
    return "SKERRY_PYTHON";
  },
  project: () => `${user.write("app/skerry.toml", `python = "${PYTHON.project}"\n`)}:1`,
  pyproject: () =>
    `${user.write("app/pyproject.toml", `[project]\nname = "x"\n[tool.skerry]\npython = "${PYTHON.pyproject}"\n`)}:4`,
  user: () => `${user.write(".config/skerry/config.toml", `# mine\npython = "${PYTHON.user}"\n`)}:2`,
} as const;
const NAMES = Object.keys(SOURCES) as (keyof typeof SOURCES)[];

describe("precedence", () => {
  for (const [index, higher] of NAMES.entries()) {
    test(`${higher} alone wins over the default`, async () => {
      const flags = {};
      const label = SOURCES[higher](flags);
      const { values, origins } = await load(flags);
      expect(values.python).toBe(PYTHON[higher]);
      expect(origins.python).toMatchObject({ source: higher, label });
      expect(origins.link).toEqual({ source: "default", label: "default" });
    });

    for (const lower of NAMES.slice(index + 1)) {
      test(`${higher} wins over ${lower}`, async () => {
        const flags = {};
        SOURCES[lower](flags);
        SOURCES[higher](flags);
        const { values, origins } = await load(flags);
        expect(values.python).toBe(PYTHON[higher]);
        expect(origins.python.source).toBe(higher);
      });
    }
  }

  test("in one folder skerry.toml and pyproject.toml complete each other, key by key", async () => {
    user.write("app/skerry.toml", 'requirements = ["a"]\n');
    user.write("app/pyproject.toml", '[tool.skerry]\nrequirements = ["b"]\nmode = "thin"\n');
    const { values, projectRoot } = await load();
    expect(values).toMatchObject({ requirements: ["a"], mode: "thin" });
    expect(projectRoot).toBe(user.app);
  });
});

describe("values", () => {
  test("without any source there are the defaults", async () => {
    const { values, warnings, projectRoot } = await load();
    expect(values).toEqual({
      python: undefined,
      requirements: [],
      requirements_files: [],
      engine: "virtualenv",
      mode: undefined,
      link: "auto",
      installer: "auto",
      system_site_packages: false,
      env_home: "user",
      variables: {},
      secrets: [],
      auto_cleanup: undefined,
      ttl: 0,
      idle_ttl: 0,
      max_environments: 0,
      max_concurrent_creates: undefined,
      max_env_size: 0,
      timeout: 0,
      install_timeout: 1_800_000,
      lock_timeout: 300_000,
      lock_ttl: 86_400_000,
      cache_max_age: 2_592_000_000,
      cache_max_size: undefined,
      auto_gc: true,
      index_url: undefined,
      extra_index_urls: [],
      find_links: [],
      offline: false,
      home: undefined,
      color: "auto",
      worktree_links: [],
      worktree_values: {},
      worktree_values_file: ".env",
      worktree_infrastructure: [],
      auto_sync: "ask",
      tasks: {},
    });
    expect(warnings).toEqual([]);
    expect(projectRoot).toBeUndefined();
  });

  test("paths are taken from the folder of their file, from the working folder in flags and variables", async () => {
    user.write("app/skerry.toml", 'requirements_files = ["req/[dev].txt"]\n');
    user.write(".config/skerry/config.toml", 'find_links = ["wheels", "https://example.com/w"]\nhome = "~/state"\n');
    user.env.SKERRY_PYTHON = "./bin/python";
    const { values } = await load({ requirements: ["./pkg[x]; python_version > '3'", "rich"] });
    expect(values.requirements_files).toEqual([`${user.app}/req/[dev].txt`]);
    expect(values.find_links).toEqual([`${user.home}/.config/skerry/wheels`, "https://example.com/w"]);
    expect(values.home).toBe(`${user.home}/state`);
    expect(values.python).toBe(`${user.app}/bin/python`);
    expect(values.requirements).toEqual([`${user.app}/pkg[x]; python_version > '3'`, "rich"]);
  });

  test("variables hold lists line by line, and words for yes and no", async () => {
    Object.assign(user.env, {
      SKERRY_REQUIREMENTS: "a>=1, <2\n\n b ",
      SKERRY_OFFLINE: "Yes",
      SKERRY_SYSTEM_SITE_PACKAGES: "0",
      SKERRY_TIMEOUT: "90",
      SKERRY_MODE: "",
    });
    const { values } = await load();
    expect(values).toMatchObject({
      requirements: ["a>=1, <2", "b"],
      offline: true,
      system_site_packages: false,
      timeout: 90_000,
    });
    expect(values.mode).toBeUndefined();
  });

  test("a strange SKERRY_ variable is a warning with the near name; Skerry's own are none", async () => {
    Object.assign(user.env, {
      SKERRY_PYHTON: "3.12",
      SKERRY_PROCESS: "x",
      SKERRY_ENV: "x",
      SKERRY_HOME: "/s",
      OTHER: "",
    });
    expect((await load()).warnings).toEqual([
      "the variable SKERRY_PYHTON means nothing to Skerry; did you mean SKERRY_PYTHON?",
    ]);
  });

  test("SKERRY_NO_CONFIG leaves the project's files out, not the user's", async () => {
    SOURCES.project();
    SOURCES.user();
    user.env.SKERRY_NO_CONFIG = "1";
    const { values, warnings } = await load();
    expect(values.python).toBe(PYTHON.user);
    expect(warnings).toEqual([]);
  });
});

describe("refused", () => {
  test.each([
    ['\n\ntimout = "3s"\n', ':3: there is no key "timout"', "did you mean timeout?"],
    ["[variabels]\nA = 'b'\n", ':1: there is no key "variabels"', "did you mean variables?"],
    ["frobnicate = 1", ':1: there is no key "frobnicate"', "the keys are python, requirements"],
    ['mode = "fat"', ':1: mode can\'t have this value: expected one of "thin"|"full"', 'for example: mode = "full"'],
    ["offline = 1", ":1: offline can't have this value: expected boolean, received number", "offline = true"],
    [
      'requirements = ["a", 7]',
      ":1: requirements.1 can't have this value: expected string",
      "for example: requirements =",
    ],
    ['requirements = ["--index-url=x"]', "an entry can't begin with a dash", "for example"],
    ['requirements = ["a\\n-r x"]', "expected one line of text", "for example"],
    ['timeout = "soon"', 'timeout can\'t have this value: expected a duration such as "30s"', 'timeout = "10m"'],
    ['timeout = "25d"', "expected at most 24d", "for example"],
    ["timeout = inf", "expected a duration", "for example"],
    ["timeout = 1979-05-27", "expected a duration", "for example"],
    ['index_url = "ssh://x"', "expected an http, https or file URL", "for example"],
    ['variables = { "A-B" = "x" }', "expected a name of letters", "APP_MODE"],
    ['secrets = ["A=B"]', "secrets.0 can't have this value: expected the name of a variable", "API_TOKEN"],
    ['secrets = ["PYTHONPATH"]', "and of none that is Skerry's, Python's or the system's", "API_TOKEN"],
    ["variables = { A = 1 }", "variables.A can't have this value: expected string", "APP_MODE"],
  ])("%j says where and what is allowed", async (text, message, hint) => {
    const file = user.write("app/skerry.toml", text);
    const error = await failure(load);
    expect(error.code).toBe("SKE-CONFIG");
    expect(error.message).toStartWith(file);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test("a wrong variable and a wrong flag are named", async () => {
    user.env.SKERRY_LINK = "symlink";
    expect((await failure(load)).message).toBe(
      'SKERRY_LINK: link can\'t have this value: expected one of "auto"|"hardlink"|"copy"',
    );
    expect((await failure(() => load({ lock_ttl: "x" }))).message).toStartWith("flags.lock_ttl: lock_ttl can't have");
  });

  test("a wrong value is refused even where a higher source overrides it", async () => {
    user.write("app/skerry.toml", 'color = "blue"');
    expect((await failure(() => load({ color: "never" }))).code).toBe("SKE-CONFIG");
  });

  test("in pyproject.toml lines count from the file's beginning, and other tools' tables are theirs", async () => {
    user.write("app/pyproject.toml", '[tool.other]\nmodee = 1\nconstructor = 1\n\n[tool.skerry]\nmodee = "full"\n');
    const error = await failure(load);
    expect(error.message).toContain('pyproject.toml:6: there is no key "modee"');
    expect(error.hint).toBe("did you mean mode?");
  });
});
