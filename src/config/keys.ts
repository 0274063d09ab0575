import { NO_CONFIG_VARIABLE } from "../project/no-config.ts";

/** Every key of the configuration. `schema.ts` says what each may be; the names are here because reading them is free. */
export const CONFIG_KEYS = [
  "python",
  "requirements",
  "requirements_files",
  "engine",
  "mode",
  "link",
  "installer",
  "system_site_packages",
  "env_home",
  "variables",
  "secrets",
  "auto_cleanup",
  "ttl",
  "idle_ttl",
  "max_environments",
  "max_concurrent_creates",
  "max_env_size",
  "timeout",
  "install_timeout",
  "lock_timeout",
  "lock_ttl",
  "cache_max_age",
  "cache_max_size",
  "auto_gc",
  "index_url",
  "extra_index_urls",
  "find_links",
  "offline",
  "home",
  "color",
  "worktree_links",
  "worktree_values",
  "worktree_values_file",
  "worktree_infrastructure",
  "auto_sync",
  "tasks",
] as const;
export type ConfigKey = (typeof CONFIG_KEYS)[number];

/** The keys that are the user's alone: what a project's own file says of them doesn't count. `safe: "user"` of the schema. */
export const USER_KEYS = [
  "max_environments",
  "max_concurrent_creates",
  "max_env_size",
  "cache_max_age",
  "cache_max_size",
  "auto_gc",
] as const satisfies readonly ConfigKey[];

/** The keys whose value in force needs no trust: those, and what a project's own file may set to any value, `safe: true` of the schema. */
export const SAFE_KEYS = [
  "mode",
  "link",
  "auto_cleanup",
  "ttl",
  "idle_ttl",
  "timeout",
  "install_timeout",
  "lock_timeout",
  "lock_ttl",
  "color",
  "worktree_values",
  ...USER_KEYS,
] as const satisfies readonly ConfigKey[];

/** Names of keys in older notes: they are taken, with a warning that says what to write instead. */
export const RENAMED: Readonly<Record<string, ConfigKey>> = {
  default_python: "python",
  env_cache_dir: "home",
  pip_timeout: "install_timeout",
  copy_site_packages: "system_site_packages",
};

/** The key that an older name stands for; undefined for any other text. */
export function renamedKey(text: string): ConfigKey | undefined {
  return Object.hasOwn(RENAMED, text) ? RENAMED[text] : undefined;
}

/** The name of a project's own file, and of the file whose `[tool.skerry]` table stands for one. */
export const PROJECT_FILE = "skerry.toml";
export const PYPROJECT_FILE = "pyproject.toml";

/** Variables that begin with `SKERRY_` and aren't keys: what Skerry and its launcher set for themselves and for children. */
export const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  NO_CONFIG_VARIABLE,
  "SKERRY_BUN",
  "SKERRY_BYPASS",
  "SKERRY_ENTERED",
  "SKERRY_ENV",
  "SKERRY_HOOK",
  "SKERRY_PROCESS",
  "SKERRY_SHIM",
  "SKERRY_WORK",
]);

/** The variable that sets a key, such as `SKERRY_INDEX_URL`; tables have none. */
export function variableOf(key: ConfigKey): string | undefined {
  return key === "variables" || key === "worktree_values" || key === "tasks"
    ? undefined
    : `SKERRY_${key.toUpperCase()}`;
}

const FLAGS: { readonly [K in ConfigKey]?: string } = {
  python: "--python",
  requirements: "--with",
  requirements_files: "--requirement",
  engine: "--engine",
  mode: "--thin, --full",
  link: "--link",
  installer: "--installer",
  system_site_packages: "--system-site-packages",
  env_home: "--env-home",
  variables: "--env",
  secrets: "--secret",
  auto_cleanup: "--cleanup",
  ttl: "--ttl",
  idle_ttl: "--idle",
  timeout: "--timeout",
  index_url: "--index-url",
  extra_index_urls: "--extra-index-url",
  find_links: "--find-links",
  cache_max_age: "--max-age",
  cache_max_size: "--max-size",
  offline: "--offline",
  home: "--home",
  color: "--no-color",
};

/** The flag that sets a key, or the flags, such as `--thin, --full`; not every key has one. */
export function flagOf(key: ConfigKey): string | undefined {
  return FLAGS[key];
}
