import { afterEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { CAN_MOUNT } from "../rig/mounts.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

const mounted = new Set<string>();
// A test that ran out of time must not leave a mount behind.
afterEach(() => {
  for (const folder of mounted) execFileSync("umount", ["-l", folder]);
  mounted.clear();
});

let fillers = 0;

/** Fills the disk that a folder is on. */
function fill(folder: string): void {
  const fd = openSync(join(folder, `filler-${++fillers}`), "w");
  try {
    for (const size of [1 << 20, 4096]) {
      try {
        for (;;) writeSync(fd, Buffer.alloc(size));
      } catch {
        // The disk is full: that was the point.
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** Takes back what {@link fill} did. */
function empty(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith("filler-")) rmSync(join(folder, name));
}

/** Much larger than its wheel lets expect, so that what is looked at before an installation doesn't refuse it. */
const PART = `DATA = '${"0".repeat(4 * 1024 * 1024)}'
`;
const PARTS = Object.fromEntries(["big", "a", "b", "c", "d", "e"].map((name) => [`${name}.py`, PART]));

const WHEELS = [
  buildWheel({ name: "big", version: "1.0", requires: ["small"], files: PARTS }),
  buildWheel({ name: "small", version: "1.0" }),
];

describe("a disk that is full", () => {
  test.skipIf(!CAN_MOUNT)(
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

  test.skipIf(!CAN_MOUNT)("to the last byte keeps nobody from what exists, as long as the reserve lasts", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: [buildWheel({ name: "small", version: "1.0" })] });
    const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
    const skerry = (...args: string[]) => rig.skerry(args, { env });
    mkdirSync(rig.home);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", rig.home]);
    mounted.add(rig.home);
    try {
      const run = ["run", "--with", "small", "--", "python", "-c", "import small"];
      for (const name of ["web", "old"])
        expect(await skerry("create", name, "--python", newestPython().path)).toMatchObject({ exitCode: 0 });
      expect(await skerry(...run)).toMatchObject({ exitCode: 0 });
      const reserve = join(rig.home, "reserve");
      const whole = statSync(reserve).size;
      for (const args of [
        ["exec", "web", "--", "python", "-c", ""],
        run,
        ["ls"],
        ["show", "web"],
        ["check", "web"],
        ["doctor"],
        ["pin", "web"],
        ["rm", "old"],
        ["gc", "--all", "--yes"],
        ["exec", "web", "--", "true"],
      ]) {
        // Whoever filled the disk takes all room that becomes free.
        fill(rig.home);
        expect({ args, ...(await skerry(...args)) }).toMatchObject({ args, exitCode: 0 });
      }
      expect(statSync(reserve).size).toBeLessThan(whole);
      empty(rig.home);
      expect(await skerry("ls")).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining("old") });
      expect(statSync(reserve).size).toBe(whole);
    } finally {
      execFileSync("umount", ["-l", rig.home]);
      mounted.delete(rig.home);
    }
  });

  test.skipIf(!CAN_MOUNT)("to the last byte is told as such, and a little room is enough to go on", async () => {
    await using rig = await Rig.make();
    mkdirSync(rig.home);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", rig.home]);
    mounted.add(rig.home);
    try {
      expect(await rig.skerry(["create", "web", "--python", newestPython().path])).toMatchObject({ exitCode: 0 });
      rmSync(join(rig.home, "reserve"));
      fill(rig.home);
      const full = { exitCode: 1, stderr: expect.stringMatching(/^error: .*state\.db[\s\S]*hint: the disk is full/) };
      expect(await rig.skerry(["ls"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("web") });
      expect(await rig.skerry(["pin", "web"])).toMatchObject(full);
      empty(rig.home);
      writeFileSync(join(rig.home, "filler-0"), Buffer.alloc(24 * 1024 * 1024));
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
