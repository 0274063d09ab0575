import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { SkerryError } from "../../src/core/error.ts";
import type { LockedPackage } from "../../src/core/lock.ts";
import { closeLeases } from "../../src/platform/lease.ts";
import { parseRecord, recordSha256 } from "../../src/python/record.ts";
import { buildPrivateTrees, ensureTrees } from "../../src/store/build.ts";
import { verifyTree } from "../../src/store/damage.ts";
import { damageOf } from "../../src/store/damage-error.ts";
import { layerKey, treeKey } from "../../src/store/key.ts";
import { sweepScratch } from "../../src/store/scratch.ts";
import { readFileRows, topOf } from "../../src/store/tree.ts";
import { storeUsage } from "../../src/store/upkeep.ts";
import { failure } from "../packages/setup.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel, type Distribution, zip } from "../rig/wheel.ts";
import { SITE, StoreRig, TARGET } from "./setup.ts";

let rig: Rig;
let store: StoreRig;
/** A wheel whose RECORD says what this function makes of it. */
function withRecord(name: string, files: Record<string, string>, change: (record: string) => string): Distribution {
  const wheel = buildWheel({ name, version: "1.0", files });
  const info = `${name}-1.0.dist-info`;
  const record = Object.keys(files).map((path) => `${path},,\n`);
  const entries = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: change(`${record.join("")}${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`),
  };
  const bytes = zip(Object.entries(entries).map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  return { ...wheel, bytes, sha256 };
}

/** The error for a wheel that no installer looked at: it is unpacked as it is, and a file more is made. */
function refusal(wheel: Distribution, more = "extra"): Promise<SkerryError> {
  const install = async (packages: readonly LockedPackage[], prefix: string) => {
    mkdirSync(join(prefix, SITE), { recursive: true });
    mkdirSync(join(prefix, "bin"));
    writeFileSync(join(prefix, more), "");
    execFileSync(TARGET.interpreter, ["-m", "zipfile", "-e", packages[0]!.wheels![0]!.path!, join(prefix, SITE)]);
  };
  const request = { packages: [store.lock(wheel)], target: TARGET, installer: "uv", install, op: store.op };
  return failure(ensureTrees(store.paths, request));
}

// In a block of their own, hooks run before the rig looks for open files.
describe("the store", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  describe("a tree", () => {
    test("holds one wheel with its bytecode, sealed, and a manifest that fits it", async () => {
      const [tree] = await store.trees({ name: "One.Pkg", version: "1.0", files: { "one/__init__.py": "x = 1\n" } });
      const rows = readFileRows(tree!);
      expect(rows.map(([path]) => path)).toContain(`${SITE}/one/__init__.py`);
      expect(rows.filter(([path]) => path.endsWith(".pyc"))).toHaveLength(1);
      expect(tree).toMatchObject({ name: "one-pkg", version: "1.0", count: rows.length });
      for (const [path, , , mode] of rows) expect([path, mode]).toEqual([path, 0o644]);
      for (const folder of ["", "lib", `${SITE}/one`])
        expect(statSync(join(tree!.root, folder)).mode & 0o777).toBe(0o555);
      expect(verifyTree(tree!)).toEqual([]);
      expect(storeUsage(store.paths)).toMatchObject({ trees: 1, layers: 0, files: rows.length });
    });

    test("shares no inode with the installer's cache, which stays as it was", async () => {
      const [tree] = await store.trees({ name: "one", version: "1.0" });
      for (const [path] of readFileRows(tree!)) expect(statSync(join(tree!.root, path)).nlink).toBe(1);
    });

    test("has bytecode that is checked against its source's time: an edit is seen", async () => {
      const [tree] = await store.trees({ name: "one", version: "1.0", files: { "one.py": "print('old')\n" } });
      const pyc = readFileRows(tree!).find(([path]) => path.endsWith(".pyc"))![0];
      // PEP 552: the second word has bit 0 set for bytecode that is validated by hash, or not at all.
      expect(readFileSync(join(tree!.root, pyc)).readUInt32LE(4)).toBe(0);
      const prefix = store.venv();
      await store.apply(prefix, [], [tree!], { link: "copy" });
      expect(await store.python(prefix, "import one")).toBe("old");
      appendFileSync(join(prefix, SITE, "one.py"), "print('new')\n");
      expect(await store.python(prefix, "import one")).toBe("old\nnew");
    });

    test("doesn't know who asked for it", async () => {
      const [tree] = await store.trees({ name: "one", version: "1.0" });
      const paths = readFileRows(tree!).map(([path]) => path);
      expect(paths.some((path) => path.endsWith("/REQUESTED"))).toBe(false);
      expect(readFileSync(join(tree!.root, SITE, "one-1.0.dist-info/RECORD"), "utf8")).not.toContain("REQUESTED");
    });

    test("has a RECORD that is right for its final scripts", async () => {
      const [tree] = await store.trees({
        name: "one",
        version: "1.0",
        files: { "one.py": "def main(): print('hello')\n" },
        scripts: { hello: "one:main" },
        data: { "scripts/other": "#!python\nprint('other')\n" },
      });
      const rows = parseRecord(readFileSync(join(tree!.root, SITE, "one-1.0.dist-info/RECORD"), "utf8"));
      for (const script of ["hello", "other"]) {
        const content = readFileSync(join(tree!.root, "bin", script));
        const row = rows.find(({ path }) => path === `../../../bin/${script}`)!;
        expect(content.toString()).toStartWith("#!/bin/sh\n");
        expect(content.toString()).not.toContain(TARGET.interpreter);
        expect(row.size).toBe(content.length);
        expect(recordSha256(row)).toBe(new Bun.CryptoHasher("sha256").update(content).digest("hex"));
      }
    });

    test("has each file that two wheels claim, as if it had been installed alone", async () => {
      const a = { name: "a", version: "1", files: { "shared/x.py": "who = 'a'\n", "a.py": "" } };
      const b = { name: "b", version: "1", files: { "shared/x.py": "who = 'b'\n", "b.py": "" } };
      const trees = await store.trees(a, b, { name: "c", version: "1" });
      const texts = trees.slice(0, 2).map((tree) => readFileSync(join(tree.root, SITE, "shared/x.py"), "utf8"));
      expect(texts).toEqual(["who = 'a'\n", "who = 'b'\n"]);
      expect(store.installs.map(String).sort()).toEqual(["a", "a,b,c", "b"]);
    });

    test("may share a folder with others: each has its own part of a namespace", async () => {
      const [auth, cloud] = await store.trees(
        { name: "g-auth", version: "1", files: { "g/auth.py": "" } },
        { name: "g-cloud", version: "1", files: { "g/cloud.py": "" } },
      );
      expect(existsSync(join(auth!.root, SITE, "g/cloud.py"))).toBe(false);
      expect(readdirSync(join(cloud!.root, SITE, "g")).sort()).toEqual(["__pycache__", "cloud.py"]);
      expect(store.installs).toHaveLength(1);
    });
  });

  describe("a hostile wheel", () => {
    for (const row of ["../../../../../../etc/passwd", "/etc/passwd", "x/../../../../../outside", "../../.."]) {
      test(`whose RECORD names ${row} is refused, and nothing of it is kept`, async () => {
        const wheel = withRecord("evil", { "evil.py": "" }, (record) => `${record}${row},,\n`);
        const error = await refusal(wheel);
        expect([error.code, error.message]).toEqual(["SKE-PKG-BROKEN", expect.stringContaining(JSON.stringify(row))]);
        expect(storeUsage(store.paths).trees).toBe(0);
        expect(readdirSync(store.paths.tmp)).toEqual([]);
      });
    }

    test("whose file doesn't have the hash in its RECORD is refused", async () => {
      const wrong = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
      const wheel = withRecord("evil", { "evil.py": "x = 1\n" }, (record) =>
        record.replace("evil.py,,", `evil.py,${wrong},6`),
      );
      const error = await failure(store.trees(wheel));
      expect([error.code, error.message]).toEqual(["SKE-PKG-BROKEN", expect.stringContaining("evil.py")]);
    });

    test("that brings a program named python is refused", async () => {
      const wheel = withRecord("evil", { "evil.py": "" }, (record) => `${record}../../../bin/python3,,\n`);
      const error = await refusal(wheel, "bin/python3");
      expect(error.message).toContain('a program named "python3"');
    });
  });

  describe("keys", () => {
    const hashes = { sha256: "aa" };
    const pkg: LockedPackage = { name: "a", version: "1", wheels: [{ name: "a.whl", url: "https://x/a.whl", hashes }] };
    const key = treeKey(pkg, TARGET, "uv");

    test("are equal for equal contents, wherever these come from", () => {
      const mirrored = {
        ...pkg,
        index: "https://mirror/",
        wheels: [{ name: "b.whl", url: "https://mirror/b", hashes }],
      };
      expect(treeKey(mirrored, { ...TARGET, interpreter: "/elsewhere/python" }, "uv")).toBe(key!);
    });

    test("differ with everything that decides what is installed", () => {
      const others = [
        treeKey({ ...pkg, version: "2" }, TARGET, "uv"),
        treeKey({ ...pkg, wheels: [{ name: "a.whl", hashes: { sha256: "bb" } }] }, TARGET, "uv"),
        treeKey(pkg, TARGET, "pip"),
        ...(["implementation", "version", "abi", "platform", "libc"] as const).map((field) =>
          treeKey(pkg, { ...TARGET, [field]: "other" }, "uv"),
        ),
      ];
      expect(new Set([key, ...others]).size).toBe(others.length + 1);
    });

    test("don't exist for what may change in place", () => {
      const directory = { path: "/project", editable: true };
      expect(treeKey({ name: "a", version: null, directory }, TARGET, "uv")).toBeUndefined();
      const unhashed = { name: "a", version: "1", wheels: [{ name: "a.whl", path: "/a.whl", hashes: {} }] };
      expect(treeKey(unhashed, TARGET, "uv")).toBeUndefined();
    });

    test("of layers don't depend on the order of their trees", () => {
      expect(layerKey(["a", "b"])).toBe(layerKey(["b", "a"]));
      expect(layerKey(["a"])).not.toBe(layerKey(["a", "b"]));
    });

    test("topOf tells where trees may meet", () => {
      expect(topOf("s/p/google/auth/x.py", "s/p")).toBe("s/p/google");
      expect(topOf("s/p/six.py", "s/p")).toBe("s/p/six.py");
      expect(topOf("s/p/__pycache__/six.pyc", "s/p")).toBe("s/p/__pycache__/six.pyc");
      expect(topOf("bin/x", "s/p")).toBe("bin/x");
    });
  });

  describe("many processes", () => {
    test("that ask for the same packages at once install each once", async () => {
      const wheels = [1, 2, 3].map((n) => ({ name: `p${n}`, version: "1" }));
      const packages = wheels.map((wheel) => store.lock(wheel));
      const log = join(rig.root, "installs");
      const driver = join(import.meta.dirname, "programs/ensure-trees.ts");
      const input = JSON.stringify({ home: rig.home, target: TARGET, packages, site: SITE, log });
      const file = rig.write("input.json", input);
      const runs = Array.from({ length: 20 }, () => rig.run([process.execPath, driver, file]));
      const outcomes = await Promise.all(runs);
      expect(outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ stderr }) => stderr)).toEqual([]);
      expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
      const installed = readFileSync(log, "utf8").trim().split("\n").sort();
      expect(installed).toEqual(["p1", "p2", "p3"]);
      expect(readdirSync(store.paths.tmp)).toEqual([]);
    }, 60_000);

    test("what a killed one left is told from what is in use, and removed", async () => {
      mkdirSync(join(store.paths.tmp, "scratch/prefix"), { recursive: true });
      mkdirSync(join(store.paths.tmp, "other"));
      expect(await sweepScratch(store.paths)).toBe(1);
      expect(readdirSync(store.paths.tmp)).toEqual(["other"]);
    });
  });

  describe("private trees", () => {
    test("belong to one environment's folder and can be opened again", async () => {
      const { op, install } = store;
      const folder = join(rig.root, "private");
      const packages = [store.lock({ name: "mine", version: "1" })];
      const [tree] = await buildPrivateTrees({ folder, packages, target: TARGET, install, op });
      expect(tree).toMatchObject({ name: "mine", private: true });
      expect(verifyTree(tree!)).toEqual([]);
      expect(storeUsage(store.paths).trees).toBe(0);
      expect(readdirSync(folder).sort()).toEqual([tree!.key, `${tree!.key}.json`]);
    });
  });

  describe("damage", () => {
    test("is found when files are taken, named, and gone once the tree is built anew", async () => {
      const wheel = { name: "one", version: "1.0", files: { "one.py": "x = 1\n" } };
      const [tree] = await store.trees(wheel);
      const before = store.venv("before");
      await store.apply(before, [], [tree!]);
      // As root, or after chmod, an editor that writes in place gets through the link.
      execFileSync("/bin/sh", ["-c", `chmod u+w "$0" && echo evil >> "$0"`, join(before, SITE, "one.py")]);
      const error = await failure(store.apply(store.venv("after"), [], [tree!]));
      expect(error.code).toBe("SKE-STORE-DAMAGED");
      expect(damageOf(error)).toEqual([
        { tree: tree!.key, root: tree!.root, package: "one==1.0", paths: [`${SITE}/one.py`] },
      ]);
      const again = await store.renew(tree!, wheel);
      expect([existsSync(tree!.root), again.key]).toEqual([false, tree!.key]);
      await store.apply(join(rig.root, "after"), [], [again]);
      expect(readFileSync(join(rig.root, "after", SITE, "one.py"), "utf8")).toBe("x = 1\n");
    });

    test("that keeps size and time is found by content", async () => {
      const [tree] = await store.trees({ name: "one", version: "1.0", files: { "one.py": "x = 1\n" } });
      const file = join(tree!.root, SITE, "one.py");
      const { mtime } = lstatSync(file);
      execFileSync("/bin/sh", ["-c", `echo 'x = 2' > "$0"`, file]);
      utimesSync(file, mtime, mtime);
      expect(verifyTree(tree!)).toEqual([{ path: `${SITE}/one.py`, what: "content" }]);
    });
  });
});
