// What most commands need of the configuration. To load the schemas takes longer than most commands do.
import { resolve } from "node:path";
import type { ConfigKey } from "./keys.ts";
import type { Config } from "./schema.ts";

/** What relative paths and `~/` in a value stand for. */
export interface Base {
  /** Absolute. */
  readonly folder: string;
  /** Absolute. */
  readonly userHome: string;
}

/** The values of the keys that nothing sets, as the program uses them; what is absent is unset. The schemas allow them. */
export function defaultValues(): Partial<Config> {
  return {
    requirements: [],
    requirements_files: [],
    engine: "virtualenv",
    link: "auto",
    installer: "auto",
    system_site_packages: false,
    env_home: "user",
    variables: {},
    secrets: [],
    ttl: 0,
    idle_ttl: 0,
    max_environments: 0,
    max_env_size: 0,
    timeout: 0,
    install_timeout: 30 * 60_000,
    lock_timeout: 5 * 60_000,
    lock_ttl: 24 * 3_600_000,
    cache_max_age: 30 * 24 * 3_600_000,
    auto_gc: true,
    extra_index_urls: [],
    find_links: [],
    offline: false,
    color: "auto",
    worktree_links: [],
    worktree_values: {},
    worktree_values_file: ".env",
    worktree_infrastructure: [],
    auto_sync: "ask",
    tasks: {},
  };
}

/**
 * The value of a key in the form that the program uses, where it needs no schema to tell that it is allowed.
 * @returns undefined where only the schema can tell
 */
export function plainValue(key: ConfigKey, raw: unknown, base: Base): boolean | string | undefined {
  if (typeof raw === "boolean" && typeof defaultValues()[key] === "boolean") return raw;
  if (key === "home" && typeof raw === "string" && /^[^\x00\r\n]+$/.test(raw)) return anchor(raw, raw, base);
  return undefined;
}

/** A text with the path at its beginning made absolute. */
export function anchor(text: string, path: string | undefined, base: Base): string {
  if (path === undefined) return text;
  const full = path.startsWith("~/") ? resolve(base.userHome, path.slice(2)) : resolve(base.folder, path);
  return full + text.slice(path.length);
}
