import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseIni, pipConfig } from "../../src/packages/pip-config.ts";
import { installerSettings, pipInvocation, uvInvocation } from "../../src/packages/settings.ts";
import { settingsDigest } from "../../src/packages/settings-digest.ts";
import { Rig } from "../rig/rig.ts";

let rig: Rig;
let env: Record<string, string>;
beforeEach(async () => {
  rig = await Rig.make();
  env = { PATH: "/usr/bin", HOME: rig.user, XDG_CONFIG_DIRS: join(rig.root, "xdg"), PIP_INDEX_URL: "" };
});
function put(path: string, text: string): string {
  const file = join(rig.root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const uv = (more: Record<string, string> = {}) => uvInvocation(installerSettings({ ...env, ...more }));

describe("pip.conf", () => {
  test("has sections, comments and values over several lines", () => {
    const text =
      "# c\n[global]\nindex_url: https://a/\nfind-links =\n    one\n    two\n; c\n[install]\n--no-index = yes\n[x]\nz=1\n";
    expect(parseIni(text)).toEqual({
      global: { "index-url": "https://a/", "find-links": "one\ntwo" },
      install: { "no-index": "yes" },
      x: { z: "1" },
    } as never);
  });

  test("counts the more the closer it is: machine, user, prefix, PIP_CONFIG_FILE, variables", () => {
    const value = () => pipConfig(env, join(rig.root, "prefix"))["index-url"];
    put("xdg/pip/pip.conf", "[global]\nindex-url = machine\n");
    expect(value()).toBe("machine");
    put("home/.pip/pip.conf", "[global]\nindex-url = legacy\n");
    expect(value()).toBe("legacy");
    put("home/.config/pip/pip.conf", "[global]\nindex-url = user\n[install]\nindex-url = install\n");
    expect(value()).toBe("install");
    put("prefix/pip.conf", "[global]\nindex-url = prefix\n");
    expect(value()).toBe("prefix");
    env.PIP_CONFIG_FILE = put("named.conf", "[global]\nindex-url = named\n");
    expect(value()).toBe("named");
    env.PIP_INDEX_URL = "variable";
    expect(value()).toBe("variable");
    env = { ...env, PIP_INDEX_URL: "", PIP_CONFIG_FILE: "/dev/null" };
    expect(value()).toBeUndefined();
  });
});

describe("pip's settings reach uv", () => {
  test("as variables and flags", () => {
    const { env: made, args } = uv({
      PIP_INDEX_URL: "https://a/simple",
      PIP_EXTRA_INDEX_URL: "https://b/ https://c/",
      PIP_FIND_LINKS: "/w",
      PIP_NO_BINARY: "x,y",
      PIP_ONLY_BINARY: ":all:",
      PIP_PRE: "true",
      PIP_TRUSTED_HOST: "h1 h2:8080",
      PIP_CERT: "/ca.pem",
      PIP_CLIENT_CERT: "/me.pem",
      PIP_PROXY: "proxy:3128",
      PIP_TIMEOUT: "7",
      PIP_RETRIES: "2",
      PIP_NO_INDEX: "1",
    });
    expect(made).toMatchObject({
      UV_DEFAULT_INDEX: "https://a/simple",
      UV_INDEX: "https://b/ https://c/",
      UV_FIND_LINKS: "/w",
      UV_PRERELEASE: "allow",
      UV_INSECURE_HOST: "h1 h2:8080",
      SSL_CERT_FILE: "/ca.pem",
      SSL_CLIENT_CERT: "/me.pem",
      HTTPS_PROXY: "http://proxy:3128",
      UV_HTTP_TIMEOUT: "7",
      UV_HTTP_RETRIES: "2",
      UV_PYTHON_DOWNLOADS: "never",
    });
    expect(args.join(" ")).toBe("--no-index --no-binary x --no-binary y --only-binary :all:");
  });

  test("unless uv's own say something else", () => {
    const own = {
      UV_DEFAULT_INDEX: "https://u/",
      UV_INDEX: "https://v/",
      SSL_CERT_FILE: "/u.pem",
      HTTPS_PROXY: "http://p",
    };
    const { env: made } = uv({
      ...own,
      PIP_INDEX_URL: "https://a/",
      PIP_EXTRA_INDEX_URL: "https://b/",
      PIP_CERT: "/ca.pem",
      PIP_PROXY: "q",
    });
    expect(made).toMatchObject(own);
    put("home/.config/uv/uv.toml", '[[index]]\nurl = "https://t/"\ndefault = true\n');
    expect(uv({ PIP_INDEX_URL: "https://a/" }).env.UV_DEFAULT_INDEX).toBeUndefined();
  });

  test("and what a requirements file says wins over both", () => {
    const file = {
      indexUrl: "https://f/",
      extraIndexUrls: ["https://g/"],
      findLinks: ["/l"],
      noIndex: false,
      pre: false,
      preferBinary: false,
      noBinary: [],
      onlyBinary: ["z"],
      trustedHosts: ["h"],
      requireHashes: false,
    };
    const settings = installerSettings({ ...env, UV_INDEX_URL: "https://u/", PIP_EXTRA_INDEX_URL: "https://b/" });
    const { env: made, args } = uvInvocation(settings, file);
    expect(made).toMatchObject({
      UV_DEFAULT_INDEX: "https://f/",
      UV_INDEX: "https://g/ https://b/",
      UV_FIND_LINKS: "/l",
      UV_INSECURE_HOST: "h",
    });
    expect(made.UV_INDEX_URL).toBeUndefined();
    expect(args).toEqual(["--only-binary", "z"]);
    const pip = pipInvocation(settings, file);
    expect(pip.env).toMatchObject({
      PIP_INDEX_URL: "https://f/",
      PIP_EXTRA_INDEX_URL: "https://b/ https://g/",
      PIP_ONLY_BINARY: "z",
    });
    expect(pip.lines).toEqual(["--find-links '/l'"]);
  });
});

test("what would redirect an install doesn't reach an installer", () => {
  const hostile = {
    PYTHONPATH: "x",
    PYTHONHOME: "x",
    VIRTUAL_ENV: "x",
    PIP_TARGET: "x",
    PIP_USER: "1",
    PIP_PREFIX: "x",
    UV_PYTHON: "x",
    UV_SYSTEM_PYTHON: "1",
    GIT_DIR: "x",
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const settings = installerSettings({ ...env, ...hostile });
  for (const { env: made } of [uvInvocation(settings), pipInvocation(settings)]) {
    for (const name of Object.keys(hostile)) expect(made[name]).toBeUndefined();
    expect(made.PATH).toBe("/usr/bin");
  }
  expect(pipInvocation(settings).env.PIP_CONFIG_FILE).toBe("/dev/null");
});

test("the digest follows what decides on packages, and nothing else", () => {
  const base = settingsDigest(env);
  const differs = (more: Record<string, string>) => settingsDigest({ ...env, ...more }) !== base;
  expect(differs({ PIP_INDEX_URL: "https://a/" })).toBe(true);
  expect(differs({ UV_EXCLUDE_NEWER: "2025-01-01" })).toBe(true);
  expect(differs({ PIP_TIMEOUT: "3", PIP_CERT: "/x", UV_CACHE_DIR: "/y", HTTPS_PROXY: "http://p", TERM: "x" })).toBe(
    false,
  );
  const constraint = put("c.txt", "a==1");
  const before = settingsDigest({ ...env, PIP_CONSTRAINT: constraint });
  writeFileSync(constraint, "a==2");
  expect(settingsDigest({ ...env, PIP_CONSTRAINT: constraint })).not.toBe(before);
  expect(installerSettings(env).digest).toBe(base);
});

test("passwords are taken out of what is shown", () => {
  const settings = installerSettings({
    ...env,
    PIP_INDEX_URL: "https://me:hunter2%21@h/",
    UV_INDEX_X_PASSWORD: "tok-123",
  });
  const text = settings.redact("see https://me:hunter2%21@h/x, hunter2%21, hunter2!, tok-123 and https://other:zzz@k/");
  expect(text).toBe("see https://****@h/x, ****, ****, **** and https://****@k/");
  expect(settings.digest).not.toContain("hunter2");
});
