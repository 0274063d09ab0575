import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeLeases } from "../../src/platform/lease.ts";
import { linkTrees, workerUrl } from "../../src/store/link-pool.ts";
import type { Tree } from "../../src/store/shapes.ts";
import { Rig } from "../rig/rig.ts";
import { SITE, StoreRig, snapshot } from "./setup.ts";

let rig: Rig;
let store: StoreRig;

/** A package of many files, half of them common to all versions. */
function wide(name: string, version: string, count: number) {
  const files: Record<string, string> = {};
  for (let n = 0; n < count; n++) {
    files[`${name}/part${n % 17}/common${n}.py`] = `x = ${n}\n`;
    files[`${name}/part${n % 17}/v${version}_${n}.py`] = `x = "${version}"\n`;
  }
  const data: Record<string, string> = {};
  for (let n = 0; n < count / 4; n++) data[`data/share/${name}/v${version}/${n}`] = version;
  return { name, version, files, data, scripts: { [name]: `${name}:main` } };
}

describe("a change", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  for (const mode of ["full", "thin"] as const) {
    test(`of a ${mode} environment, killed at any moment, is undone or finished by running it again`, async () => {
      const one = await store.trees(wide("a", "1", 150), wide("b", "1", 60));
      const two = await store.trees(wide("a", "2", 150), wide("c", "1", 60));
      const prefix = store.venv();
      const change = (from: Tree[], to: Tree[]) =>
        mode === "thin" ? store.applyThin(prefix, from, to) : store.apply(prefix, from, to);
      await change([], one);
      const first = snapshot(prefix);
      const began = performance.now();
      await change(one, two);
      const took = performance.now() - began;
      const second = snapshot(prefix);
      let interrupted = 0;
      // How long a change takes varies: kills are spread over it until enough came in the middle.
      for (let n = 0; n < 12 || (interrupted < 3 && n < 60); n++) {
        await change(two, one);
        interrupted += await killed(prefix, mode, one, two, (took * ((n % 12) + 0.5)) / 10);
        if (n % 2 === 0) {
          await change(two, one);
          expect(snapshot(prefix)).toEqual(first);
        } else {
          await change(one, two);
          expect(snapshot(prefix)).toEqual(second);
        }
        await change(one, two);
      }
      // Otherwise this has shown nothing.
      expect(interrupted).toBeGreaterThan(2);
    }, 60_000);
  }

  /** Runs a change in another process and kills it so long after it began. @returns 1 when it hadn't ended by then */
  async function killed(prefix: string, mode: string, from: Tree[], to: Tree[], afterMs: number): Promise<number> {
    const keys = { from: from.map(({ key }) => key), to: to.map(({ key }) => key) };
    const input = JSON.stringify({ home: rig.home, prefix, site: SITE, mode, ...keys });
    const program = join(import.meta.dirname, "programs/apply-change.ts");
    const child = spawn(process.execPath, [program, input], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    let output = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (data) => {
        output += data;
        resolve();
      });
      child.once("exit", () => resolve());
    });
    await sleep(afterMs);
    child.kill("SIGKILL");
    await ended;
    return output.includes("end") ? 0 : 1;
  }
});

describe("linking", () => {
  beforeEach(async () => {
    rig = await Rig.make();
    store = new StoreRig(rig);
  });
  afterEach(async () => {
    closeLeases(store.paths);
    await rig[Symbol.asyncDispose]();
  });

  test("with a second thread gives the same files as without", async () => {
    const wheels = Array.from({ length: 12 }, (_, n) => wide(`p${n}`, "1", 40));
    const trees = await store.trees(...wheels);
    const items = trees.map(({ root, manifest }) => ({ root, manifest, copy: false }));
    const seen = [];
    for (const threads of [1, 2]) {
      const prefix = store.venv(`env${threads}`);
      const stage = join(prefix, "bin");
      const options = { prefix, stage, method: "hardlink", sealed: false } as const;
      const outcome = await linkTrees(options, items, 0, threads);
      expect(outcome).toMatchObject({ damaged: [], occupied: [] });
      const files = Object.entries(snapshot(prefix)).filter(([path]) => !/^(bin\/|pyvenv)/.test(path));
      seen.push({ ...outcome, files });
    }
    expect(seen[1]).toEqual(seen[0]!);
  });

  test("finds its second thread as source, packed, and compiled", () => {
    expect(workerUrl("file:///a/src/store/link-pool.ts").href).toBe("file:///a/src/store/link-worker.ts");
    expect(workerUrl("file:///a/dist/store/link-pool.js").href).toBe("file:///a/dist/store/link-worker.js");
    expect(workerUrl("file:///$bunfs/root/chunk-x.js").href).toBe("file:///$bunfs/root/store/link-worker.js");
  });
});
