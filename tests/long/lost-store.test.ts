import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";

const trees = (home: string) => join(home, "store/trees");
const layers = (home: string) => join(home, "store/layers");
const manifests = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".json"));
const sole = (home: string) => join(layers(home), manifests(layers(home))[0]!.slice(0, -5));
const remove = (path: string) => rmSync(path, { recursive: true, force: true });

function flip(path: string, at: (text: Buffer) => number): void {
  const bytes = readFileSync(path);
  const n = at(bytes);
  bytes[n] = bytes[n]! ^ 1;
  writeFileSync(path, bytes);
}

/** Does something to each manifest of trees. */
const eachTree = (damage: (path: string) => void) => (home: string) => {
  for (const name of manifests(trees(home))) damage(join(trees(home), name));
};

interface Case {
  readonly damage: (home: string) => void;
  /** Whether it can be mended without an index. */
  readonly offline: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  "whose layer is gone": { damage: (home) => remove(sole(home)), offline: true },
  "whose layer's files are gone, all but its folders": {
    damage: (home) => {
      const site = join(sole(home), "lib");
      for (const path of readdirSync(site, { recursive: true, encoding: "utf8" }))
        if (!/site-packages$|^python[^/]*$/.test(path)) remove(join(site, path));
    },
    offline: true,
  },
  "whose layer and its manifest are gone": { damage: (home) => remove(layers(home)), offline: true },
  "whose layer's manifest has a bad byte": {
    damage: (home) => flip(`${sole(home)}.json`, (bytes) => bytes.indexOf("witness") + 3),
    offline: true,
  },
  "whose trees' manifests have a bad byte in their first line": {
    damage: eachTree((path) => flip(path, (bytes) => bytes.indexOf("version") + 11)),
    offline: false,
  },
  "whose trees' manifests have a bad byte in their rows": {
    damage: eachTree((path) => flip(path, (bytes) => bytes.indexOf("\n") + 40)),
    offline: false,
  },
  "whose trees' manifests are cut short": { damage: eachTree((path) => truncateSync(path, 3000)), offline: false },
  "whose trees' manifests are JSON of another shape": {
    damage: eachTree((path) => {
      remove(path);
      writeFileSync(path, "{}\n[]\n");
    }),
    offline: false,
  },
  "whose trees' files are gone": {
    damage: (home) => {
      for (const name of manifests(trees(home))) remove(join(trees(home), name.slice(0, -5)));
    },
    offline: false,
  },
  "whose store is gone": { damage: (home) => remove(join(home, "store")), offline: false },
};

describe("a state", () => {
  for (const [what, { damage, offline }] of Object.entries(CASES)) {
    test(`${what} is mended by starting, refreshing, repairing and doctor --fix alike`, async () => {
      await using rig = await Rig.make();
      await using index = await startIndex({ distributions: WHEELS });
      const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
      const skerry = async (...args: string[]) => {
        const outcome = await rig.skerry(args, { env });
        expect({ args, ...outcome }).toMatchObject({ args, exitCode: 0 });
        expect(outcome.stderr).not.toMatch(/Skerry itself failed|JSON/);
        return outcome.stdout;
      };
      const run = ["run", "--with", "alpha==1.0", "--", "alpha"];
      await skerry("create", "thin", "--thin", "--with", "alpha==1.0");
      await skerry("create", "full", "--with", "alpha==1.0");
      await skerry(...run);
      const ways: Record<string, () => Promise<unknown>> = {
        start: () => skerry("exec", "thin", "--", "alpha"),
        run: () => skerry(...run),
        refresh: () => skerry("run", "--refresh", ...run.slice(1)),
        repair: () => skerry("repair", "--all"),
        fix: () => skerry("doctor", "--fix"),
        gc: () => skerry("gc"),
        create: async () => {
          await skerry("create", "other", "--with", "alpha==1.0");
          await skerry("rm", "other");
        },
      };
      for (const way of Object.values(ways)) {
        damage(rig.home);
        await way();
        expect(await skerry(...run)).toBe("alpha 1.0\n");
        for (const name of ["thin", "full"]) expect(await skerry("exec", name, "--", "alpha")).toBe("alpha 1.0\n");
        await skerry("doctor", "--fix");
        await skerry("check", "thin");
        await skerry("check", "full");
      }
      if (!offline) return;
      await index[Symbol.asyncDispose]();
      damage(rig.home);
      expect(await skerry(...run)).toBe("alpha 1.0\n");
      expect(await skerry("exec", "thin", "--", "alpha")).toBe("alpha 1.0\n");
    }, 120_000);
  }

  test("whose damage can't be mended offline keeps what there is, and says so", async () => {
    await using rig = await Rig.make();
    const index = await startIndex({ distributions: WHEELS });
    const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url, UV_CACHE_DIR: join(rig.root, "cache") };
    const skerry = (...args: string[]) => rig.skerry(args, { env });
    await skerry("create", "thin", "--thin", "--with", "alpha==1.0");
    await index[Symbol.asyncDispose]();
    renameSync(join(rig.root, "cache"), join(rig.root, "no-cache"));
    eachTree((path) => flip(path, (bytes) => bytes.indexOf("\n") + 40))(rig.home);
    const before = readdirSync(join(rig.home, "store"), { recursive: true, encoding: "utf8" }).sort();
    for (const args of [["repair", "thin"], ["doctor", "--fix"], ["gc"], ["create", "other", "--with", "alpha==1.0"]]) {
      const { stderr } = await skerry(...args);
      expect({ args, stderr }).toEqual({ args, stderr: expect.not.stringContaining("Skerry itself failed") });
    }
    expect(readdirSync(join(rig.home, "store"), { recursive: true, encoding: "utf8" }).sort()).toEqual(before);
    expect(existsSync(sole(rig.home))).toBe(true);
    expect(await skerry("exec", "thin", "--", "alpha")).toMatchObject({ exitCode: 0, stdout: "alpha 1.0\n" });
  });
});
