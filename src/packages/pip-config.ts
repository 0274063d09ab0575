import { join } from "node:path";
import { userHomeFolder } from "../platform/paths.ts";
import { readSettingsFile } from "./settings-file.ts";

/**
 * pip's settings by long option name (`index-url`), merged in its order of precedence: files for all users, of the user,
 * of the prefix, `PIP_CONFIG_FILE`, then variables (https://pip.pypa.io/en/stable/topics/configuration/).
 */
export type PipConfig = Readonly<Record<string, string>>;

/** The files that pip would read, the weakest first. `prefix`: the Python prefix whose own pip.conf counts. */
export function pipConfigFiles(env: NodeJS.ProcessEnv, prefix?: string, platform: string = process.platform): string[] {
  const named = env.PIP_CONFIG_FILE;
  if (named === "/dev/null") return [];
  const home = userHomeFolder(env);
  const shared =
    platform === "darwin"
      ? ["/Library/Application Support/pip/pip.conf"]
      : [
          ...(env.XDG_CONFIG_DIRS || "/etc/xdg")
            .split(":")
            .filter(Boolean)
            .map((dir) => join(dir, "pip", "pip.conf")),
          "/etc/pip.conf",
        ];
  const user = [
    join(home, ".pip", "pip.conf"),
    join(env.XDG_CONFIG_HOME || join(home, ".config"), "pip", "pip.conf"),
    ...(platform === "darwin" ? [join(home, "Library", "Application Support", "pip", "pip.conf")] : []),
  ];
  const namedExists = named !== undefined && readSettingsFile(named) !== undefined;
  return [
    ...shared,
    // A file named by the variable stands in for the user's own.
    ...(namedExists ? [] : user),
    ...(prefix === undefined ? [] : [join(prefix, "pip.conf")]),
    ...(namedExists ? [named] : []),
  ];
}

/** Reads the files and the `PIP_*` variables. A file that can't be read counts as empty, as it does for pip. */
export function pipConfig(env: NodeJS.ProcessEnv, prefix?: string): PipConfig {
  const merged: Record<string, string> = {};
  for (const file of pipConfigFiles(env, prefix)) {
    const sections = parseIni(readSettingsFile(file) ?? "");
    for (const section of ["global", "install"]) Object.assign(merged, sections[section]);
  }
  for (const [name, value] of Object.entries(env)) {
    // pip takes an empty variable for an absent one.
    if (name.startsWith("PIP_") && value) merged[name.slice(4).toLowerCase().replaceAll("_", "-")] = value;
  }
  return merged;
}

/** The words of a value that may be given several times. */
export function pipList(value: string | undefined): string[] {
  return (value ?? "").split(/\s+/).filter(Boolean);
}

/** A yes or no as pip writes it. */
export function pipFlag(value: string | undefined): boolean {
  return /^(y|yes|t|true|on|1)$/i.test(value ?? "");
}

/** Sections of an INI file as Python's RawConfigParser reads it: indented lines continue a value. */
export function parseIni(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = Object.create(null);
  let section: Record<string, string> | undefined;
  let key: string | undefined;
  let value: string[] = [];
  const keep = () => {
    if (section && key !== undefined) section[key] = value.join("\n").trim();
    key = undefined;
  };
  for (const raw of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(raw)) continue;
    const header = /^\[([^\]]+)\]/.exec(raw)?.[1];
    if (header !== undefined) {
      keep();
      section = sections[header] ??= Object.create(null) as Record<string, string>;
    } else if (/^\s/.test(raw) && key !== undefined) {
      value.push(raw.trim());
    } else {
      keep();
      const at = raw.search(/[=:]/);
      const name = raw.slice(0, Math.max(0, at)).trim();
      if (!section || name === "") continue;
      key = name.toLowerCase().replaceAll("_", "-").replace(/^--/, "");
      value = [raw.slice(at + 1).trim()];
    }
  }
  keep();
  return sections;
}
