#!/usr/bin/env node
// Starts the project's tools from a fresh clone: installs what package-lock.json names when it changed (no dependency's
// install script ever runs), then spawns Bun's platform binary. Runs on Node 20 and needs nothing else.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stamp = join(modules, ".skerry-setup");

/** Runs `work` while this process alone holds a lock folder; a holder that died is replaced. */
function exclusively(work) {
  const lock = join(root, ".setup-lock");
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const owner = Number(readOr(join(lock, "pid"), "0"));
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (owner ? !alive(owner) : age > 10_000) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    writeFileSync(join(lock, "pid"), String(process.pid));
    return work();
  } finally {
    release();
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}

function fail(message, hint) {
  process.stderr.write(`error: ${message}\n  hint: ${hint}\n`);
  process.exit(125);
}

function install() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (readOr(stamp, "") === wanted) return;
  exclusively(() => {
    if (readOr(stamp, "") === wanted) return;
    process.stderr.write("skerry: installing the development dependencies with npm (once) …\n");
    const started = Date.now();
    const npm = spawnSync(
      "npm",
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"],
      {
        cwd: root,
        stdio: ["ignore", 2, 2],
        timeout: 15 * 60_000,
      },
    );
    if (npm.status !== 0) {
      fail(
        `npm ci failed${npm.error ? `: ${npm.error.message}` : ` with status ${npm.status}`}`,
        "its output is above; check the network and the npm registry settings, then run this again",
      );
    }
    writeFileSync(stamp, wanted);
    process.stderr.write(`skerry: installed in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  });
}

function bunBinary() {
  const { platform, arch } = process;
  const cpu = arch === "arm64" ? "aarch64" : arch;
  for (const libc of ["", "-musl"]) {
    const file = join(modules, "@oven", `bun-${platform}-${cpu}${libc}`, "bin", "bun");
    if (existsSync(file) && spawnSync(file, ["--version"], { timeout: 20_000 }).status === 0) return file;
  }
  return fail(
    `no Bun binary for ${platform}-${arch} was installed`,
    "Skerry is built on Linux and macOS (x64, arm64); use WSL on Windows",
  );
}

const [task, ...args] = process.argv.slice(2);
install();
if (!task) fail("no task was named", "npm test | npm run lint | format | build | bench | soak | docs");
// Settings of the caller that would change what Bun runs or how Python behaves stay outside.
const env = { ...process.env, SKERRY_BUN: bunBinary() };
for (const name of ["BUN_OPTIONS", "BUN_BE_BUN", "BUN_INSTALL"]) delete env[name];
const child = spawnSync(env.SKERRY_BUN, [join(root, "scripts", "tasks.ts"), task, ...args], {
  cwd: process.env.INIT_CWD && task === "run" ? process.env.INIT_CWD : root,
  stdio: "inherit",
  env,
});
if (child.signal) process.kill(process.pid, child.signal);
process.exit(child.status ?? 125);
