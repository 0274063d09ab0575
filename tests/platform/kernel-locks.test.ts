import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockHolders } from "../../src/platform/kernel-locks.ts";
import { CAN_MOUNT } from "../rig/mounts.ts";
import { cleanUp, program, temporaryFolder } from "./support.ts";

const mounted: string[] = [];
afterEach(async () => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["-l", folder]);
  await cleanUp();
});

/** A process that holds a database until it is killed. */
async function holder(file: string) {
  const child = Bun.spawn([process.execPath, program("hold-database"), file], { stdout: "pipe" });
  await child.stdout.getReader().read();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

test("who holds a file is told, as long as it lives", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  {
    await using one = await holder(file);
    expect(lockHolders([file])).toMatchObject([{ pid: one.pid, mode: "exclusive" }]);
  }
  expect(lockHolders([file])).toEqual([]);
});

test.skipIf(!CAN_MOUNT)("who holds a file of the same inode on another disk isn't taken for who holds it", async () => {
  const root = temporaryFolder();
  const [here = "", there = ""] = ["here", "there"].map((name) => {
    const folder = join(root, name);
    mkdirSync(folder);
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder]);
    mounted.push(folder);
    writeFileSync(join(folder, "file"), "");
    return join(folder, "file");
  });
  expect(statSync(here).ino).toBe(statSync(there).ino);
  await using other = await holder(there);
  expect(lockHolders([here])).toEqual([]);
  expect(lockHolders([here, there])).toMatchObject([{ pid: other.pid }]);
  await using own = await holder(here);
  expect(lockHolders([here])).toMatchObject([{ pid: own.pid }]);
});
