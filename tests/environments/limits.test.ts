import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../src/environments/context.ts";
import { checkRoom } from "../../src/environments/lifecycle/room.ts";
import { ensureState, statePaths } from "../../src/platform/paths.ts";
import { Rig } from "../rig/rig.ts";
import { setUp } from "./setup.ts";

describe("more than a limit allows is refused, and nothing changes:", () => {
  test("another environment than max_environments has room for", async () => {
    await using at = await setUp();
    const skerry = await at.again({ flags: { max_environments: 2 } });
    const create = (name: string) => skerry.create({ name, engine: "basic", keep: true });
    await (await create("pinned")).pin();
    await create("unused");
    expect(create("third")).rejects.toMatchObject({
      code: "SKE-LIMIT",
      hint: expect.stringContaining("skerry rm unused"),
    });
    await skerry.cached({});
    expect((await skerry.list()).map((one) => one.name)).toEqual(["pinned", "unused"]);
    await skerry.destroy("unused");
    await create("third");
  });

  test("packages larger than max_env_size, in a new environment and in one that is there", async () => {
    await using at = await setUp();
    const skerry = await at.again({ flags: { max_env_size: "1KiB" } });
    const create = (name: string, requirements: string[]) => skerry.create({ name, requirements, keep: true });
    // The first time their size is known once they are unpacked, the second time before.
    for (let time = 0; time < 2; time++)
      expect(await create("large", ["alpha"]).catch((error) => error)).toMatchObject({ code: "SKE-LIMIT" });
    expect(readdirSync(join(at.rig.home, "envs"))).toEqual([]);
    const empty = await create("empty", []);
    expect(await empty.packages.install(["alpha"]).catch((error) => error)).toMatchObject({ code: "SKE-LIMIT" });
    expect(await empty.packages.list()).toEqual([]);
    expect((await skerry.doctor()).findings.filter((one) => /folder|environment/.test(one.subject))).toEqual([]);
  });
});

describe("room on the disk", () => {
  test("is asked for before anything is written, with numbers", async () => {
    await using rig = await Rig.make();
    const paths = statePaths(rig.home);
    ensureState(paths);
    const check = (archives: number) =>
      checkRoom(
        { paths } as Context,
        { name: "big", mode: "full", link: "auto" },
        { stored: 0, archives, isStored: false },
      );
    expect(() => check(1 << 10)).not.toThrow();
    expect(() => check(2 ** 50)).toThrow(
      expect.objectContaining({
        code: "SKE-IO",
        message: expect.stringMatching(/needs about 5120\.0 TiB, and [\d.]+ \w+ are free/),
        hint: expect.stringContaining("--home"),
      }),
    );
  });
});
