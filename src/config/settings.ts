import { dirname } from "node:path";
import type { ConfigKey } from "./keys.ts";
import { type ConfigFile, type Environment, type Located, userHomeFolder } from "./locate.ts";
import { parseSettings, type Setting } from "./parse.ts";
import { type Origin, readValue } from "./values.ts";

/** What each located file sets, in the files' order of precedence. @throws SKE-CONFIG */
export function parseLocated(located: Located): ReadonlyMap<ConfigFile, readonly Setting[]> {
  return new Map(located.files.map((file) => [file, parseSettings(file)]));
}

/** Checks what a file sets. @throws SKE-CONFIG */
export function readSetting(
  file: ConfigFile,
  setting: Setting,
  env: Environment,
): { readonly key: ConfigKey; readonly value: unknown; readonly origin: Origin } {
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

/** The `home` of the first file that sets it. @throws SKE-CONFIG */
export function homeOf(located: Located, env: Environment): string | undefined {
  for (const [file, settings] of parseLocated(located)) {
    const setting = settings.find(({ key }) => key === "home");
    if (setting !== undefined) return String(readSetting(file, setting, env).value);
  }
  return undefined;
}
