import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../src/core/event.ts";
import { operation } from "../../src/core/operation.ts";
import { EMPTY_REQUIREMENTS, type InstallerChoice } from "../../src/core/spec.ts";
import { findInstaller } from "../../src/packages/find-installer.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { checkTools, pipPin, uvPin } from "../../src/packages/tools.ts";
import { ensureState, statePaths } from "../../src/platform/paths.ts";
import { targetHere } from "../../src/python/target.ts";
import { closedIndex, startIndex } from "../rig/index.ts";
import { pythons, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { failure, HERE, TARGET, targetOf } from "./setup.ts";

let rig: Rig;
/** Outside the rig: a process keeps the queue of its leases open to its end. */
let home: string;
let progress: Progress[];
beforeEach(async () => {
  rig = await Rig.make();
  home = mkdtempSync(join(tmpdir(), "skerry-find-"));
  progress = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function find(choice: InstallerChoice, env: Readonly<Record<string, string>> = {}, target = TARGET, offline = false) {
  const paths = statePaths(home);
  ensureState(paths);
  // Nothing but what the system itself has.
  const all = { ...rig.env, PATH: "/usr/bin:/bin", ...env };
  const settings = installerSettings(all, { offline });
  return findInstaller(
    choice,
    { paths, env: all, target: targetHere(target), settings, own: async () => settings },
    operation({ onEvent: (one) => one.kind === "progress" && progress.push(one) }),
  );
}

/** A program that answers as uv would and counts how often it was asked. */
function fakeUv(version: string): { PATH: string; asked: () => number; path: string } {
  const bin = join(rig.root, "bin");
  const path = join(bin, "uv");
  mkdirSync(bin, { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho asked >> ${rig.root}/asked\necho "uv ${version} (abc 2026-01-01)"\n`);
  chmodSync(path, 0o755);
  const asked = () =>
    existsSync(join(rig.root, "asked")) ? readFileSync(join(rig.root, "asked"), "utf8").split("\n").length - 1 : 0;
  return { PATH: `${bin}:/usr/bin:/bin`, asked, path };
}

describe("uv on PATH", () => {
  test("is taken, and asked for its version only when it changed", async () => {
    const uv = fakeUv("0.9.1");
    expect(await find("auto", { PATH: uv.PATH })).toMatchObject({ name: "uv", version: "0.9.1" });
    expect(await find("uv", { PATH: uv.PATH })).toMatchObject({ version: "0.9.1" });
    expect(uv.asked()).toBe(1);
    fakeUv("0.9.2");
    utimesSync(uv.path, 1, 1);
    expect(await find("auto", { PATH: uv.PATH })).toMatchObject({ version: "0.9.2" });
    expect(uv.asked()).toBe(2);
  });

  test("is passed over when it is too old or doesn't run", async () => {
    for (const version of ["0.6.14", "gone"]) {
      const error = await failure(find("uv", { PATH: fakeUv(version).PATH }, TARGET, true));
      expect(error.code).toBe("SKE-PKG-NO-INSTALLER");
      expect(error.message).toContain("offline");
    }
  });
});

describe("without uv", () => {
  test("the pinned one comes from the index once, by one of several at the same time, and works", async () => {
    const [one, other] = await Promise.all([find("auto"), find("auto")]);
    expect(one.name).toBe("uv");
    expect([one.version, other.version]).toEqual([uvPin().version, uvPin().version]);
    expect(readdirSync(join(home, "tools")).filter((name) => name.startsWith("uv-"))).toEqual([`uv-${one.version}`]);
    expect(progress.filter((report) => report.phase === "download" && report.detail === "uv")).toHaveLength(1);
    expect(readdirSync(join(home, "tmp"))).toEqual([]);

    progress.length = 0;
    const again = await find("auto", { PIP_INDEX_URL: await closedIndex() });
    expect(again.version).toBe(one.version);
    expect(progress).toEqual([]);
    await using index = await startIndex({ distributions: [buildWheel({ name: "beta", version: "1" })] });
    const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: index.url });
    const requirements = { ...EMPTY_REQUIREMENTS, requirements: ["beta"] };
    const lock = await again.resolve({ requirements, cwd: rig.cwd, target: HERE, settings }, operation());
    expect(lock.packages[0]).toMatchObject({ name: "beta", version: "1" });
  });

  test("auto falls back to pip and says why, when the index has no uv", async () => {
    await using index = await startIndex({ distributions: [buildWheel({ name: "uv", version: "99.0" })] });
    const installer = await find("auto", { PIP_INDEX_URL: index.url });
    expect(installer.name).toBe("pip");
    expect(progress.find((report) => report.phase === "note")?.detail).toMatch(/using pip, for uv can't be had/);
  });
});

describe("a program in the tools folder", () => {
  test("that was changed is told by doctor's look, never run, and fetched anew", async () => {
    await find("uv");
    const paths = statePaths(home);
    const path = checkTools(paths)[0]!.path;
    const { atime, mtime, size } = statSync(path);
    const mark = join(rig.root, "mark");
    writeFileSync(path, `#!/bin/sh\ntouch ${mark}\n`.padEnd(size, "\n"));
    utimesSync(path, atime, mtime);
    expect(checkTools(paths)).toMatchObject([{ path, isSound: false }]);
    const offline = await failure(find("uv", {}, TARGET, true));
    expect(offline.message).toContain("offline");
    expect(await find("uv")).toMatchObject({ version: uvPin().version });
    expect(checkTools(paths)).toMatchObject([{ path, isSound: true }]);
    expect(existsSync(mark)).toBe(false);
  });

  test.each([0o000, 0o400, 0o600, 0o644])("that lost its mode, and has %o, is given it back", async (mode) => {
    await find("uv");
    const { path } = checkTools(statePaths(home))[0]!;
    chmodSync(path, mode);
    const found = await find("uv", {}, TARGET, true);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await using index = await startIndex({ distributions: [buildWheel({ name: "beta", version: "1" })] });
    const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: index.url });
    const requirements = { ...EMPTY_REQUIREMENTS, requirements: ["beta"] };
    const lock = await found.resolve({ requirements, cwd: rig.cwd, target: HERE, settings }, operation());
    expect(lock.packages[0]).toMatchObject({ name: "beta", version: "1" });
  });

  test("of another version than the pinned one is none", async () => {
    const paths = statePaths(home);
    ensureState(paths);
    for (const folder of ["uv-99.0.0", "uv-99.0.0/bin"]) mkdirSync(join(paths.tools, folder));
    const mark = join(rig.root, "mark");
    for (const name of ["uv", "bin/uv"])
      writeFileSync(join(paths.tools, "uv-99.0.0", name), `#!/bin/sh\ntouch ${mark}\necho uv 99.0.0\n`, {
        mode: 0o755,
      });
    expect((await failure(find("uv", {}, TARGET, true))).message).toContain("offline");
    expect(existsSync(mark)).toBe(false);
  });
});

describe("pip", () => {
  const old = pythons().find((python) => python.minor === "3.8");

  test.skipIf(!old)("of another content than the pinned one is refused, whatever the index says of it", async () => {
    const target = targetOf(old!.path);
    const { version } = pipPin(target);
    const distributions = [buildWheel({ name: "pip", version }), buildWheel({ name: "pip", version: "99.0" })];
    for (const htmlOnly of [true, false]) {
      await using index = await startIndex({ distributions, htmlOnly, auth: { user: "me", password: "p@ss" } });
      const error = await failure(find("pip", { PIP_INDEX_URL: index.urlWithAuth }, target));
      expect(error.code).toBe("SKE-PKG-NO-INSTALLER");
      expect(error.message).toContain(`pip-${version}-py3-none-any.whl doesn't have the SHA-256 that it must have`);
      expect(index.requests).toContain(`/files/pip-${version}-py3-none-any.whl`);
      expect(readdirSync(join(home, "tools")).filter((name) => name.startsWith("pip-"))).toEqual([]);
    }
  });

  test.skipIf(!old)("of the real index works for the oldest Python", async () => {
    const target = targetOf(old!.path);
    const installer = await find("pip", {}, target);
    expect(installer.version).toBe(pipPin(target).version);
    await using index = await startIndex({ distributions: [buildWheel({ name: "beta", version: "1" })] });
    const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: index.url });
    const requirements = { ...EMPTY_REQUIREMENTS, requirements: ["beta"] };
    const lock = await installer.resolve(
      { requirements, cwd: rig.cwd, target: targetHere(target), settings },
      operation(),
    );
    const prefix = join(rig.root, "prefix");
    await installer.install(lock.packages, { target: targetHere(target), prefix }, operation());
    expect(existsSync(join(prefix, "lib/python3.8/site-packages/beta.py"))).toBe(true);
  });
});

test("an interpreter without pip gets one, and needs none for uv", async () => {
  const venv = join(rig.root, "venv");
  execFileSync(TARGET.interpreter, ["-m", "venv", "--without-pip", venv], { env: rig.env });
  const target = targetOf(join(venv, "bin", "python"));
  expect(await find("auto", {}, target)).toMatchObject({ name: "uv" });
  expect(readdirSync(join(home, "tools")).some((name) => name.startsWith("pip-"))).toBe(false);
  expect(await find("pip", {}, target)).toMatchObject({ name: "pip", version: pipPin(target).version });
});

test("neither: the error says why of both", async () => {
  const closed = await closedIndex();
  const old = pythons()[0]!;
  const error = await failure(
    find("auto", { PIP_INDEX_URL: closed, PIP_RETRIES: "0" }, { ...targetOf(old.path), interpreter: "/usr/bin/false" }),
  );
  expect(error.code).toBe("SKE-PKG-NO-INSTALLER");
  expect(error.message).toMatch(/uv can't be had.*pip can't be had/s);
  expect(error.hint).toContain("PATH");
});
