import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { SkerryError } from "../../src/core/error.ts";
import type { Progress } from "../../src/core/event.ts";
import type { LayerTarget } from "../../src/core/layer-target.ts";
import { operation } from "../../src/core/operation.ts";
import { EMPTY_REQUIREMENTS, type RequirementsSpec } from "../../src/core/spec.ts";
import type { Installer, ResolveRequest } from "../../src/packages/installer.ts";
import { pipInstaller } from "../../src/packages/pip.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { uvInstaller } from "../../src/packages/uv.ts";
import { closeLeases } from "../../src/platform/lease.ts";
import { ensureState, statePaths } from "../../src/platform/paths.ts";
import { targetHere } from "../../src/python/target.ts";
import { newestPython, type Rig } from "../rig/rig.ts";

const CACHE = join(tmpdir(), `skerry-test-cache-${userInfo().uid}`, "installers");

/** The target of an interpreter, as the interpreter itself says. */
export function targetOf(interpreter: string): LayerTarget {
  const script =
    "import json, platform, sys, sysconfig; print(json.dumps(dict(implementation=sys.implementation.name, version=platform.python_version(), abi=sys.implementation.cache_tag, platform=sysconfig.get_platform(), libc=' '.join(platform.libc_ver()))))";
  const facts = JSON.parse(execFileSync(interpreter, ["-I", "-c", script], { encoding: "utf8" })) as LayerTarget;
  return { ...facts, interpreter };
}

/** The newest CPython of this machine as a target. */
export const TARGET = targetOf(newestPython().path);

/** The same, where it lives. */
export const HERE = targetHere(TARGET);

/** uv and pip from the index, fetched once for all test runs by an ordinary virtual environment. */
export function programs(rig: Rig): { uv: string; pip: string } {
  const venv = join(CACHE, "venv");
  if (!existsSync(venv)) {
    mkdirSync(CACHE, { recursive: true });
    const making = `${venv}-${process.pid}`;
    execFileSync(TARGET.interpreter, ["-m", "venv", making], { env: rig.env });
    execFileSync(join(making, "bin", "python"), ["-m", "pip", "install", "--quiet", "--upgrade", "uv", "pip"], {
      env: rig.env,
    });
    if (existsSync(venv)) rmSync(making, { recursive: true });
    else renameSync(making, venv);
  }
  const minor = TARGET.version.split(".").slice(0, 2).join(".");
  return { uv: join(venv, "bin", "uv"), pip: join(venv, "lib", `python${minor}`, "site-packages", "pip") };
}

/** An installer with all that a test needs to use it. */
export interface Bench {
  readonly installer: Installer;
  /** What was reported, in order. */
  readonly progress: Progress[];
  resolve(spec: Partial<RequirementsSpec>, more?: Partial<ResolveRequest>): ReturnType<Installer["resolve"]>;
  /** Installs into a new prefix. @returns its path */
  install(lock: Awaited<ReturnType<Installer["resolve"]>>): Promise<string>;
}

let prefixes = 0;

/** Sets up an installer in a rig, with these variables added. */
export function bench(rig: Rig, name: "uv" | "pip", env: Readonly<Record<string, string>> = {}, target = HERE): Bench {
  const paths = statePaths(rig.home);
  ensureState(paths);
  const settings = installerSettings({ ...rig.env, PYTHONDONTWRITEBYTECODE: "1", ...env });
  const program = programs(rig)[name];
  const made = (name === "uv" ? uvInstaller : pipInstaller)({ program, version: "0", paths, settings });
  const installer: Installer = {
    ...made,
    resolve: (request, op) => made.resolve(request, op).finally(() => closeLeases(paths)),
    install: (...args) => made.install(...args).finally(() => closeLeases(paths)),
  };
  const progress: Progress[] = [];
  const op = operation({ onEvent: (one) => one.kind === "progress" && progress.push(one) });
  return {
    installer,
    progress,
    resolve: (spec, more) =>
      installer.resolve(
        { requirements: { ...EMPTY_REQUIREMENTS, ...spec }, cwd: rig.cwd, target, settings, ...more },
        op,
      ),
    async install(lock) {
      const prefix = join(rig.root, `prefix-${++prefixes}`);
      await installer.install(lock.packages, { target, prefix }, op);
      return prefix;
    },
  };
}

/** The error that an action fails with. */
export async function failure(action: Promise<unknown>): Promise<SkerryError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof SkerryError) return error;
    throw error;
  }
  throw new Error("it didn't fail");
}

/** `name==version` of each package. */
export function versions(lock: { readonly packages: readonly { name: string; version: string | null }[] }): string[] {
  return lock.packages.map((one) => `${one.name}==${one.version}`);
}
