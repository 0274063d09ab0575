import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { closeLeases } from "../../src/platform/lease.ts";
import { buildPrivateTrees } from "../../src/store/build.ts";
import { verifyTree } from "../../src/store/damage.ts";
import type { Tree } from "../../src/store/shapes.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { SITE, StoreRig, snapshot, TARGET } from "./setup.ts";

let rig: Rig;
let store: StoreRig;
let prefix: string;

const tool = (version: string) => ({
  name: "tool",
  version,
  files: { "tool/__init__.py": `VERSION = "${version}"\ndef main(): print(VERSION)\n`, [`tool/v${version}.py`]: "" },
  scripts: { tool: "tool:main" },
  data: { "data/etc/tool.conf": `version ${version}\n`, [`data/share/tool/${version}/small`]: "small" },
});
const other = { name: "other", version: "1", files: { "other.py": "" } };

// In a block of their own, hooks run before the rig looks for open files.
describe("a full environment", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
    prefix = store.venv();
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  const isIntact = (...trees: Tree[]) => expect(trees.flatMap(verifyTree)).toEqual([]);
  const inode = (path: string) => statSync(path).ino;

  test("has links to the store's files in folders of its own, and what people edit as copies", async () => {
    const big = "x".repeat(70_000);
    const files = { "a/__init__.py": "", "a/cacert.pem": "CA", "a.pth": "# nothing\n" };
    const data = { "data/etc/a.conf": big, "data/share/a/small": "s", "data/share/a/big": big };
    const [tree] = await store.trees({ name: "a", version: "1", files, data, scripts: { a: "a:main" } });
    const report = await store.apply(prefix, [], [tree!]);
    const shared = (path: string) => inode(join(prefix, path)) === inode(join(tree!.root, path));
    const links = [`${SITE}/a/__init__.py`, `${SITE}/a-1.dist-info/METADATA`, "share/a/big", "bin/a"];
    const copies = [
      `${SITE}/a/cacert.pem`,
      `${SITE}/a.pth`,
      `${SITE}/a-1.dist-info/RECORD`,
      `${SITE}/a-1.dist-info/INSTALLER`,
      "etc/a.conf",
      "share/a/small",
    ];
    expect(links.map(shared)).toEqual([true, true, true, true]);
    for (const path of copies) {
      const { mode, mtimeMs } = statSync(join(prefix, path));
      expect([path, shared(path), mode & 0o777]).toEqual([path, false, 0o644]);
      expect(Math.abs(mtimeMs - statSync(join(tree!.root, path)).mtimeMs)).toBeLessThan(2);
    }
    expect(statSync(join(prefix, SITE, "a")).mode & 0o200).toBe(0o200);
    expect(report).toMatchObject({ method: "hardlink", hardlinked: 8, reflinked: 0, removed: 0, drift: [] });
  });

  test("has nothing but copies when asked for them", async () => {
    const [tree] = await store.trees(tool("1"));
    const report = await store.apply(prefix, [], [tree!], { link: "copy" });
    expect(report).toMatchObject({ method: "copy", hardlinked: 0, copied: tree!.count });
    appendFileSync(join(prefix, SITE, "tool/__init__.py"), "# mine\n");
    isIntact(tree!);
  });

  test("runs scripts wherever it lies", async () => {
    const trees = await store.trees(tool("1"));
    for (const name of ["with space", "línea ☃", "long".repeat(40)]) {
      const there = store.venv(name);
      await store.apply(there, [], trees);
      expect(await store.output(there, "tool")).toBe("1");
    }
  });

  test("goes to other trees and back, and is then what it was", async () => {
    const [one, two, more] = await store.trees(tool("1"), other).then(async ([a, b]) => {
      return [a!, (await store.trees(tool("2")))[0]!, b!];
    });
    await store.apply(prefix, [], [one!, more!]);
    const before = snapshot(prefix);
    const report = await store.apply(prefix, [one!, more!], [two!, more!]);
    expect(report.drift).toEqual([]);
    expect(await store.output(prefix, "tool")).toBe("2");
    expect(existsSync(join(prefix, "share/tool/1"))).toBe(false);
    rmSync(join(prefix, SITE, "tool/__pycache__"), { recursive: true });
    await store.apply(prefix, [two!, more!], [one!, more!]);
    expect(snapshot(prefix)).toEqual(before);
  });

  test("is left empty by its last package, bytecode of other writers included", async () => {
    const before = snapshot(prefix);
    const trees = await store.trees(tool("1"), other);
    await store.apply(prefix, [], trees);
    await store.output(prefix, "python", "-O", "-m", "compileall", "-q", join(prefix, SITE));
    await store.apply(prefix, trees, []);
    expect(snapshot(prefix)).toEqual(before);
  });

  test("keeps what the user put there, and tells of it when it is in the way", async () => {
    const mine = [join(prefix, "bin/tool"), join(prefix, SITE, "mine.py"), join(prefix, SITE, "tool/mine.py")];
    mkdirSync(join(prefix, SITE, "tool"));
    for (const path of mine) writeFileSync(path, "mine\n");
    const trees = await store.trees(tool("1"));
    const report = await store.apply(prefix, [], trees);
    expect(report.drift.map(({ path }) => path)).toEqual(["bin/tool"]);
    const gone = await store.apply(prefix, trees, []);
    expect(gone.drift.map(({ path }) => path)).toEqual(["bin/tool"]);
    expect(mine.map((path) => readFileSync(path, "utf8"))).toEqual(["mine\n", "mine\n", "mine\n"]);
  });

  test("keeps configuration that was edited when its package goes", async () => {
    const trees = await store.trees(tool("1"));
    await store.apply(prefix, [], trees);
    appendFileSync(join(prefix, "etc/tool.conf"), "mine\n");
    expect((await store.apply(prefix, trees, [])).drift).toMatchObject([{ path: "etc/tool.conf" }]);
    expect(readFileSync(join(prefix, "etc/tool.conf"), "utf8")).toBe("version 1\nmine\n");
  });

  test("has a folder that several packages share, and each goes alone", async () => {
    const [auth, cloud] = await store.trees(
      { name: "g-auth", version: "1", files: { "g/auth.py": "x = 1\n" } },
      { name: "g-cloud", version: "1", files: { "g/cloud.py": "from g.auth import x\nprint(x)\n" } },
    );
    await store.apply(prefix, [], [auth!, cloud!]);
    expect(await store.python(prefix, "import g.cloud")).toBe("1");
    await store.apply(prefix, [auth!, cloud!], [cloud!]);
    expect(existsSync(join(prefix, SITE, "g/auth.py"))).toBe(false);
    expect(existsSync(join(prefix, SITE, "g/cloud.py"))).toBe(true);
  });

  test("has of a file that two packages claim the later one's by name; the other's comes back", async () => {
    const [a, b] = await store.trees(
      { name: "a", version: "1", files: { "shared.py": "print('a')\n" } },
      { name: "b", version: "1", files: { "shared.py": "print('b')\n" } },
    );
    const shows = () => store.python(prefix, "import shared");
    await store.apply(prefix, [], [b!, a!]);
    expect(await shows()).toBe("b");
    await store.apply(prefix, [a!, b!], [a!]);
    expect(await shows()).toBe("a");
    await store.apply(prefix, [a!], [a!, b!]);
    expect(await shows()).toBe("b");
    await store.apply(prefix, [a!, b!], [b!]);
    expect(await shows()).toBe("b");
  });

  test("replaces a version that the user's own installer put in a package's place, wholly", async () => {
    const [one] = await store.trees(tool("1"));
    const [three] = await store.trees(tool("3"));
    await store.apply(prefix, [], [one!]);
    // What pip does: it removes version 1 by its RECORD and unpacks version 2.
    await store.apply(prefix, [one!], []);
    const wheel = store.lock(buildWheel(tool("2"))).wheels![0]!.path!;
    execFileSync(TARGET.interpreter, ["-m", "zipfile", "-e", wheel, join(prefix, SITE)]);
    const report = await store.apply(prefix, [one!], [three!]);
    expect(report.drift).toEqual([]);
    expect(await store.python(prefix, "import tool; print(tool.VERSION)")).toBe("3");
    expect(existsSync(join(prefix, SITE, "tool/v2.py"))).toBe(false);
    expect(existsSync(join(prefix, SITE, "tool-2.dist-info"))).toBe(false);
  });

  test("leaves the store intact whatever replaces or removes its files", async () => {
    const trees = await store.trees(tool("1"), other);
    await store.apply(prefix, [], trees);
    const pip = execFileSync(TARGET.interpreter, ["-c", "import ensurepip; print(ensurepip.__path__[0])"], {
      encoding: "utf8",
    }).trim();
    const wheel = execFileSync("/bin/sh", ["-c", `ls "$0"/_bundled/pip-*.whl`, pip], { encoding: "utf8" }).trim();
    const newer = store.lock(tool("2")).wheels![0]!.path!;
    const env = { PYTHONPATH: wheel, PIP_NO_INDEX: "1" };
    const run = (...args: string[]) => rig.run([join(prefix, "bin/python"), ...args], { env: { ...rig.env, ...env } });
    const steps = [
      ["-m", "pip", "install", "--force-reinstall", "--no-deps", newer],
      ["-m", "pip", "uninstall", "-y", "tool", "other"],
    ];
    for (const step of steps) {
      const outcome = await run(...step);
      expect([step, outcome.exitCode, outcome.stderr]).toEqual([step, 0, expect.anything()]);
      isIntact(...trees);
    }
    expect(existsSync(join(prefix, SITE, "tool"))).toBe(false);
    await store.apply(prefix, [], trees);
    await run("-m", "compileall", "-f", "-q", SITE);
    execFileSync("sed", ["-i", "s/1/9/", join(prefix, SITE, "tool/__init__.py")]);
    appendFileSync(join(prefix, "etc/tool.conf"), "mine\n");
    isIntact(...trees);
    execFileSync("rm", ["-rf", prefix]);
    isIntact(...trees);
  });

  test("may be moved, with what it holds", async () => {
    const trees = await store.trees(tool("1"));
    await store.apply(prefix, [], trees);
    renameSync(prefix, `${prefix} moved`);
    expect(await store.output(`${prefix} moved`, "tool")).toBe("1");
  });

  test("has private trees as its own files", async () => {
    const { op, install } = store;
    const folder = join(rig.root, "private");
    const packages = [store.lock(tool("1"))];
    const trees = await buildPrivateTrees({ folder, packages, target: TARGET, install, op });
    expect(await store.apply(prefix, [], trees)).toMatchObject({ hardlinked: 0, copied: trees[0]!.count });
    expect(await store.output(prefix, "tool")).toBe("1");
  });
});
