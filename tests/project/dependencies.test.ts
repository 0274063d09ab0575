import { describe, expect, test } from "bun:test";
import { read } from "./sources.ts";

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Record<string, string>;
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, LockEntry> };

describe("dependencies", () => {
  test("are explained in docs/dependencies.md, each and no other", () => {
    const explained = [...read("docs/dependencies.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(explained.toSorted()).toEqual(
      Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).toSorted(),
    );
  });

  test("are locked for every platform, not only the one that wrote the lock", () => {
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const names = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  test("are locked by the content of each, from no registry by name", () => {
    const entries = Object.entries(packages).filter(([path]) => path !== "");
    expect(entries.filter(([, one]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(one.integrity ?? ""))).toEqual([]);
    expect(entries.filter(([, one]) => one.resolved !== undefined)).toEqual([]);
    expect(read("package-lock.json")).not.toMatch(/https?:[^"]*\.tgz/);
  });

  test("of the library run nothing when they are installed", () => {
    const withScripts = Object.keys(manifest.dependencies).filter(
      (name) => packages[`node_modules/${name}`]?.hasInstallScript,
    );
    expect(withScripts).toEqual([]);
    expect(read(".npmrc")).toContain("ignore-scripts=true");
  });
});
