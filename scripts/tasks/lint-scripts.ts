import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENTRY_SCRIPT } from "../../src/worktrees/entry-script.ts";
import { at, run, succeeds, TaskError } from "./command.ts";

const PINS = "scripts/linters.txt";

/**
 * Checks the scripts of src/: Python by ruff, what is for sh and bash by ShellCheck.
 * @returns names of the checks that failed
 * @throws TaskError with CI set, where the linters can't be had; else they are left out, and said to be
 */
export function lintScripts(): string[] {
  const bin = lintersBin();
  if (bin === undefined) return [];
  const files = readdirSync(at("src"), { recursive: true, encoding: "utf8" }).map((path) => join("src", path));
  const folder = mkdtempSync(join(tmpdir(), "skerry-lint-"));
  try {
    // Its parts use each other's names.
    const entry = join(folder, "_skerry_entry.py");
    writeFileSync(entry, ENTRY_SCRIPT);
    const named = (end: string) =>
      files.filter((path) => path.endsWith(end) && !path.startsWith("src/worktrees/entry/"));
    const checks: [string, ...string[]][] = [
      ["ruff", "check", "--no-cache", "--quiet", "--config", "ruff.toml", ...named(".py"), entry],
      ["shellcheck", "--shell=sh", ...named(".sh")],
      ["shellcheck", "--shell=bash", ...named(".bash")],
    ];
    const failed = checks.filter(([name, ...args]) => {
      const own = join(bin, name);
      return !succeeds(existsSync(own) ? own : name, args);
    });
    return failed.map(([name, option]) => `${name} ${option}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder with the linters that are pinned, which are fetched from the package index once; undefined: they can't be. */
function lintersBin(): string | undefined {
  const pins = createHash("sha256")
    .update(readFileSync(at(PINS)))
    .digest("hex")
    .slice(0, 16);
  const made = at(`node_modules/.cache/linters-${pins}`);
  if (existsSync(made)) return join(made, "bin");
  mkdirSync(at("node_modules/.cache"), { recursive: true });
  const aside = `${made}.${process.pid}`;
  try {
    run("python3", ["-m", "venv", `${aside}/venv`]);
    run(`${aside}/venv/bin/python`, [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
      ...["--require-hashes", "--target", `${aside}/own`, "--requirement", PINS],
    ]);
    renameSync(`${aside}/own`, made);
  } catch (error) {
    if (process.env.CI || !(error instanceof TaskError)) throw error;
    console.error(`warning: the scripts of src/ aren't linted: ${error.message}`);
    return undefined;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(made, "bin");
}
