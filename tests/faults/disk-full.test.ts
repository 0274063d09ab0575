import { afterEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

const canMount = process.platform === "linux" && process.getuid?.() === 0 && tryMount();

function tryMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const mounted = new Set<string>();
// A test that ran out of time must not leave a mount behind.
afterEach(() => {
  for (const folder of mounted) execFileSync("umount", ["-l", folder]);
  mounted.clear();
});

/** Much larger than its wheel lets expect, so that what is looked at before an installation doesn't refuse it. */
const PART = `DATA = '${"0".repeat(4 * 1024 * 1024)}'
`;
const PARTS = Object.fromEntries(["big", "a", "b", "c", "d", "e"].map((name) => [`${name}.py`, PART]));

const WHEELS = [
  buildWheel({ name: "big", version: "1.0", requires: ["small"], files: PARTS }),
  buildWheel({ name: "small", version: "1.0" }),
];

describe("a disk that is full", () => {
  test.skipIf(!canMount)(
    "at any moment of a change leaves what was there, says so, and the same command works once there is room",
    async () => {
      await using rig = await Rig.make();
      await using index = await startIndex({ distributions: WHEELS });
      const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
      const skerry = (...args: string[]) => rig.skerry(args, { env });
      mkdirSync(rig.home);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", rig.home]);
      mounted.add(rig.home);
      try {
        const resize = (kib: number) => execFileSync("mount", ["-o", `remount,size=${kib}k`, rig.home]);
        const create = ["create", "web", "--python", newestPython().path, "--with", "small"];
        expect(await skerry(...create)).toMatchObject({ exitCode: 0 });
        const used = () => Number(execFileSync("df", ["--output=used", rig.home], { encoding: "utf8" }).split("\n")[1]);
        const base = used();
        const outcomes = new Set<number>();
        for (let room = 17_000; room < 200_000; room = Math.ceil(room * 1.15)) {
          resize(base + room);
          const { exitCode, stderr } = await skerry("install", "web", "big");
          outcomes.add(exitCode);
          if (exitCode !== 0) {
            expect({ room, exitCode }).toEqual({ room, exitCode: 1 });
            expect({ room, stderr }).toEqual({ room, stderr: expect.stringMatching(/space|disk|full/i) });
          }
          resize(256 * 1024);
          const { packages } = JSON.parse((await skerry("packages", "web", "--json")).stdout);
          const names = (packages as { name: string }[]).map(({ name }) => name);
          expect({ room, names }).toEqual({ room, names: exitCode === 0 ? ["big", "small"] : ["small"] });
          const works = await skerry(
            "exec",
            "web",
            "--",
            "python",
            "-c",
            names.map((name) => `import ${name}`).join(";"),
          );
          expect({ room, ...works }).toMatchObject({ room, exitCode: 0 });
          expect({ room, ...(await skerry("check", "web")) }).toMatchObject({ room, exitCode: 0 });
          if (exitCode === 0) break;
          // What an attempt put into the store is of use to the next; here each begins anew.
          expect(await skerry("gc", "--all", "--yes")).toMatchObject({ exitCode: 0 });
        }
        expect(outcomes).toEqual(new Set([1, 0]));
      } finally {
        execFileSync("umount", ["-l", rig.home]);
        mounted.delete(rig.home);
      }
    },
    120_000,
  );

  test.skipIf(!canMount)("to the last byte is told as such, and a little room is enough to go on", async () => {
    await using rig = await Rig.make();
    mkdirSync(rig.home);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", rig.home]);
    mounted.add(rig.home);
    try {
      expect(await rig.skerry(["create", "web", "--python", newestPython().path])).toMatchObject({ exitCode: 0 });
      try {
        writeFileSync(join(rig.home, "filler"), Buffer.alloc(64 * 1024 * 1024));
      } catch {
        // The disk is full: that was the point.
      }
      const full = { exitCode: 1, stderr: expect.stringMatching(/^error: .*state\.db[\s\S]*hint: the disk is full/) };
      expect(await rig.skerry(["ls"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("web") });
      expect(await rig.skerry(["pin", "web"])).toMatchObject(full);
      truncateSync(join(rig.home, "filler"), 24 * 1024 * 1024);
      expect(await rig.skerry(["ls"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("web") });
      expect(await rig.skerry(["exec", "web", "--", "true"])).toMatchObject({ exitCode: 0 });
      const failed = await rig.skerry(["create", "other", "--python", newestPython().path]);
      expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("There is no room for other") });
      expect(await rig.skerry(["rm", "web"])).toMatchObject({ exitCode: 0 });
    } finally {
      execFileSync("umount", ["-l", rig.home]);
      mounted.delete(rig.home);
    }
  });
});
