import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { ioError, readIfExists, writeAtomic } from "../platform/files.ts";
import { statePaths } from "../platform/paths.ts";
import { isExecutable } from "../platform/which.ts";
import { shimScript } from "./shim-script.ts";

/** The programs that there are shims for when none is named. */
const USUAL = ["python", "python3", "pip", "pip3"];

/** What is on PATH in place of programs. */
export interface Shims {
  /** The folder that has to be on PATH, before other Pythons. */
  readonly folder: string;
  readonly names: readonly string[];
  /** Whether the folder is on PATH. */
  readonly isOnPath: boolean;
  /** What comes before the folder on PATH and has a program of such a name: it is found first. */
  readonly hiddenBy: readonly string[];
}

/** The shims of a state folder. @param path PATH */
export function listShims(home: string, path = ""): Shims {
  const folder = shimFolder(home);
  const names = namesIn(folder);
  const folders = path.split(":");
  const at = folders.indexOf(folder);
  const before = at < 0 ? [] : folders.slice(0, at).filter((one) => one !== "");
  return {
    folder,
    names,
    isOnPath: at >= 0,
    hiddenBy: before.flatMap((one) => names.map((name) => join(one, name))).filter(isExecutable),
  };
}

/**
 * Writes shims, those that are there anew.
 * @param names programs; none: {@link USUAL} @param program Skerry's own executable, absolute
 * @throws SKE-USAGE, SKE-IO
 */
export function installShims(home: string, names: readonly string[], program: string): void {
  const folder = shimFolder(home);
  const all = names.length > 0 ? names : USUAL;
  all.forEach(checkName);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError("create", folder, error);
  }
  const script = shimScript(home, program);
  for (const name of new Set([...all, ...namesIn(folder)])) {
    const path = join(folder, name);
    if (readIfExists(path) !== script) writeAtomic(path, script, { mode: 0o700 });
  }
}

/** Removes shims; those that aren't there are none to remove. @param names none: all of them */
export function removeShims(home: string, names: readonly string[]): void {
  const folder = shimFolder(home);
  names.forEach(checkName);
  for (const name of names) rmSync(join(folder, name), { force: true });
  if (names.length === 0) rmSync(folder, { recursive: true, force: true });
}

// Who looks for interpreters passes over folders of this name.
function shimFolder(home: string): string {
  return join(statePaths(home).home, "shims");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** A name that can be a program's; what a killed process left beside them begins with a dot. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}$/;

function checkName(name: string): void {
  if (NAME.test(name) && name !== "skerry") return;
  throw new SkerryError("SKE-USAGE", `There can be no shim named ${JSON.stringify(name.slice(0, 80))}`, {
    hint: "name a program, such as pytest",
  });
}
