import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { isLocked, type Lock } from "../../core/lock.ts";
import { nearest } from "../../core/near.ts";
import type { OperationOptions } from "../../core/operation.ts";
import type { DriftOptions, PackageDrift } from "../../core/package-drift.ts";
import type { PackageHome } from "../../core/package-home.ts";
import type { UnmetRequirement } from "../../packages/check.ts";
import type { ChainLink, PackageNode } from "../../packages/tree.ts";
import { normalizeName } from "../../python/requirement/requirement.ts";
import type { Context } from "../context.ts";
import { refuseUnready } from "../unready.ts";
import { homeOf, packageDrift, stateOf } from "./home.ts";
import type { InstalledPackage } from "./installed-package.ts";
import type { OutdatedPackage } from "./package-views.ts";
import { rootNames } from "./roots.ts";

/** An environment's lock, and as a file. */
export interface LockView {
  readonly lock: Lock;
  /** A `pylock.toml` (PEP 751) without passwords. */
  readonly text: string;
}

/** What an environment tells of its packages. Nothing here changes them. */
export class InstalledPackages {
  protected readonly context: Context;
  protected readonly id: string;

  constructor(context: Context, id: string) {
    this.context = context;
    this.id = id;
  }

  protected record(): EnvironmentRecord {
    return refuseUnready(this.context, this.id);
  }

  protected home(record: EnvironmentRecord): PackageHome {
    return homeOf(this.context, record);
  }

  /** What is installed, by name: what the lock says, and what was put there or taken away by hand. */
  async list(): Promise<InstalledPackage[]> {
    const record = this.record();
    const { lock } = stateOf(this.context, record);
    const roots = rootNames(lock);
    const locked = new Map(lock.packages.map((one) => [one.name, one]));
    return (await this.home(record).installed())
      .map(({ name, version }): InstalledPackage => {
        const entry = locked.get(name);
        const source = entry && isLocked(entry, version) ? sourceOf(entry) : "by-hand";
        return { name, version, source, requested: roots.has(name) };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * What differs between the packages that are recorded and what stands in the environment: by hand, or by accident.
   * @param options.deep read every file and compare contents, not only sizes and times
   * @param options.shallow of files, look only at those outside of site-packages: what it costs doesn't grow with packages
   */
  async drift(options: DriftOptions = {}): Promise<PackageDrift> {
    return packageDrift(this.context, this.record(), options);
  }

  /** Requirements of installed packages, and what was asked for, that nothing installed meets. */
  async check(): Promise<UnmetRequirement[]> {
    const { graph, lock, record, target } = await this.#graph();
    const { unmetRequirements } = await import("../../packages/check.ts");
    return unmetRequirements(graph, { by: record.name, roots: lock.roots, markers: target.markers });
  }

  /** What requires what, from what nothing else requires on. */
  async tree(): Promise<PackageNode[]> {
    const { graph, lock } = await this.#graph();
    const { packageTree } = await import("../../packages/tree.ts");
    return packageTree(graph, rootNames(lock));
  }

  /**
   * Every chain of requirements that leads to a package, shortest first; from what was asked for, or what nothing requires.
   * @throws SKE-PKG-NOT-FOUND
   */
  async why(name: string): Promise<ChainLink[][]> {
    const { graph, lock, record } = await this.#graph();
    const wanted = normalizeName(name);
    const { chainsTo } = await import("../../packages/tree.ts");
    if (graph.has(wanted)) return chainsTo(graph, wanted, rootNames(lock));
    const near = nearest(wanted, [...graph.keys()]);
    throw new SkerryError("SKE-PKG-NOT-FOUND", `${wanted} isn't installed in ${record.name}`, {
      hint: near ? `did you mean ${near}?` : `skerry packages ${record.name} lists what is`,
      details: { package: wanted },
    });
  }

  /** Packages from an index of which it has newer versions, by name. */
  async outdated(options: OperationOptions = {}): Promise<OutdatedPackage[]> {
    const record = this.record();
    const { outdatedPackages } = await import("./package-views.ts");
    const { lock } = stateOf(this.context, record);
    const { target } = this.home(record);
    return outdatedPackages(this.context, { record, lock }, target, this.context.operation(options));
  }

  /**
   * The lock of the environment, and as the text of a lock file for others.
   * @param folder of the file: paths in it are relative to that; absent: the caller's folder
   */
  async lock(folder: string = this.context.cwd): Promise<LockView> {
    const { graph, lock, target } = await this.#graph();
    const { pylockOf } = await import("./package-views.ts");
    return { lock, text: pylockOf(lock, graph, target, folder) };
  }

  async #graph() {
    const record = this.record();
    const home = this.home(record);
    const { lock } = stateOf(this.context, record);
    const { graphOf } = await import("./package-views.ts");
    return { record, lock, target: home.target, graph: await graphOf(lock, home) };
  }
}

function sourceOf(entry: Lock["packages"][number]): InstalledPackage["source"] {
  if (entry.directory) return entry.directory.editable ? "editable" : "directory";
  if (entry.vcs) return "vcs";
  return entry.archive ? "archive" : "index";
}
