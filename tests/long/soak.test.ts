import { describe, expect, test } from "bun:test";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ledger } from "../../src/ledger/ledger.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { setUp } from "../environments/setup.ts";
import { endure } from "../rig/endure.ts";
import { newestPython } from "../rig/rig.ts";

test("environments that come and go leave nothing", async () => {
  await using at = await setUp();
  const asked = { python: newestPython().path, requirements: ["alpha"] };
  const turn = async (n: number) => {
    const environment = await at.skerry.create({ ...asked, mode: n % 5 === 0 ? "full" : "thin" });
    if (n % 10 === 0) await environment.run(["python", "-c", "import alpha"]);
    await environment.destroy();
  };
  expect(await endure(at.skerry, { turns: 150, every: 50, turn })).toEqual([]);
}, 60_000);

describe("what is left is found:", () => {
  /** What three turns leave that came after three others, with what undoes all six. */
  async function leftBy(turn: (home: string, n: number) => () => unknown): Promise<string> {
    await using at = await setUp({});
    const undo: (() => unknown)[] = [];
    const left = await endure(at.skerry, {
      turns: 6,
      every: 3,
      turn: async (n) => void undo.push(turn(at.skerry.home, n)),
    });
    for (const one of undo) await one();
    return left.join("\n");
  }

  test("files", async () => {
    const left = await leftBy((home, n) => {
      const file = join(home, "tmp", `left-${n}`);
      writeFileSync(file, "");
      return () => rmSync(file);
    });
    expect(left).toMatch(/^3 more files, such as (tmp\/left-[456](, )?){3}, after 6 turns$/);
  });

  test("rows", async () => {
    const left = await leftBy((home, n) => {
      const ledger = new Ledger(statePaths(home).db);
      ledger.cache.put("left", `${n}`, true);
      ledger.close();
      return () => {};
    });
    expect(left).toBe("3 more rows in state.db cache, after 6 turns");
  });

  test.skipIf(process.platform !== "linux")("descriptors", async () => {
    const left = await leftBy(() => {
      const fd = openSync("/dev/null", "r");
      return () => closeSync(fd);
    });
    expect(left).toBe("3 more open descriptors, such as /dev/null, /dev/null, /dev/null, after 6 turns");
  });

  test.skipIf(process.platform !== "linux")("processes", async () => {
    const left = await leftBy((home) => {
      const child = Bun.spawn(["sleep", "60"], {
        env: { ...process.env, LEFT: home },
        stdio: ["ignore", "ignore", "ignore"],
      });
      return async () => {
        child.kill();
        await child.exited;
      };
    });
    expect(left).toContain("3 more processes, such as sleep 60, sleep 60, sleep 60, after 6 turns");
  });

  test("memory", async () => {
    const kept: Buffer[] = [];
    const left = await leftBy(() => {
      kept.push(Buffer.alloc(16 * 2 ** 20, 1));
      return () => kept.pop();
    });
    expect(left).toMatch(/^\d+ MiB more of memory, after 6 turns$/);
  });
});
