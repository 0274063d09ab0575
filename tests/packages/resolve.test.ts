import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lock } from "../../src/core/lock.ts";
import { operation } from "../../src/core/operation.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";
import type { Installer, ResolveRequest } from "../../src/packages/installer.ts";
import { type LockCache, resolutionKey, resolveCached } from "../../src/packages/resolve.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { targetHere } from "../../src/python/target.ts";
import { Rig } from "../rig/rig.ts";
import { HERE, TARGET } from "./setup.ts";

let rig: Rig;
let calls: number;
let age: number;
let kept: Map<string, Lock>;
beforeEach(async () => {
  rig = await Rig.make();
  calls = 0;
  age = 0;
  kept = new Map();
});
const installer: Installer = {
  name: "uv",
  version: "1",
  resolve: async () => ({ format: 1, installer: "uv", roots: [String(++calls)], packages: [] }),
  install: async () => {},
};
const cache: LockCache = {
  get: (key) => {
    const lock = kept.get(key);
    return lock && { lock, at: Date.now() - age };
  },
  put: (key, lock) => void kept.set(key, lock),
};
const request = (more: Partial<ResolveRequest> = {}, env = {}): ResolveRequest => ({
  requirements: { ...EMPTY_REQUIREMENTS, requirements: ["requests"] },
  cwd: rig.cwd,
  target: HERE,
  settings: installerSettings({ ...rig.env, ...env }),
  ...more,
});
const resolution = (asked = request(), policy = {}) =>
  resolveCached(asked, installer, { cache, maxAgeMs: 1000, ...policy }, operation());
const resolve = async (...asked: Parameters<typeof resolution>) => (await resolution(...asked)).lock;

describe("a resolution", () => {
  test("is taken from the cache while it is young enough", async () => {
    const first = await resolve();
    expect(await resolve()).toBe(first);
    age = 1001;
    expect((await resolve()).roots).toEqual(["2"]);
    age = -60_000;
    expect((await resolve()).roots).toEqual(["3"]);
    age = 500;
    const { at } = await resolution();
    expect(Date.now() - at).toBeGreaterThanOrEqual(500);
  });

  test("is made anew on request, and for an upgrade, which isn't kept", async () => {
    const first = await resolve();
    await resolve(request({ upgrade: "all" }));
    expect(await resolve()).toBe(first);
    const fresh = await resolve(request(), { refresh: true });
    expect(fresh).not.toBe(first);
    expect(await resolve()).toBe(fresh);
  });

  test("may be of any age offline", async () => {
    const first = await resolve();
    age = 1e9;
    expect(await resolve(request({ offline: true }))).toBe(first);
  });

  test("depends on interpreter, index, requirements and preferences, not on where the interpreter lies", () => {
    const key = (...args: Parameters<typeof request>) => resolutionKey(request(...args), installer);
    const base = key();
    expect(key({ target: targetHere({ ...TARGET, interpreter: "/elsewhere" }) })).toBe(base);
    expect(key({ target: targetHere({ ...TARGET, version: "3.99.0" }) })).not.toBe(base);
    expect(key({}, { PIP_INDEX_URL: "https://other/" })).not.toBe(base);
    expect(key({ requirements: EMPTY_REQUIREMENTS })).not.toBe(base);
    const preferences: Lock = {
      format: 1,
      installer: "uv",
      roots: [],
      packages: [{ name: "requests", version: "2.0" }],
    };
    expect(key({ preferences })).not.toBe(base);
    expect(resolutionKey(request(), { ...installer, name: "pip" })).not.toBe(base);
  });

  test("of a project follows its declared dependencies, not its code", () => {
    mkdirSync(join(rig.cwd, "p"));
    const key = () =>
      resolutionKey(request({ requirements: { ...EMPTY_REQUIREMENTS, editables: ["./p"] } }), installer);
    writeFileSync(join(rig.cwd, "p/pyproject.toml"), "[project]\nname='p'\n");
    const before = key();
    writeFileSync(join(rig.cwd, "p/code.py"), "1");
    expect(key()).toBe(before);
    writeFileSync(join(rig.cwd, "p/pyproject.toml"), "[project]\nname='p'\ndependencies=['six']\n");
    expect(key()).not.toBe(before);
  });
});
