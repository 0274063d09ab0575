import { join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";
import { type OperationOptions, operation } from "../core/operation.ts";
import type { Skerry } from "../environments/skerry.ts";
import { detectWorktree, type Worktree } from "../git/worktree.ts";
import { type ListedWorktree, listWorktrees } from "../git/worktree-list.ts";
import { acquireLease } from "../platform/lease.ts";
import { statePaths } from "../platform/paths.ts";
import { checkScript, writeEntry } from "./entry.ts";
import { choiceOf, environmentOf, type InitOptions, type InitReport, initWorktree } from "./init.ts";
import { labelOf } from "./labels.ts";
import { type PruneReport, pruneWorktrees } from "./prune.ts";
import { reportOn, type WorktreeReport } from "./report.ts";
import { declaredNames, projectSources } from "./sources.ts";

/** How long one process may be at a worktree's environment before others give up waiting, in milliseconds. */
const PATIENCE_MS = 30 * 60_000;

/** A worktree of the repository, and what environment it has. */
export interface WorktreeEntry extends ListedWorktree {
  readonly environment: { readonly id: string; readonly name: string } | null;
}

/** Each git worktree's own environment. */
export class Worktrees {
  readonly #skerry: Skerry;
  readonly #at: { readonly cwd: string; readonly env: Readonly<NodeJS.ProcessEnv> };

  /** @param at a folder in the worktree that is meant, and the caller's variables; absent: the process's */
  constructor(skerry: Skerry, at: { readonly cwd?: string; readonly env?: Readonly<NodeJS.ProcessEnv> } = {}) {
    this.#skerry = skerry;
    this.#at = { cwd: at.cwd ?? process.cwd(), env: at.env ?? process.env };
  }

  /** The worktree of the folder. @throws SKE-WORKTREE-NOT-FOUND, SKE-WORKTREE-UNUSABLE */
  here(): Worktree {
    const { cwd, env } = this.#at;
    const found = detectWorktree(cwd, env);
    if (found && "gitDir" in found) return found;
    if (!found) {
      throw new SkerryError("SKE-WORKTREE-NOT-FOUND", `${cwd} is in no git worktree`, {
        hint: "go to a checkout; for an environment of a folder without git: skerry create --prefix .venv",
      });
    }
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", `${found.root} is no worktree to work in: ${found.reason}`, {
      hint: found.kind === "git-folder" ? "git worktree add makes one of it" : "git worktree repair may mend it",
    });
  }

  /** What is so here. Changes nothing, and imports nothing of the project. */
  status(options: OperationOptions = {}): Promise<WorktreeReport> {
    return this.#report(false, options);
  }

  /** The same, with each declared package imported: whether the worktree is apart from all others, and ready. */
  verify(options: OperationOptions = {}): Promise<WorktreeReport> {
    return this.#report(true, options);
  }

  async #report(importing: boolean, options: OperationOptions): Promise<WorktreeReport> {
    const worktree = this.here();
    const record = environmentOf(this.#skerry, worktree);
    const sources = projectSources(worktree.root, choiceOf(record));
    const layers = record && (await this.#skerry.open(record.id)).facet("layers");
    const names = layers?.ok ? declaredNames(sources, layers.use.target) : undefined;
    const outOfDate = record !== undefined && labelOf(record, "sources") !== sources.digest;
    const { notes } = sources;
    const request = { worktree, record, outOfDate, notes, names, importing, env: this.#at.env };
    return reportOn(request, operation(options));
  }

  /** Gives the worktree its own environment, or brings it up to date. @throws SKE-WORKTREE-UNUSABLE for a copied worktree */
  async init(options: InitOptions & OperationOptions = {}): Promise<InitReport> {
    const worktree = this.here();
    if (worktree.displaced === "copy") {
      throw new SkerryError(
        "SKE-WORKTREE-UNUSABLE",
        `${worktree.root} is a copy of another worktree: git would mix up what is staged in both`,
        { hint: "remove it, and make another with git worktree add" },
      );
    }
    if (/[:\r\n]/.test(worktree.root)) {
      throw new SkerryError(
        "SKE-WORKTREE-UNUSABLE",
        `No virtual environment can lie in ${JSON.stringify(worktree.root)}`,
        {
          hint: "git worktree move it to a path without colons and line ends",
        },
      );
    }
    const script = options.entry === undefined ? undefined : resolve(this.#at.cwd, options.entry);
    if (script !== undefined) checkScript(worktree.root, script);
    const op = operation(options);
    // Two shells may enter a worktree at the same moment.
    const name = `worktree-${sha256(worktree.gitDir).slice(0, 20)}`;
    const request = { mode: "exclusive", timeoutMs: PATIENCE_MS, op } as const;
    using _lease = await acquireLease(statePaths(this.#skerry.home), name, request);
    const report = await initWorktree(this.#skerry, worktree, options, op);
    if (script === undefined) return report;
    const python = join(report.environment.record.spec.prefix!, "bin/python");
    return { ...report, entry: await writeEntry(worktree.root, script, python, op) };
  }

  /** The worktrees of the repository, with their environments. */
  list(): WorktreeEntry[] {
    return listWorktrees(this.here().commonDir).map((one) => {
      const record = environmentOf(this.#skerry, one);
      return { ...one, environment: record ? { id: record.id, name: record.name } : null };
    });
  }

  /** Removes the environments of worktrees that are gone, of all repositories. `withRepository`: also where that is gone. */
  prune(
    options: { readonly withRepository?: boolean; readonly dryRun?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<PruneReport> {
    return pruneWorktrees(this.#skerry, options);
  }
}
