import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LockedPackage } from "../../src/core/lock.ts";
import { operation } from "../../src/core/operation.ts";
import { type StatePaths, statePaths } from "../../src/platform/paths.ts";
import { applyChange } from "../../src/store/apply.ts";
import { ensureTrees } from "../../src/store/build.ts";
import type { Change } from "../../src/store/change.ts";
import { ensureLayer } from "../../src/store/layer.ts";
import type { ChangeReport } from "../../src/store/report.ts";
import type { Tree } from "../../src/store/shapes.ts";
import { bench, HERE, TARGET } from "../packages/setup.ts";
import type { Rig } from "../rig/rig.ts";
import { buildWheel, type Distribution, type WheelInit } from "../rig/wheel.ts";

export { TARGET } from "../packages/setup.ts";

const minor = TARGET.version.split(".").slice(0, 2).join(".");
/** site-packages in a prefix of {@link TARGET}. */
export const SITE = `lib/python${minor}/site-packages`;

/** A store in a rig, filled by the real uv from wheels that the test makes. */
export class StoreRig {
  readonly rig: Rig;
  readonly paths: StatePaths;
  readonly op = operation();
  /** Names of the packages of each call of the installer, sorted. */
  readonly installs: string[][] = [];
  private readonly installer: ReturnType<typeof bench>["installer"];

  constructor(rig: Rig) {
    this.rig = rig;
    this.paths = statePaths(rig.home);
    this.installer = bench(rig, "uv").installer;
  }

  /** A locked package with this wheel, which lies in a file. */
  lock(wheel: WheelInit | Distribution): LockedPackage {
    const { project, version, filename, bytes, sha256 } = "bytes" in wheel ? wheel : buildWheel(wheel);
    const folder = join(this.rig.root, "wheels", sha256.slice(0, 12));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, filename), bytes);
    const name = project.replace(/[-_.]+/g, "-").toLowerCase();
    return { name, version, wheels: [{ name: filename, path: join(folder, filename), hashes: { sha256 } }] };
  }

  install = async (packages: readonly LockedPackage[], prefix: string): Promise<void> => {
    this.installs.push(packages.map(({ name }) => name).sort());
    await this.installer.install(packages, { target: HERE, prefix }, this.op);
  };

  /** The trees of wheels. */
  trees(...wheels: (WheelInit | Distribution)[]): Promise<Tree[]> {
    const packages = wheels.map((wheel) => this.lock(wheel));
    return ensureTrees(this.paths, { packages, target: TARGET, installer: "uv", install: this.install, op: this.op });
  }

  /** Makes a damaged tree anew. */
  async renew(tree: Tree, wheel: WheelInit | Distribution): Promise<Tree> {
    const { key, root, name, version } = tree;
    const damaged = [{ tree: key, root, package: `${name}==${version}`, paths: [] }];
    const packages = [this.lock(wheel)];
    const { install, op } = this;
    const [anew] = await ensureTrees(this.paths, { packages, target: TARGET, installer: "uv", install, damaged, op });
    return anew!;
  }

  /** A virtual environment without packages, made by Python's own venv. @returns its prefix */
  venv(name = "env"): string {
    const prefix = join(this.rig.root, name);
    execFileSync(TARGET.interpreter, ["-m", "venv", "--without-pip", prefix], { env: this.rig.env });
    return prefix;
  }

  /** Changes a prefix, in full mode and with hardlinks unless asked otherwise. */
  apply(prefix: string, from: readonly Tree[], to: readonly Tree[], more: Partial<Change> = {}): Promise<ChangeReport> {
    return applyChange({ prefix, sitePackages: SITE, mode: "full", link: "hardlink", from, to, op: this.op, ...more });
  }

  /** Changes a thin prefix. */
  async applyThin(prefix: string, from: readonly Tree[], to: readonly Tree[]): Promise<ChangeReport> {
    const shared = to.filter((tree) => !tree.private);
    const layer = shared.length > 0 ? await ensureLayer(this.paths, shared, { op: this.op }) : undefined;
    return this.apply(prefix, from, to, { mode: "thin", ...(layer ? { layer } : {}) });
  }

  /** What a program of a prefix prints; its errors are part of it. */
  async output(prefix: string, program: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.rig.run([join(prefix, "bin", program), ...args]);
    return (stdout + stderr).trim();
  }

  python(prefix: string, code: string): Promise<string> {
    return this.output(prefix, "python", "-c", code);
  }
}

/** Every file below a folder with what makes it the same file again: content, mode and where links lead. */
export function snapshot(root: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = join(folder, name);
      const stat = lstatSync(join(root, path));
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) seen[path] = `-> ${readlinkSync(join(root, path))}`;
      else if (!stat.isDirectory())
        seen[path] = `${mode} ${new Bun.CryptoHasher("sha1").update(readFileSync(join(root, path))).digest("hex")}`;
      else {
        seen[`${path}/`] = mode;
        visit(path);
      }
    }
  };
  visit("");
  return seen;
}
