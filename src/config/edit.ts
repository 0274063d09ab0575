import { mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { isReserved } from "../core/reserved.ts";
import { exists, ioError, readIfExists, writeAtomic } from "../platform/files.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { type ConfigKey, PROJECT_FILE } from "./keys.ts";
import { type ConfigFile, type Environment, type Located, userConfigPath } from "./locate.ts";
import { parseSettings } from "./parse.ts";
import { isUsersAlone, KEYS } from "./schema.ts";
import { fromVariable, readValue } from "./values.ts";

/** Whose configuration is changed. */
export type EditScope = "project" | "user";

/** A file that holds configuration, or will. */
export interface EditTarget {
  /** Absolute; links are followed. */
  readonly path: string;
  readonly kind: ConfigFile["kind"];
  /** As it stands; undefined when there is no file yet. */
  readonly text: string | undefined;
}

/**
 * The file that a change is written to: the user's own, or the project's `skerry.toml`, or its pyproject.toml where
 * that alone speaks of Skerry. Without either, a `skerry.toml` at the root of the repository, else in the working folder.
 */
export function editTarget(located: Located, env: Environment, scope: EditScope): EditTarget {
  const known = located.files.find(({ kind }) => (scope === "user" ? kind === "user" : kind !== "user"));
  const fresh = scope === "user" ? userConfigPath(env) : join(located.repositoryRoot ?? located.cwd, PROJECT_FILE);
  const path = known?.path ?? fresh;
  return {
    path: exists(path) ? realpathSync(path) : path,
    kind: known?.kind ?? scope,
    text: known?.text ?? readIfExists(path),
  };
}

/**
 * Turns the words of a command line into what stands in a file: each word is an entry of a list, `NAME=VALUE` one of a table.
 * @throws SKE-USAGE for too many words
 */
export function valueOfWords(key: ConfigKey, words: readonly string[]): unknown {
  const type = KEYS[key].schema.type;
  if (type === "array") return [...words];
  if (type === "record") {
    return Object.fromEntries(
      words.map((word) => {
        const at = word.indexOf("=");
        if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
        throw new SkerryError("SKE-USAGE", `${key} takes NAME=VALUE, not ${JSON.stringify(word.slice(0, 60))}`, {
          hint: `for example: skerry config set ${key} MODE=test`,
        });
      }),
    );
  }
  if (words.length === 1) return fromVariable(key, words[0]!);
  throw new SkerryError("SKE-USAGE", `${key} takes one value, and ${words.length} were given`, {
    hint: "put quotes around a value with spaces",
  });
}

/**
 * Sets a key in a file, or removes it with `undefined`; comments and format stay. The value is checked first, and the
 * file is replaced whole.
 * @returns false when the file says so already
 * @throws SKE-CONFIG for a value that isn't allowed and for a file that can't be read as configuration; SKE-IO
 */
export async function editConfig(
  target: EditTarget,
  key: ConfigKey,
  value: unknown,
  env: Environment,
): Promise<boolean> {
  const { path, kind, text = "" } = target;
  if (value !== undefined) {
    if (kind !== "user" && isUsersAlone(key)) {
      throw new SkerryError("SKE-CONFIG", `${key} can't be set for a project: it is yours alone`, {
        hint: "add --user to set it in your own file",
        details: { file: path, key },
      });
    }
    const origin = { source: kind, label: path, path };
    readValue(key, value, origin, { folder: dirname(path), userHome: userHomeFolder(env) });
  }
  const before = parseSettings({ path, kind, digest: "", text });
  const present = before.find((one) => one.key === key);
  if (JSON.stringify(present?.value) === JSON.stringify(value)) return false;
  const { parse, patch } = await import("@decimalturn/toml-patch");
  const document = parse(text) as Record<string, unknown>;
  const table = kind === "pyproject" ? tableIn(tableIn(document, "tool"), "skerry") : document;
  // An older spelling goes, so that the key doesn't stand twice.
  if (present) delete table[present.spelling];
  if (value !== undefined) table[key] = value;
  const after = patch(text, document).replace(/[^\n]$/, "$&\n");
  const written = parseSettings({ path, kind, digest: "", text: after });
  if (JSON.stringify(written.find((one) => one.key === key)?.value) !== JSON.stringify(value)) {
    throw new SkerryError("SKE-CONFIG", `${key} could not be changed in ${path} without rewriting it`, {
      hint: "change the line by hand",
      details: { file: path, key },
    });
  }
  writeConfig(path, after);
  return true;
}

/**
 * Writes a configuration file whole, with the permissions of the one that it replaces.
 * @param path where it lies: a link may have led there
 * @throws SKE-CONFIG for one among what belongs to git or an environment; SKE-IO
 */
export function writeConfig(path: string, text: string): void {
  if (isReserved(path)) {
    throw new SkerryError("SKE-CONFIG", `${path} can't be written: it lies in a folder of git's or an environment's`, {
      hint: "put a regular file in the place of the link that leads there",
    });
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    writeAtomic(path, text, { fsync: true, ...(mode === undefined ? {} : { mode: mode & 0o7777 }) });
  } catch (error) {
    throw ioError("write", path, error);
  }
}

function tableIn(table: Record<string, unknown>, key: string): Record<string, unknown> {
  table[key] ??= {};
  return table[key] as Record<string, unknown>;
}
