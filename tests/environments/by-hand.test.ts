import { describe, expect, test } from "bun:test";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { statePaths } from "../../src/platform/paths.ts";
import { verifyTree } from "../../src/store/damage.ts";
import { listTrees } from "../../src/store/upkeep.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { WHEELS } from "./setup.ts";

/** An environment called web that has pip, put there by hand, beside alpha 1.0 and what that requires, beta 2.0. */
class ByHand implements AsyncDisposable {
  readonly rig: Rig;
  readonly #index: TestIndex;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(rig: Rig, index: TestIndex) {
    this.rig = rig;
    this.#index = index;
    this.#env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url, PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  }

  static async make(mode: "full" | "thin"): Promise<ByHand> {
    const index = await startIndex({ distributions: [...WHEELS, buildWheel({ name: "delta", version: "3.0" })] });
    const at = new ByHand(await Rig.make(), index);
    await at.skerry("create", "web", `--${mode}`, "--python", newestPython().path, "--with", "alpha==1.0");
    await at.exec("python", "-m", "ensurepip");
    return at;
  }

  async skerry(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.rig.skerry(args, { env: this.#env });
    expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ args, exitCode: 0, stderr: "" });
    return stdout;
  }

  exec(...command: string[]): Promise<string> {
    return this.skerry("exec", "web", "--", ...command);
  }

  /** Runs pip in the environment, and expects that the store is byte for byte as before. */
  async pip(...args: string[]): Promise<string> {
    const before = this.store();
    const said = await this.exec("python", "-m", "pip", ...args);
    expect(this.store()).toEqual(before);
    return said;
  }

  /** Version of a module as Python sees it. */
  async version(module: string): Promise<string> {
    return (await this.exec("python", "-c", `import ${module}; print(${module}.VERSION)`)).trim();
  }

  async packages(): Promise<string[]> {
    const { packages } = JSON.parse(await this.skerry("packages", "web", "--json"));
    return packages
      .filter((one: { name: string }) => !["pip", "setuptools"].includes(one.name))
      .map((one: { name: string; version: string; source: string }) => `${one.name} ${one.version} ${one.source}`);
  }

  /** Every path of the store's trees and layers, with its mode and content; what was sealed is as it was. */
  store(): string[] {
    expect(listTrees(statePaths(this.rig.home)).flatMap(verifyTree)).toEqual([]);
    const root = join(this.rig.home, "store");
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const stat = lstatSync(join(root, name));
        const read = () => (stat.isSymbolicLink() ? readlinkSync(join(root, name)) : readFileSync(join(root, name)));
        return `${name} ${stat.mode.toString(8)} ${stat.isDirectory() ? "" : Bun.hash(read())}`;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#index[Symbol.asyncDispose]();
    await this.rig[Symbol.asyncDispose]();
  }
}

describe("pip, used by hand in a full environment", () => {
  test("installs, upgrades, reinstalls and removes, and harms nothing that is shared", async () => {
    await using at = await ByHand.make("full");
    expect(await at.packages()).toEqual(["alpha 1.0 index", "beta 2.0 index"]);

    await at.pip("install", "gamma");
    expect(await at.packages()).toEqual(["alpha 1.0 index", "beta 2.0 index", "gamma 1.0 by-hand"]);

    await at.pip("install", "--upgrade", "alpha");
    expect(await at.version("alpha")).toBe("2.0");
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand", "beta 2.0 index", "gamma 1.0 by-hand"]);

    await at.pip("install", "--force-reinstall", "--no-deps", "--no-cache-dir", "beta");
    await at.pip("install", "--ignore-installed", "--no-deps", "beta==1.0");
    expect(await at.version("beta")).toBe("1.0");

    // There are two of it now, and pip removes one at a time.
    await at.pip("uninstall", "--yes", "gamma", "beta");
    await at.pip("uninstall", "--yes", "beta");
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand"]);
    const check = await at.rig.skerry(["check", "web"]);
    expect(check.exitCode).toBe(1);
    expect(check.stdout + check.stderr).toMatch(/alpha 2\.0.*beta/);

    // Another environment gets the packages as they were made.
    await at.skerry("create", "other", "--python", newestPython().path, "--with", "alpha==1.0");
    expect(await at.skerry("exec", "other", "--", "alpha")).toBe("alpha 1.0\n");
    await at.skerry("check", "other");
  });

  test("is respected by what skerry installs and removes later", async () => {
    await using at = await ByHand.make("full");
    await at.pip("install", "gamma", "alpha==2.0");
    await at.skerry("install", "web", "delta");
    expect(await at.packages()).toEqual([
      "alpha 2.0 by-hand",
      "beta 2.0 index",
      "delta 3.0 index",
      "gamma 1.0 by-hand",
    ]);
    expect([await at.version("alpha"), await at.version("gamma")]).toEqual(["2.0", "1.0"]);
    expect(await at.exec("python", "-m", "pip", "--version")).toStartWith("pip ");

    await at.skerry("uninstall", "web", "delta");
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand", "beta 2.0 index", "gamma 1.0 by-hand"]);

    // What is asked for by name is skerry's from then on.
    await at.skerry("install", "web", "gamma");
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand", "beta 2.0 index", "gamma 1.0 index"]);
    await at.skerry("install", "web", "alpha>=2");
    expect(await at.packages()).toEqual(["alpha 2.0 index", "beta 2.0 index", "gamma 1.0 index"]);
    await at.skerry("check", "web");
    await at.skerry("uninstall", "web", "gamma", "alpha");
    expect(await at.packages()).toEqual([]);
    await expect(at.version("alpha")).rejects.toThrow();
    expect(at.store()).not.toEqual([]);
  });

  test("may be uv as well", async () => {
    await using at = await ByHand.make("full");
    const before = at.store();
    for (const words of [
      ["install", "gamma"],
      ["install", "--upgrade", "alpha"],
      ["install", "--reinstall", "beta"],
      ["uninstall", "beta"],
    ]) {
      await at.exec("uv", "pip", ...words);
    }
    expect(at.store()).toEqual(before);
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand", "gamma 1.0 by-hand"]);
  });
});

describe("pip, used by hand in a thin environment", () => {
  test("puts its packages before the layer's, and takes nothing from the layer", async () => {
    await using at = await ByHand.make("thin");
    await at.pip("install", "gamma", "alpha==2.0");
    expect(await at.version("alpha")).toBe("2.0");
    expect(await at.packages()).toEqual(["alpha 2.0 by-hand", "beta 2.0 index", "gamma 1.0 by-hand"]);

    await at.pip("uninstall", "--yes", "alpha");
    expect(await at.version("alpha")).toBe("1.0");
    await at.pip("uninstall", "--yes", "beta");
    expect(await at.version("beta")).toBe("2.0");
    expect(await at.packages()).toEqual(["alpha 1.0 index", "beta 2.0 index", "gamma 1.0 by-hand"]);

    await at.skerry("install", "web", "delta");
    expect(await at.packages()).toEqual(["alpha 1.0 index", "beta 2.0 index", "delta 3.0 index", "gamma 1.0 by-hand"]);
    expect(await at.version("gamma")).toBe("1.0");
    expect(await at.exec("python", "-m", "pip", "--version")).toStartWith("pip ");
    at.store();
  });
});
