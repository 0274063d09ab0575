import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../src/core/error-codes.ts";
import type { ProgramOptions, Rig } from "../rig/rig.ts";

/** What a command that can't be done must say. */
export interface Refusal extends ProgramOptions {
  readonly args: readonly string[];
  readonly code: ErrorCode;
  /** Exit status. */
  readonly exit: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

/**
 * Runs a command that can't be done, once for people and once with `--json`, and expects that both say the same, that
 * it exits with the documented status, and that nothing of the state or the project is another than before.
 */
export async function expectRefusal(rig: Rig, { args, code, exit, message, hint, ...options }: Refusal): Promise<void> {
  const before = everythingOf(rig);
  const plain = await rig.skerry(args, options);
  const [verb = "", ...rest] = args;
  const json = await rig.skerry([verb, "--json", ...rest], options);

  expect({ exitCode: plain.exitCode, stdout: plain.stdout }, plain.stderr).toEqual({ exitCode: exit, stdout: "" });
  const said = /^error: ([\s\S]*?)\n {2}hint: ([\s\S]*)\n$/m.exec(plain.stderr.replace(/^\S.* …\n/gm, ""));
  expect(said, plain.stderr).not.toBeNull();
  expect(said?.[1]).toMatch(message);
  expect(said?.[2]).toMatch(hint);

  expect(json.exitCode, json.stdout + json.stderr).toBe(exit);
  const document = JSON.parse(json.stdout);
  expect(document, json.stdout).toMatchObject({ schema: 1, error: { code } });
  expect(document.error.message).toMatch(message);
  expect(document.error.hint).toMatch(hint);
  expect(Object.keys(document)).toEqual(["schema", "error"]);
  expect(everythingOf(rig)).toEqual(before);
}

/** What a failing command must leave as it was: rows of the ledger, environments, what is being made, the project. */
export function everythingOf(rig: Rig): Record<string, unknown> {
  return {
    rows: existsSync(join(rig.home, "state.db")) ? rowsOf(join(rig.home, "state.db")) : {},
    envs: treeOf(join(rig.home, "envs")),
    trees: list(join(rig.home, "store", "trees")),
    layers: list(join(rig.home, "store", "layers")),
    tmp: list(join(rig.home, "tmp")),
    userTmp: list(rig.tmp),
    project: treeOf(rig.cwd),
  };
}

function rowsOf(file: string): Record<string, unknown> {
  try {
    using db = new Database(file, { readonly: true });
    const rows = (table: string) => db.query(`SELECT * FROM ${table}`).all();
    const tables = Object.fromEntries(["environments", "intents", "trust"].map((name) => [name, rows(name)]));
    const processes = rows("processes") as { ref: string }[];
    // A row of a process that has ended says nothing, and goes when it is next looked at.
    return { ...tables, running: processes.filter(({ ref }) => isRunning(JSON.parse(ref).pid)) };
  } catch (error) {
    return { unreadable: String(error) };
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Every path below a folder, with its mode and, of small files, its bytes. */
function treeOf(folder: string): string[] {
  return list(folder, true).map((name) => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const what = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, "base64") : "";
    return `${name} ${stat.mode.toString(8)} ${what.length > 4000 ? Bun.hash(what) : what}`;
  });
}

function list(folder: string, recursive = false): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive, encoding: "utf8" }).sort() : [];
}
