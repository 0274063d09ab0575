import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { digest } from "../core/json.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import type { LockedPackage } from "../core/lock.ts";
import { type Operation, throwIfStopped } from "../core/operation.ts";
import { dropSecrets } from "../core/secrets.ts";
import { acquireLease, type Lease } from "../platform/lease.ts";
import type { StatePaths } from "../platform/paths.ts";
import { removeTree } from "../platform/remove.ts";
import type { TreeDamage } from "./damage-error.ts";
import { compareOnce, isDurable } from "./durable.ts";
import { treeKey } from "./key.ts";
import { noteUse } from "./last-use.ts";
import { withScratch } from "./scratch.ts";
import { sealTree } from "./seal.ts";
import type { Tree } from "./shapes.ts";
import { type InstalledWheel, splitPrefix } from "./split.ts";
import { openTree, treesFolder } from "./tree.ts";

/** How long a process waits for others that build what it needs. */
const BUILD_TIMEOUT_MS = 60 * 60_000;

/**
 * Installs packages, without their dependencies, into an empty prefix: with bytecode that is validated by time stamp, and
 * with files that share no inode with anything outside of it (`uv pip install --prefix … --link-mode copy`).
 */
export type Install = (
  packages: readonly LockedPackage[],
  prefix: string,
  /** `fresh`: past the installer's cache. */
  options?: { readonly fresh?: boolean },
) => Promise<void>;

/** What {@link ensureTrees} is asked for. */
export interface TreesRequest {
  /** Only ones that {@link treeKey} has a key for. */
  readonly packages: readonly LockedPackage[];
  readonly target: LayerTarget;
  /** Part of the keys: `uv` or `pip`. */
  readonly installer: string;
  readonly install: Install;
  /** Trees that the caller has opened already, and that can't go meanwhile. */
  readonly known?: readonly Tree[];
  /** Those of them that are made anew. They are there until that is done. */
  readonly damaged?: readonly TreeDamage[];
  readonly op: Operation;
}

/**
 * The trees of these packages, in their order; what the store hasn't got is installed in one go. However many processes
 * ask at once, each package is installed once: a lease per missing tree is taken in the order of the keys. An intent of
 * the caller names the lock that they are of, so that they aren't collected in the middle (see environments/collection/store-use.ts).
 * @throws SKE-PKG-BROKEN for a wheel that breaks its format, SKE-STORE-DAMAGED for what a power failure left, SKE-LOCKED, and whatever `install` throws
 */
export async function ensureTrees(paths: StatePaths, request: TreesRequest): Promise<Tree[]> {
  const { target, installer, op } = request;
  const folder = treesFolder(paths);
  const keys = new Map(request.packages.map((pkg) => [sharedKey(pkg, target, installer), pkg] as const));
  const leases: Lease[] = [];
  const damaged = new Set(request.damaged?.map(({ root }) => root));
  const known = (request.known ?? []).filter(({ root }) => !damaged.has(root));
  const trees = new Map(known.map((tree) => [tree.key, tree]));
  const sound = (key: string) => {
    const tree = openTree(folder, key);
    return tree && damaged.has(tree.root) ? undefined : tree;
  };
  try {
    const missing = new Map<string, LockedPackage>();
    for (const key of [...keys.keys()].sort()) {
      if (trees.has(key)) continue;
      const there = sound(key);
      if (there && isDurable(there)) {
        noteUse(there.manifest, Date.now(), there.usedAt);
        trees.set(key, there);
        continue;
      }
      const lease = await acquireLease(paths, `tree-${key}`, { mode: "exclusive", timeoutMs: BUILD_TIMEOUT_MS, op });
      leases.push(lease);
      const made = sound(key);
      if (made === undefined) missing.set(key, keys.get(key)!);
      else {
        compareOnce(made, paths.tmp);
        leases.pop()?.release();
      }
    }
    if (missing.size > 0) await withScratch(paths, op, (scratch) => buildTrees(paths, request, missing, scratch));
    for (const { tree, root } of request.damaged ?? []) if (missing.has(tree)) await removeTree(root);
  } finally {
    for (const lease of leases) lease.release();
  }
  return [...keys.keys()].map((key) => {
    const tree = trees.get(key) ?? openTree(folder, key);
    if (tree) return tree;
    throw new SkerryError("SKE-STORE-DAMAGED", `The store lost ${folder}/${key} while it was being used`, {
      hint: "try again",
    });
  });
}

/** Whether the store has the tree of a package. What is never shared has none. */
export function hasTree(paths: StatePaths, pkg: LockedPackage, target: LayerTarget, installer: string): boolean {
  const key = treeKey(pkg, target, installer);
  return key !== undefined && openTree(treesFolder(paths), key) !== undefined;
}

async function buildTrees(
  paths: StatePaths,
  request: TreesRequest,
  missing: ReadonlyMap<string, LockedPackage>,
  scratch: string,
): Promise<void> {
  const keyOf = new Map([...missing].map(([key, pkg]) => [pkg.name, key]));
  for await (const installed of installApart(request, [...missing.values()], scratch)) {
    await sealSound(request, installed, scratch, ({ wheel, prefix, pkg }, staging) =>
      sealTree({
        wheel,
        prefix,
        staging,
        key: keyOf.get(wheel.name)!,
        folder: treesFolder(paths),
        target: describeTarget(request.target),
        source: describeSource(pkg),
        isInterpreter: interpreterTest(request.target, prefix),
      }),
    );
  }
}

/** What {@link buildPrivateTrees} is asked for. */
export interface PrivateTreesRequest extends Omit<TreesRequest, "installer"> {
  /** Folder of the environment for its private trees. The caller holds the environment's lease. */
  readonly folder: string;
}

/**
 * Builds trees for one environment alone (projects, editable or not). They are new each time: what a folder holds isn't
 * known by its path. Remove those that are no longer used with {@link sweepPrivateTrees}.
 */
export async function buildPrivateTrees(request: PrivateTreesRequest): Promise<Tree[]> {
  const { folder, target } = request;
  const scratch = join(folder, "scratch");
  await removeTree(scratch);
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  try {
    const trees: Tree[] = [];
    for await (const installed of installApart(request, request.packages, scratch)) {
      const key = await sealSound(request, installed, scratch, ({ wheel, prefix, pkg }, staging) =>
        sealTree({
          wheel,
          prefix,
          staging,
          // Times are in it too: an environment's copies keep them, and bytecode is checked against them.
          key: (files) => digest({ name: wheel.name, target: describeTarget(target), files }),
          folder,
          target: describeTarget(target),
          source: describeSource(pkg),
          isInterpreter: interpreterTest(target, prefix),
        }),
      );
      trees.push(openTree(folder, key, true)!);
    }
    return trees;
  } finally {
    await removeTree(scratch);
  }
}

/** Removes what isn't of these trees from a folder of private ones, and the folder when nothing is left. */
export async function sweepPrivateTrees(folder: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0 || !existsSync(folder)) return removeTree(folder);
  const kept = new Set(keys.flatMap((key) => [`${key}.json`, basename(openTree(folder, key, true)?.root ?? key)]));
  for (const name of readdirSync(folder)) if (!kept.has(name)) await removeTree(join(folder, name));
}

/** A package that was installed, and where. */
interface Installed {
  readonly wheel: InstalledWheel;
  readonly prefix: string;
  readonly pkg: LockedPackage;
}

/**
 * Seals what was installed. Where files aren't what the wheel's RECORD tells, nearly always somebody has written through
 * a hardlink into the installer's cache: then it is installed once more, past the cache.
 */
async function sealSound(
  request: Omit<TreesRequest, "installer">,
  installed: Installed,
  scratch: string,
  seal: (installed: Installed, staging: string) => string,
): Promise<string> {
  const { pkg } = installed;
  try {
    return seal(installed, join(scratch, `tree-${pkg.name}`));
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code !== "SKE-PKG-BROKEN") throw error;
    const detail = `${pkg.name} once more: the installer's cache has a damaged copy`;
    request.op.tell({ kind: "progress", phase: "install", detail });
    const again = await installAlone(request, pkg, join(scratch, `fresh-${pkg.name}`), { fresh: true }).catch(() => {
      throwIfStopped(request.op);
      throw error;
    });
    return seal(again, join(scratch, `tree-fresh-${pkg.name}`));
  }
}

async function installAlone(
  request: Omit<TreesRequest, "installer">,
  pkg: LockedPackage,
  folder: string,
  options?: { readonly fresh?: boolean },
): Promise<Installed> {
  const prefix = await installInto(request, [pkg], folder, options);
  const { wheels } = splitPrefix(prefix);
  checkComplete(wheels, [pkg]);
  return { wheel: wheels[0]!, prefix, pkg };
}

/** Installs packages into one prefix, and those whose files overlap once more into one each. */
async function* installApart(
  request: Omit<TreesRequest, "installer">,
  packages: readonly LockedPackage[],
  scratch: string,
): AsyncGenerator<Installed> {
  const prefix = await installInto(request, packages, join(scratch, "prefix"));
  const { wheels, contested } = splitPrefix(prefix);
  checkComplete(wheels, packages);
  for (const pkg of packages) {
    throwIfStopped(request.op);
    request.op.tell({ kind: "progress", phase: "store", detail: pkg.name });
    if (!contested.has(pkg.name)) {
      yield { wheel: wheels.find(({ name }) => name === pkg.name)!, prefix, pkg };
    } else {
      yield await installAlone(request, pkg, join(scratch, `alone-${pkg.name}`));
    }
    // Sealing is synchronous work; others get their turn between two packages.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function installInto(
  request: Omit<TreesRequest, "installer">,
  packages: readonly LockedPackage[],
  prefix: string,
  options?: { readonly fresh?: boolean },
): Promise<string> {
  mkdirSync(join(prefix, "lib"), { recursive: true });
  // Some systems install binary packages below lib64; in an environment both are one.
  symlinkSync("lib", join(prefix, "lib64"));
  await request.install(packages, prefix, options);
  throwIfStopped(request.op);
  return prefix;
}

function checkComplete(wheels: readonly InstalledWheel[], packages: readonly LockedPackage[]): void {
  const asked = new Set(packages.map(({ name }) => name));
  const got = new Set(wheels.map(({ name }) => name));
  const lost = [...asked].filter((name) => !got.has(name));
  const extra = [...got].filter((name) => !asked.has(name));
  if (lost.length + extra.length === 0) return;
  const told = [
    ...(lost.length > 0 ? [`it didn't install ${lost.join(", ")}`] : []),
    ...(extra.length > 0 ? [`it installed ${extra.join(", ")}, which nobody asked for`] : []),
  ];
  throw new SkerryError("SKE-TOOL", `The installer reported success, but ${told.join(" and ")}`, {
    hint: "try the other installer: --installer uv or --installer pip",
    details: { missing: lost, extra },
  });
}

/** Tells the interpreter that packages were installed for, by any of its names, from other programs. */
function interpreterTest(target: LayerTarget, prefix: string): (program: string) => boolean {
  const { interpreter } = target;
  // Where it lives elsewhere, it has one name.
  const real = existsSync(interpreter) ? realpathSync(interpreter) : interpreter;
  return (program) => {
    if (!/^(python|pypy)[\d.]*t?$/.test(basename(program))) return false;
    if (program === interpreter || program === real || dirname(program) === join(prefix, "bin")) return true;
    return existsSync(program) && realpathSync(program) === real;
  };
}

function describeTarget(target: LayerTarget): string {
  return [target.implementation, target.version, target.abi, target.platform, target.libc].filter(Boolean).join(" ");
}

function describeSource(pkg: LockedPackage): string {
  if (pkg.directory) return pkg.directory.path;
  if (pkg.vcs) return `${pkg.vcs.type}+${dropSecrets(pkg.vcs.url)}@${pkg.vcs.commit}`;
  if (pkg.archive) return dropSecrets(pkg.archive.url ?? pkg.archive.path ?? pkg.archive.name);
  return pkg.index === undefined ? "index" : dropSecrets(pkg.index);
}

function sharedKey(pkg: LockedPackage, target: LayerTarget, installer: string): string {
  const key = treeKey(pkg, target, installer);
  if (key !== undefined) return key;
  throw new SkerryError("SKE-INTERNAL", `The package ${pkg.name} has no fixed content and can't be shared`);
}
