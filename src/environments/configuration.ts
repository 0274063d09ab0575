import type { EditScope } from "../config/edit.ts";
import type { ConfigKey } from "../config/keys.ts";
import { type Loaded, type LoadedConfig, type LoadInput, loadConfig, loadSafeConfig } from "../config/load.ts";
import { type ConfigFile, type Located, mentions } from "../config/locate.ts";
import type { SafeConfig } from "../config/schema.ts";
import { SkerryError } from "../core/error.ts";
import { tellListener } from "../core/listener.ts";
import type { OperationOptions } from "../core/operation.ts";
import type { Template } from "../core/template-names.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ProjectTrust } from "./trust.ts";

/** What a {@link Configuration} is made of. */
export interface ConfigurationParts {
  readonly sources: LoadInput & { readonly located: Located };
  /** Opens the user's own state, where what is trusted is recorded; called when it is asked for. */
  readonly ledger: () => Promise<Ledger>;
  /** Warned once of each thing that is strange about what is loaded. */
  readonly onEvent?: OperationOptions["onEvent"];
}

/** A change of a configuration file. */
export interface ConfigEdit {
  readonly file: string;
  /** False when the file said so already. */
  readonly changed: boolean;
}

/** The configuration of a folder: what is in force, the files that say so, and whether the user trusts them. */
export class Configuration {
  readonly #parts: ConfigurationParts;
  readonly #warned = new Set<string>();
  #inForce: Promise<LoadedConfig> | undefined;
  #safe: Promise<Loaded<SafeConfig>> | undefined;
  /** The user's trust in what the folder's project sets of its own. */
  readonly trust: ProjectTrust;

  /** Made by `openSkerry` and `openConfig`. */
  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
    const { located, env } = parts.sources;
    this.trust = new ProjectTrust(located, env, parts.ledger);
  }

  /** The files that it is made of, the one that wins first. */
  get files(): readonly Pick<ConfigFile, "path" | "kind">[] {
    return this.#parts.sources.located.files.map(({ path, kind }) => ({ path, kind }));
  }

  /** What is in force, with the origin of each value. @throws SKE-CONFIG, SKE-CONFIG-UNTRUSTED */
  load(): Promise<LoadedConfig> {
    const { sources, ledger } = this.#parts;
    const trust = { has: async (digest: string) => (await ledger()).trust.has(digest) };
    this.#inForce ??= this.#warn(loadConfig({ ...sources, trust }));
    return this.#inForce;
  }

  /** What of it a project's own file may always set, whether the project is trusted or not. @throws SKE-CONFIG */
  safe(): Promise<Loaded<SafeConfig>> {
    this.#safe ??= this.#warn(loadSafeConfig(this.#parts.sources));
    return this.#safe;
  }

  /** What would be in force if the project were trusted; to look at it, not to apply it. @throws SKE-CONFIG */
  read(): Promise<LoadedConfig> {
    return this.#warn(loadConfig({ ...this.#parts.sources, trust: { has: () => true } }));
  }

  async #warn<V>(loading: Promise<Loaded<V>>): Promise<Loaded<V>> {
    const loaded = await loading;
    for (const warning of loaded.warnings.filter((one) => !this.#warned.has(one))) {
      this.#warned.add(warning);
      tellListener(this.#parts.onEvent, { kind: "warning", text: warning });
    }
    return loaded;
  }

  /** False when no file can possibly set the key, which is told without loading anything. */
  async mentions(key: ConfigKey): Promise<boolean> {
    return mentions(this.#parts.sources.located, key);
  }

  /** The key that somebody typed, an older name of one included. @throws SKE-USAGE with the near key */
  async keyOf(word: string): Promise<ConfigKey> {
    return (await import("../config/words.ts")).keyOf(word);
  }

  /** Values of keys on one line each, in the form in which they would be set. */
  async texts(values: { readonly [K in ConfigKey]?: unknown }): Promise<{ readonly [K in ConfigKey]?: string }> {
    const { shown } = await import("../config/words.ts");
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shown(key as ConfigKey, value)]));
  }

  /**
   * Sets a key in the project's file or the user's own. Each word is an entry of a list, `NAME=VALUE` one of a table.
   * What was loaded before stays as it is: open it anew.
   * @throws SKE-USAGE, SKE-CONFIG for a value that isn't allowed, SKE-IO
   */
  async set(key: ConfigKey, words: readonly string[], scope: EditScope = "project"): Promise<ConfigEdit> {
    const { valueOfWords } = await import("../config/edit.ts");
    return this.#edit(key, valueOfWords(key, words), scope);
  }

  /** Removes a key from the project's file or the user's own. @throws SKE-CONFIG, SKE-IO */
  unset(key: ConfigKey, scope: EditScope = "project"): Promise<ConfigEdit> {
    return this.#edit(key, undefined, scope);
  }

  async #edit(key: ConfigKey, value: unknown, scope: EditScope): Promise<ConfigEdit> {
    const { editConfig, editTarget } = await import("../config/edit.ts");
    const { located, env } = this.#parts.sources;
    const target = editTarget(located, env, scope);
    return { file: target.path, changed: await editConfig(target, key, value, env) };
  }

  /**
   * Writes a file that names every key. `force`: in the place of one that is there.
   * @returns the file @throws SKE-CONFIG when there is one, SKE-IO
   */
  async init(
    template: Template,
    options: { readonly scope?: EditScope; readonly force?: boolean } = {},
  ): Promise<string> {
    const { editTarget, writeConfig } = await import("../config/edit.ts");
    const { renderTemplate } = await import("../config/template.ts");
    const { located, env } = this.#parts.sources;
    const { path, kind, text } = editTarget(located, env, options.scope ?? "project");
    if (kind === "pyproject" || (text !== undefined && !options.force)) {
      throw new SkerryError("SKE-CONFIG", `${path} holds configuration already`, {
        hint:
          kind === "pyproject" ? "skerry config set changes it" : "skerry config set changes it, --force replaces it",
      });
    }
    writeConfig(path, renderTemplate(template));
    return path;
  }

  /** The JSON Schema of a `skerry.toml`, for editors. */
  async schema(): Promise<Readonly<Record<string, unknown>>> {
    return (await import("../config/json-schema.ts")).jsonSchema();
  }
}
