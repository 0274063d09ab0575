import { SkerryError } from "../../core/error.ts";
import type { Lock } from "../../core/lock.ts";
import type { Operation } from "../../core/operation.ts";
import type { DriftOptions } from "../../core/package-drift.ts";
import type { PackageHome, PackageHost, PackageMove, PackageRepair, PackageState } from "../../core/package-home.ts";
import type { PackageMode } from "../../core/spec.ts";
import { sweepPrivateTrees } from "../../store/build.ts";
import { applyPackages } from "./apply.ts";
import { byHand, carryOver } from "./carry.ts";
import { packageDrift } from "./drift.ts";
import { missingPackages } from "./gather.ts";
import type { LinkedPlace } from "./linked-place.ts";
import { repairPackages } from "./mend.ts";
import { layerOf, presentIn } from "./present.ts";
import { arePrivateWhole, copyPrivate } from "./private-trees.ts";

/**
 * Packages in a prefix on this machine: *full*, with files that are links to those of trees in the store or copies of
 * them, or *thin*, with a link to a layer.
 */
export class LinkedHome implements PackageHome {
  readonly place: LinkedPlace;
  readonly verify: PackageHome["verify"];

  constructor(place: LinkedPlace, verify: PackageHome["verify"]) {
    this.place = place;
    this.verify = verify;
  }

  get target() {
    return this.place.target;
  }

  get prefix() {
    return this.place.prefix;
  }

  get sitePackages() {
    return this.place.sitePackages;
  }

  get mode() {
    return this.place.mode;
  }

  async installed() {
    return [...presentIn(this.place).values()];
  }

  source(host: PackageHost) {
    return layerOf(host, this.place);
  }

  apply(host: PackageHost, move: PackageMove, op: Operation) {
    return applyPackages(host, this.place, move, op);
  }

  async drift(host: PackageHost, state: PackageState, how: DriftOptions) {
    return packageDrift(host, this.place, state, how);
  }

  repair(host: PackageHost, work: PackageRepair, op: Operation) {
    return repairPackages(host, this.place, { ...work, rebuild: async () => placeOf(await work.rebuild()) }, op);
  }

  async missing(host: PackageHost, lock: Lock) {
    return missingPackages(host, this.place, lock);
  }

  async hasTrees(trees: readonly string[]) {
    return arePrivateWhole(this.place, trees);
  }

  sweepTrees(kept: readonly string[]) {
    return sweepPrivateTrees(this.place.trees, kept);
  }

  async byHand(host: PackageHost, state: PackageState, mode: PackageMode) {
    return byHand(host, this.place, state, mode);
  }

  async copyTrees(from: PackageHome, trees: readonly string[]) {
    copyPrivate(placeOf(from), this.place, trees);
  }

  async copyFiles(from: PackageHome, paths: readonly string[]) {
    carryOver(placeOf(from).prefix, this.prefix, paths);
  }
}

/** An engine gives all its environments one kind of home. */
function placeOf(home: PackageHome): LinkedPlace {
  if (home instanceof LinkedHome) return home.place;
  throw new SkerryError("SKE-INTERNAL", "Packages can't be carried from one kind of home to another");
}
