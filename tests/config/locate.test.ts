import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { configDigest, locateConfig } from "../../src/config/locate.ts";
import { TestUser } from "./project.ts";

let user: TestUser;
beforeEach(() => {
  user = new TestUser();
});
afterEach(() => user[Symbol.dispose]());

const locate = (cwd = user.app) => locateConfig({ cwd, env: user.env });

test("the digest changes with the bytes of a file and the variables that set keys, and with nothing else", () => {
  const before = configDigest(locate());
  user.env.UNRELATED = "1";
  user.env.SKERRY_PROCESS = "1";
  user.env.SKERRY_PYTHON = "";
  user.write("app/pyproject.toml", '[project]\nname = "x"\n');
  expect(configDigest(locate())).toBe(before);

  const seen = new Set([before]);
  const expectNew = () => {
    const digest = configDigest(locate());
    expect(seen.has(digest)).toBe(false);
    seen.add(digest);
  };
  user.env.SKERRY_PYTHON = "3.12";
  expectNew();
  user.write("app/skerry.toml", "");
  expectNew();
  user.write("app/skerry.toml", "\n");
  expectNew();
  user.write("app/pyproject.toml", "[tool.skerry]\n");
  expectNew();
  user.write(".config/skerry/config.toml", "");
  expectNew();
});

test("a working folder reached through a link is its real one", () => {
  user.write("app/skerry.toml", "");
  symlinkSync(user.app, join(user.home, "link"));
  expect(locate(join(user.home, "link")).projectRoot).toBe(user.app);
});

test("XDG_CONFIG_HOME moves the user's file; a relative one is ignored", () => {
  const file = user.write("xdg/skerry/config.toml", "");
  user.env.XDG_CONFIG_HOME = join(user.home, "xdg");
  expect(locate().files.map(({ path }) => path)).toEqual([file]);
  user.env.XDG_CONFIG_HOME = "xdg";
  expect(locate(user.home).files).toEqual([]);
});

test("finding and reading loads no parser and no schema", () => {
  user.write("app/skerry.toml", 'python = "3.12"');
  const program = `
    import { configDigest, locateConfig } from ${JSON.stringify(join(import.meta.dir, "../../src/config/locate.ts"))};
    import { resolveStateHome } from ${JSON.stringify(join(import.meta.dir, "../../src/config/home.ts"))};
    const at = ${JSON.stringify({ cwd: user.app, env: user.env })};
    const located = locateConfig(at);
    await resolveStateHome(located, at.env, {}, { has: () => false });
    console.log(Object.keys(require.cache).filter((path) => /node_modules|child_process/.test(path)).join());
    console.log(Object.keys(require.cache).some((path) => path.endsWith("/config/locate.ts")));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
    env: {},
    timeout: 20_000,
  });
  expect({ stdout, stderr }).toEqual({ stdout: "\ntrue\n", stderr: "" });
});

test("it takes far less than a millisecond, ten folders deep", () => {
  user.write("app/skerry.toml", 'python = "3.12"');
  const deep = join(user.app, "a/b/c/d/e/f/g/h/i/j");
  mkdirSync(deep, { recursive: true });
  const times = Array.from({ length: 200 }, () => {
    const start = performance.now();
    locate(deep);
    return performance.now() - start;
  });
  expect(times.sort((a, b) => a - b)[100]).toBeLessThan(1);
});
