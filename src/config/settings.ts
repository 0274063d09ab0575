import { dirname } from "node:path";
import { userHomeFolder } from "../platform/paths.ts";
import type { ConfigKey } from "./keys.ts";
import type { ConfigFile, Environment, Located } from "./locate.ts";
import { parseSettings, type Setting } from "./parse.ts";
import { isUsersAlone } from "./schema.ts";
import { type Origin, readValue } from "./values.ts";

/** What each located file sets, in the files' order of precedence. @throws SKE-CONFIG */
export function parseLocated(located: Located): ReadonlyMap<ConfigFile, readonly Setting[]> {
  return new Map(located.files.map((file) => [file, parseSettings(file)]));
}

/** A checked value, in the form that the program uses. */
export interface ReadSetting {
  readonly key: ConfigKey;
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Checks everything that the files set, and gives what of it counts, highest precedence first. @throws SKE-CONFIG
 */
export function readSettings(
  settings: ReadonlyMap<ConfigFile, readonly Setting[]>,
  env: Environment,
): readonly ReadSetting[] {
  return [...settings].flatMap(([file, all]) =>
    all.map((setting) => readSetting(file, setting, env)).filter(({ key }) => !isOverreach(file, key)),
  );
}

/** What project files say of keys that are the user's alone, one sentence each. */
export function overreaches(settings: ReadonlyMap<ConfigFile, readonly Setting[]>): string[] {
  return [...settings].flatMap(([file, all]) =>
    all
      .filter(({ key }) => isOverreach(file, key))
      .map(({ key, line }) => {
        const place = line === undefined ? file.path : `${file.path}:${line}`;
        return `${place}: ${key} is left out, for it is your own file's to set: skerry config set --user ${key} …`;
      }),
  );
}

function isOverreach({ kind }: ConfigFile, key: ConfigKey): boolean {
  return kind !== "user" && isUsersAlone(key);
}

function readSetting(file: ConfigFile, setting: Setting, env: Environment): ReadSetting {
  const { key, line } = setting;
  const origin: Origin = {
    source: file.kind,
    label: line === undefined ? file.path : `${file.path}:${line}`,
    path: file.path,
    ...(line === undefined ? {} : { line }),
  };
  const base = { folder: dirname(file.path), userHome: userHomeFolder(env) };
  return { key, value: readValue(key, setting.value, origin, base), origin };
}
