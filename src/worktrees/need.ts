import { statSync } from "node:fs";
import { join } from "node:path";
import type { KeyValue } from "../core/engine.ts";
import type { EnvironmentRecord } from "../core/environment.ts";
import type { Json } from "../core/json.ts";
import type { Worktree } from "../git/believe.ts";
import { fileTime } from "../platform/file-time.ts";
import { exists } from "../platform/files.ts";
import { kindOf, PREFIXES } from "../project/kind.ts";
import { MANIFESTS } from "../project/manifests.ts";
import { NO_CONFIG_VARIABLE } from "../project/no-config.ts";
import { choiceOf, installedSources, labelOf, ownOf } from "./labels.ts";

/** What a worktree's environment wants: `missing` and `moved` ones can't be entered, `outdated` ones can. */
export interface Need {
  readonly what: "missing" | "moved" | "outdated";
  /** Another one, when it is another want: of what the project's files say, where they were read. */
  readonly digest: string;
}

/** What of the state it takes to tell. */
export interface Known {
  /** The environments that have a label of a worktree. */
  readonly labelled: readonly EnvironmentRecord[];
  /** The caller's variables: with {@link NO_CONFIG_VARIABLE} no worktree wants anything. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Remembers what files were read and what they said, so that as long as they are as they were none is read. */
  readonly cache: KeyValue;
}

/** Whether a virtual environment can lie in a folder: PATH couldn't name its programs, or no line its Python. */
export function canHold(root: string): boolean {
  return !/[:\r\n]/.test(root);
}

/**
 * What a worktree's environment wants; undefined: nothing. Of a repository in which no worktree was given one by the
 * user, and where another tool's `.venv` stands, or what pixi made by itself, it is nothing: nobody has asked for any.
 * @throws SKE-PKG-REQUIREMENT, SKE-PIXI-PROJECT for a project's file that can't be understood; SKE-ENGINE-UNAVAILABLE
 */
export async function needOf(worktree: Worktree, { labelled, env, cache }: Known): Promise<Need | undefined> {
  const { root, commonDir, displaced } = worktree;
  if (env[NO_CONFIG_VARIABLE] || displaced === "copy" || !canHold(root)) return undefined;
  const own = ownOf(labelled, worktree).at(-1);
  if (own === undefined) {
    const isKnown = labelled.some((one) => labelOf(one, "commonDir") === commonDir);
    return isKnown && !PREFIXES.some((place) => exists(join(root, place)))
      ? { what: "missing", digest: "" }
      : undefined;
  }
  const { prefix } = own.spec;
  if (prefix === undefined || !prefix.startsWith(`${root}/`)) return { what: "moved", digest: root };
  if (!exists(prefix)) return { what: "missing", digest: "" };
  const digest = await digestOf(root, own, cache);
  return digest === installedSources(own) ? undefined : { what: "outdated", digest };
}

const KIND = "worktree-sources";

type Stamp = readonly [path: string, mtimeMs: number | null, size: number | null];

/** The digest of what the project's files say now, read only when one of them was changed. */
async function digestOf(root: string, record: EnvironmentRecord, cache: KeyValue): Promise<string> {
  const key = `${record.id} ${root} ${labelOf(record, "choice")}`;
  const before = cache.get(KIND, key)?.value as { files: readonly Stamp[]; digest: string } | undefined;
  if (
    before?.files.every(([path, ...was]) =>
      stampOf(path)
        .slice(1)
        .every((now, n) => now === was[n]),
    )
  )
    return before.digest;
  const candidates = MANIFESTS.map((name) => stampOf(join(root, name)));
  const { planFor } = await import("./plan.ts");
  const { read, digest } = planFor(root, choiceOf(record), { now: kindOf(record) }).sources;
  const known = new Set(candidates.map(([path]) => path));
  const files = [...candidates, ...read.filter((path) => !known.has(path)).map(stampOf)];
  // A file that was changed just now may change again without its time changing.
  if (files.every(([, mtimeMs]) => mtimeMs === null || Date.now() - mtimeMs > SETTLED_MS))
    cache.put(KIND, key, { files, digest } as unknown as Json);
  return digest;
}

const SETTLED_MS = 20;

function stampOf(path: string): Stamp {
  const stat = statSync(path, { throwIfNoEntry: false });
  return [path, stat ? fileTime(stat) : null, stat?.size ?? null];
}
