import { resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { OperationOptions } from "../core/operation.ts";
import type { Variables } from "../core/variables.ts";
import type { Manager } from "../environments/manager.ts";
import type { NoWorktree, Worktree } from "../git/believe.ts";
import { detectWorktree } from "../git/worktree.ts";
import { type ListedWorktree, listWorktrees } from "../git/worktree-list.ts";
import type { GlobalSetup } from "./infrastructure.ts";
import type { InitOptions, InitReport } from "./init.ts";
import { LABEL, ownOf } from "./labels.ts";
import type { PruneReport } from "./prune.ts";
import type { WorktreeReport } from "./report.ts";

/** A worktree of the repository, and what environment it has. */
export interface WorktreeEntry extends ListedWorktree {
  readonly environment: { readonly id: string; readonly name: string } | null;
}

const HINTS: Readonly<Record<NoWorktree["kind"], string>> = {
  "git-folder": "git worktree add makes one of it",
  broken: "git worktree repair, in the main checkout, may mend it",
  "one-sided": "git clone, or git worktree add, makes a checkout that its repository knows",
  foreign: "make a clone of your own, or give all of it to yourself (chown); safe.directory doesn't count here",
};

/** Each git worktree's own environment. */
export class Worktrees {
  readonly #skerry: Manager;
  readonly #at: { readonly cwd: string; readonly env: Variables };

  /** Made by `Skerry`. @param at a folder in the worktree that is meant, and the caller's variables */
  constructor(skerry: Manager, at: { readonly cwd: string; readonly env: Variables }) {
    this.#skerry = skerry;
    this.#at = at;
  }

  /** The same, for a folder of another worktree. */
  at(folder: string): Worktrees {
    return new Worktrees(this.#skerry, { ...this.#at, cwd: resolve(this.#at.cwd, folder) });
  }

  /** The worktree of the folder. @throws SKE-WORKTREE-NOT-FOUND, SKE-WORKTREE-UNUSABLE */
  async here(): Promise<Worktree> {
    const { cwd, env } = this.#at;
    const found = detectWorktree(cwd, env);
    if (found && "commonDir" in found) return found;
    if (!found) {
      throw new SkerryError("SKE-WORKTREE-NOT-FOUND", `${cwd} is in no git worktree`, {
        hint: "go to a checkout; for an environment of a folder without git: skerry create --prefix .venv (of a pixi project: --engine pixi)",
      });
    }
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", `${found.root} is no worktree to work in: ${found.reason}`, {
      hint: found.hint ?? HINTS[found.kind],
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
    const { reportOn } = await import("./report.ts");
    return reportOn(this.#skerry, await this.here(), { importing, env: this.#at.env }, this.#skerry.operation(options));
  }

  /** Gives the worktree its own environment, or brings it up to date. @throws SKE-WORKTREE-UNUSABLE for a copied worktree, SKE-WORKTREE-UNKNOWN where it has to be known and isn't */
  async init(options: InitOptions & OperationOptions = {}): Promise<InitReport> {
    const { prepareWorktree } = await import("./prepare.ts");
    return prepareWorktree(this.#skerry, await this.here(), options, {
      ...this.#at,
      op: this.#skerry.operation(options),
    });
  }

  /** Lets git make the environment of each worktree that it adds. @throws SKE-ENV-EXISTS when there is another hook */
  async gitHook(options: OperationOptions = {}): Promise<{ readonly path: string; readonly changed: boolean }> {
    const { installGitHook } = await import("./git-hook.ts");
    return installGitHook(await this.#known(), this.#at.env, this.#skerry.operation(options));
  }

  /** Tells each worktree of the repository where the infrastructure is that they share. @throws SKE-CONFIG */
  async globalSetup(): Promise<GlobalSetup> {
    const { setUpAll } = await import("./infrastructure.ts");
    const { worktree_infrastructure: folders } = (await this.#skerry.config.load()).values;
    return setUpAll(await this.#known(), folders);
  }

  /** The same, where git knows of the worktree too: what is done to others of the repository is done from there only. @throws SKE-WORKTREE-UNUSABLE */
  async #known(): Promise<Worktree> {
    const worktree = await this.here();
    if (worktree.displaced === undefined) return worktree;
    const why = `${worktree.root} isn't where git knows it, so that nothing is done to its repository from here`;
    throw new SkerryError("SKE-WORKTREE-UNUSABLE", why, {
      hint: "git worktree repair, if it was moved; of a copy, git worktree add makes a worktree",
    });
  }

  /** The worktrees of the repository, with their environments. */
  async list(): Promise<WorktreeEntry[]> {
    const { commonDir } = await this.here();
    const labelled = await this.#skerry.labelled(LABEL.gitDir);
    return listWorktrees(commonDir).map((one) => {
      const record = ownOf(labelled, one).at(-1);
      return { ...one, environment: record ? { id: record.id, name: record.name } : null };
    });
  }

  /** Removes the environments of worktrees that are gone, of all repositories. `withRepository`: also where that is gone. */
  async prune(
    options: { readonly withRepository?: boolean; readonly dryRun?: boolean } & OperationOptions = {},
  ): Promise<PruneReport> {
    const { pruneWorktrees } = await import("./prune.ts");
    return pruneWorktrees(this.#skerry, options);
  }
}
