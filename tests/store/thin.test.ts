import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { closeLeases } from "../../src/platform/lease.ts";
import { buildPrivateTrees } from "../../src/store/build.ts";
import { verifyTree } from "../../src/store/damage.ts";
import { ensureLayer, openLayer } from "../../src/store/layer.ts";
import { storeUsage } from "../../src/store/upkeep.ts";
import { Rig } from "../rig/rig.ts";
import { SITE, StoreRig, snapshot, TARGET } from "./setup.ts";

let rig: Rig;
let store: StoreRig;
let prefix: string;

const tool = (version: string) => ({
  name: "tool",
  version,
  files: { "tool/__init__.py": `VERSION = "${version}"\ndef main(): print(VERSION)\n` },
  scripts: { tool: "tool:main" },
  data: { "data/etc/tool.conf": `version ${version}\n` },
});
const other = { name: "other", version: "1", files: { "other.py": "" }, scripts: { other: "other:main" } };

const inode = (root: string, path: string) => statSync(join(root, path)).ino;

// In a block of their own, hooks run before the rig looks for open files.
describe("a thin environment", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
    prefix = store.venv();
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  test("reads its packages through one link, and has scripts and data itself", async () => {
    const trees = await store.trees(tool("1"), other);
    await store.applyThin(prefix, [], trees);
    const layer = await ensureLayer(store.paths, trees, { op: store.op });
    expect(readlinkSync(join(prefix, SITE, "_skerry-layer"))).toBe(join(layer.root, SITE));
    expect(await store.output(prefix, "tool")).toBe("1");
    for (const option of ["-I", "-s", "-E", "-OO"])
      expect(await store.output(prefix, "python", option, "-c", "import tool; print(tool.VERSION)")).toBe("1");
    appendFileSync(join(prefix, "etc/tool.conf"), "mine\n");
    expect(trees.flatMap(verifyTree)).toEqual([]);
  });

  test("works in the C locale when its paths aren't ASCII", async () => {
    const there = store.venv("línea ☃");
    await store.applyThin(there, [], await store.trees(tool("1")));
    const { stdout, stderr } = await rig.run([join(there, "bin/python"), "-c", "import tool; print(tool.VERSION)"], {
      env: { ...rig.env, LANG: "C", LC_ALL: "C", PYTHONCOERCECLOCALE: "0", PYTHONUTF8: "0" },
    });
    expect([stdout.trim(), stderr]).toEqual(["1", ""]);
  });

  test("is switched by one rename, and is what it was when it is switched back", async () => {
    const one = await store.trees(tool("1"), other);
    const two = await store.trees(tool("2"));
    const empty = snapshot(prefix);
    await store.applyThin(prefix, [], one);
    const before = snapshot(prefix);
    await store.applyThin(prefix, one, two);
    expect(await store.output(prefix, "tool")).toBe("2");
    expect(readFileSync(join(prefix, "etc/tool.conf"), "utf8")).toBe("version 2\n");
    expect(lstatSync(join(prefix, "bin/other"), { throwIfNoEntry: false })).toBeUndefined();
    await store.applyThin(prefix, two, one);
    expect(snapshot(prefix)).toEqual(before);
    await store.applyThin(prefix, one, []);
    expect(snapshot(prefix)).toEqual(empty);
  });

  test("gets the layer's .pth files: relative lines lead into the layer, code runs", async () => {
    const files = {
      "extra/inside.py": "print('inside')\n",
      "a.pth": "# a comment\nextra\nimport sys; sys.from_pth = True\n",
    };
    const trees = await store.trees({ name: "a", version: "1", files });
    await store.applyThin(prefix, [], trees);
    expect(await store.python(prefix, "import sys, inside; print(sys.from_pth)")).toBe("inside\nTrue");
  });

  test("sets up old namespace packages in the layer, and no start prints a traceback", async () => {
    const nspkg = (name: string) => ({
      name: `ns-${name}`,
      version: "1",
      files: {
        [`ns/${name}.py`]: "",
        [`ns_${name}-nspkg.pth`]: `import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('ns',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('ns', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('ns', [os.path.dirname(p)])));m = m or sys.modules.setdefault('ns', types.ModuleType('ns'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n`,
      },
    });
    await store.applyThin(prefix, [], await store.trees(nspkg("a"), nspkg("b")));
    expect(await store.python(prefix, "import ns.a, ns.b; print('fine')")).toBe("fine");
    const where = "import sys; print(*(path.rsplit('/', 2)[-2:] for path in sys.modules['ns'].__path__))";
    expect(await store.python(prefix, where)).toBe("['_skerry-layer', 'ns']");
    await store.applyThin(prefix, await store.trees(nspkg("a"), nspkg("b")), []);
    expect(readdirSync(join(prefix, SITE)).filter((name) => name.endsWith(".pth"))).toEqual([]);
  });

  test("keeps what was put on top of the layer, which may be a part of a namespace", async () => {
    const trees = await store.trees({ name: "g-auth", version: "1", files: { "g/auth.py": "" } });
    mkdirSync(join(prefix, SITE, "g"));
    writeFileSync(join(prefix, SITE, "g/mine.py"), "");
    await store.applyThin(prefix, [], trees);
    expect(await store.python(prefix, "import g.auth, g.mine; print('both')")).toBe("both");
    await store.applyThin(prefix, trees, []);
    expect(lstatSync(join(prefix, SITE, "g/mine.py")).isFile()).toBe(true);
  });

  test("has private trees as its own files, which the layer's come after", async () => {
    const { op, install } = store;
    const packages = [store.lock(tool("9"))];
    const folder = join(rig.root, "private");
    const mine = await buildPrivateTrees({ folder, packages, target: TARGET, install, op });
    const shared = await store.trees(other);
    await store.applyThin(prefix, [], [...shared, ...mine]);
    expect(await store.output(prefix, "tool")).toBe("9");
    expect(await store.python(prefix, "import other; print('fine')")).toBe("fine");
    await store.applyThin(prefix, [...shared, ...mine], shared);
    expect(await store.python(prefix, "import tool")).toContain("ModuleNotFoundError");
  });
});

describe("a layer", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  test("is sealed, made of the trees' own files, and made once", async () => {
    const trees = await store.trees(tool("1"), other);
    const layer = await ensureLayer(store.paths, trees, { op: store.op });
    expect(await ensureLayer(store.paths, [...trees].reverse(), { op: store.op })).toEqual(layer);
    const file = `${SITE}/tool/__init__.py`;
    expect(inode(layer.root, file)).toBe(inode(trees[0]!.root, file));
    for (const folder of ["", "etc", `${SITE}/tool`])
      expect(statSync(join(layer.root, folder)).mode & 0o777).toBe(0o555);
    expect(storeUsage(store.paths)).toMatchObject({ trees: 2, layers: 1 });
  });

  test("tells which of several packages a shared path comes from", async () => {
    const claim = (name: string) => ({ name, version: "1", files: { "shared.py": `print('${name}')\n` } });
    const layer = await ensureLayer(store.paths, await store.trees(claim("b"), claim("a")), { op: store.op });
    expect(layer.conflicts).toContainEqual({ path: `${SITE}/shared.py`, winner: "b", losers: ["a"] });
    expect(readFileSync(join(layer.root, SITE, "shared.py"), "utf8")).toBe("print('b')\n");
  });

  test("is made anew once a tree of it was, and at the same place when it is gone", async () => {
    const trees = await store.trees(tool("1"), other);
    const layer = await ensureLayer(store.paths, trees, { op: store.op });
    const anew = await store.renew(trees[0]!, tool("1"));
    const again = await ensureLayer(store.paths, [anew, trees[1]!], { op: store.op });
    const file = `${SITE}/tool/__init__.py`;
    expect([again.root, inode(again.root, file)]).toEqual([layer.root, inode(anew.root, file)]);
    rmSync(layer.root, { recursive: true });
    expect(openLayer(store.paths, layer.key)).toBeUndefined();
    await ensureLayer(store.paths, [anew, trees[1]!], { op: store.op });
    expect(inode(layer.root, file)).toBe(inode(anew.root, file));
  });
});
