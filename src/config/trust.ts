import { dirname, relative, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import { digest, type Json } from "../core/json.ts";
import { identifyProject } from "../git/identity.ts";
import type { ConfigKey } from "./keys.ts";
import type { ConfigFile, Environment, Located } from "./locate.ts";
import type { Setting } from "./parse.ts";
import { strongLines } from "./requirements.ts";
import { isSafe } from "./schema.ts";

/** What the user trusts, by digest. It must lie where no project's own file can lead: see `resolveUserHome`. */
export interface TrustStore {
  has(digest: string): boolean;
  add(digest: string, body: Json): void;
  /** @returns false when it was not there */
  remove(digest: string): boolean;
  list(): readonly { readonly digest: string; readonly body: Json; readonly at: number }[];
}

/** What a project asks to be trusted with: to be shown to the user before it is added to the {@link TrustStore}. */
export interface TrustRequest {
  /** SHA-256 over the project's identity and every unsafe value as it stands in the files, lines of requirements files too. */
  readonly digest: string;
  readonly projectRoot: string;
  /** The common git folder of the project's repository, else the project's folder. */
  readonly anchor: string;
  readonly settings: readonly { readonly file: string; readonly key: string; readonly value: unknown }[];
  /** What to keep with the digest. */
  readonly body: Json;
}

/**
 * What the project's own files set that isn't safe; undefined when there is nothing. Equal values at the same place in
 * another worktree of the repository have the same digest; any other value, and any other repository, has another.
 * @param env for the variables in requirements files
 * @throws SKE-PKG-REQUIREMENT for a requirements file that can't be understood
 */
export function requestTrust(
  located: Located,
  settings: ReadonlyMap<ConfigFile, readonly Setting[]>,
  env: Environment,
): TrustRequest | undefined {
  if (located.projectRoot === undefined) return undefined;
  const root = located.repositoryRoot ?? located.projectRoot;
  const unsafe = [...settings].flatMap(([file, all]) =>
    file.kind === "user" ? [] : unsafeOf(file, all, { root, env }),
  );
  if (unsafe.length === 0) return undefined;
  const identity = identifyProject(located.projectRoot, located.repositoryRoot);
  const values = unsafe.map(({ kind, file, key, value }) => [kind, relative(root, file), key, value] as const);
  return {
    digest: digest({ format: 1, ...identity, values }),
    projectRoot: located.projectRoot,
    anchor: identity.anchor,
    settings: unsafe.map(({ file, key, value }) => ({ file, key, value })),
    body: { ...identity, projectRoot: located.projectRoot, keys: [...new Set(unsafe.map(({ key }) => key))] },
  };
}

interface Unsafe {
  readonly kind: ConfigFile["kind"];
  readonly file: string;
  readonly key: ConfigKey;
  readonly value: unknown;
}

/** The unsafe values of a file, in an order that doesn't depend on how it is written, and what its requirements files add. */
function unsafeOf(
  file: ConfigFile,
  settings: readonly Setting[],
  { root, env }: { readonly root: string; readonly env: Environment },
): readonly Unsafe[] {
  const { kind, path } = file;
  const own = settings
    .filter(({ key, value }) => !isSafe(key, value))
    .map(({ key, value }) => ({ kind, file: path, key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const key = "requirements_files" as const;
  const named = settings.find((setting) => setting.key === key && isSafe(key, setting.value))?.value;
  const files = Array.isArray(named) ? named.map((name) => resolve(dirname(path), String(name))) : [];
  return [...own, ...strongLines(files, root, env).map(({ file, line }) => ({ kind, file, key, value: line }))];
}

/** What tells whether a digest is trusted. */
export interface KnownTrust {
  has(digest: string): boolean | Promise<boolean>;
}

/** @throws SKE-CONFIG-UNTRUSTED when the project asks for what isn't trusted */
export async function requireTrust(request: TrustRequest | undefined, known: KnownTrust): Promise<void> {
  if (request === undefined || (await known.has(request.digest))) return;
  const files = [...new Set(request.settings.map(({ file }) => file))];
  const keys = [...new Set(request.settings.map(({ key }) => key))];
  throw new SkerryError(
    "SKE-CONFIG-UNTRUSTED",
    `${files.join(" and ")}: ${keys.join(", ")} can run programs or redirect what is fetched and written, and the project isn't trusted`,
    {
      hint: "look at the file; if you trust what it sets, run: skerry trust",
      details: { projectRoot: request.projectRoot, files, keys, digest: request.digest },
    },
  );
}
