import type { LinkMode } from "../core/spec.ts";
import { readIfExists, removeFolder } from "../platform/files.ts";
import { removeTree } from "../platform/remove.ts";
import { type InstalledDistribution, listDistributions } from "../python/dist-info.ts";
import { STAGE } from "../python/own-paths.ts";
import type { Change } from "./change.ts";
import { damageError } from "./damage-error.ts";
import { canReflink, Linker, type LinkMethod, type LinkOptions } from "./link-files.ts";
import { linkTrees } from "./link-pool.ts";
import { type ChangePlan, planChange, recordedPaths } from "./plan.ts";
import { removable, removeFiles } from "./remove-files.ts";
import { type ChangeReport, type Drift, damagedTrees } from "./report.ts";
import { settle } from "./settle.ts";
import type { FileRow } from "./shapes.ts";

/** What {@link applyFull} needs of a change. */
export type FullChange = Omit<Change, "mode" | "layer">;

/** {@link applyChange} for prefixes that have files of their own: only those of trees that changed are touched. */
export async function applyFull(change: FullChange): Promise<ChangeReport> {
  const { prefix, sitePackages } = change;
  const plan = planChange(change.from, change.to);
  const stage = `${prefix}/${STAGE}`;
  try {
    const options: LinkOptions = {
      prefix,
      stage,
      method: chooseMethod(change.link, plan.trees[0]?.manifest, stage),
      sealed: false,
    };
    const linked = await linkTrees(options, plan.items, plan.count);
    if (linked.damaged.length > 0) throw damageError(damagedTrees(linked, plan.trees));
    const installed = new Installed(change, plan);
    // Asked before any metadata is replaced.
    const foreign = installed.foreignPaths();
    const linker = new Linker(options, 2);
    const isSettled = ([item, row]: [number, FileRow]): boolean => {
      const { root, copy } = plan.items[item]!;
      const name = plan.trees[item]!.name;
      const isOurs = (path: string) => plan.from.winner(path) !== undefined || installed.lists(name, path);
      return settle({ linker, prefix, root, row, copy, isOurs });
    };
    const blocked = linked.occupied.filter((one) => !isSettled(one));
    const gone = removable(prefix, sitePackages, plan.remove);
    const removed = removeFiles(prefix, [...gone.paths, ...foreign], [sitePackages, "bin"]);
    const drift: Drift[] = gone.kept.filter(({ path }) => !foreign.includes(path));
    for (const [item, row] of blocked) {
      // The removal may have made room.
      if (isSettled([item, row])) continue;
      drift.push({
        path: row[0],
        reason: `isn't the file of this name that ${plan.trees[item]!.name} has, and is kept`,
      });
    }
    const own = linker.outcome;
    return {
      method: options.method,
      reflinked: linked.reflink + own.reflink,
      hardlinked: linked.hardlink + own.hardlink,
      copied: linked.copy + own.copy,
      removed,
      drift,
    };
  } finally {
    // Most often it is empty or was never made: then no thread is needed.
    if (!removeFolder(stage)) await removeTree(stage);
  }
}

/** What `auto` means for files beside this one. */
export function chooseMethod(link: LinkMode, source: string | undefined, stage: string): LinkMethod {
  if (link !== "auto") return link;
  return source !== undefined && canReflink(source, stage) ? "reflink" : "hardlink";
}

/** What the prefix's own metadata says of distributions that change: the user's installer may have put other versions there. */
class Installed {
  private readonly change: FullChange;
  private readonly plan: ChangePlan;
  private recorded: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(change: FullChange, plan: ChangePlan) {
    this.change = change;
    this.plan = plan;
  }

  /** True for a file that a distribution of this name lists which another installer put there. */
  lists(name: string, path: string): boolean {
    if (this.recorded === undefined) {
      const recorded = new Map<string, Set<string>>();
      for (const one of this.distributions().filter(({ folder }) => !this.isFromStore(folder))) {
        const paths = recordedPaths(this.change.prefix, this.change.sitePackages, one);
        recorded.set(one.name, new Set([...(recorded.get(one.name) ?? []), ...paths]));
      }
      this.recorded = recorded;
    }
    return this.recorded.get(name)?.has(path) === true;
  }

  /** True for metadata that a tree put there: it says nothing of who put the files there that it lists. */
  private isFromStore(folder: string): boolean {
    const { prefix, sitePackages, from, to } = this.change;
    const record = `${sitePackages}/${folder}/RECORD`;
    const text = readIfExists(`${prefix}/${record}`);
    const trees = [...from, ...to].filter(({ distInfo }) => distInfo === folder);
    return trees.some(({ root }) => readIfExists(`${root}/${record}`) === text);
  }

  /** Files that another installer put there for distributions that change, unless a tree has them too. */
  foreignPaths(): string[] {
    const known = new Set([...this.change.from, ...this.change.to].map(({ distInfo }) => distInfo));
    const { prefix, sitePackages } = this.change;
    return this.distributions()
      .filter(({ folder }) => !known.has(folder) || !this.isFromStore(folder))
      .flatMap((one) => recordedPaths(prefix, sitePackages, one))
      .filter((path) => this.plan.to.winner(path) === undefined);
  }

  private distributions(): InstalledDistribution[] {
    const { prefix, sitePackages } = this.change;
    return listDistributions(`${prefix}/${sitePackages}`).filter(({ name }) => this.plan.names.has(name));
  }
}
