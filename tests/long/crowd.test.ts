import { describe, expect, test } from "bun:test";
import { operation } from "../../src/core/operation.ts";
import { statePaths } from "../../src/platform/paths.ts";
import { acquireSlot } from "../../src/platform/slots.ts";
import { setUp } from "../environments/setup.ts";
import { until } from "../platform/support.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";

describe("many processes at once", () => {
  test("50 that run the same new requirement install it once, and all succeed", async () => {
    await using at = await setUp();
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url };
    const command = [
      "run",
      "--python",
      newestPython().path,
      "--with",
      "alpha",
      "--",
      "python",
      "-c",
      "import alpha; print(alpha.VERSION)",
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => at.rig.skerry(command, { env, timeout: 120_000 })),
    );
    expect(outcomes.map(({ exitCode, stdout }) => `${exitCode} ${stdout}`)).toEqual(outcomes.map(() => "0 2.0\n"));
    const events = await at.skerry.events.list();
    expect(events.filter((one) => one.kind === "layer.built")).toHaveLength(1);
    expect(events.filter((one) => one.kind === "environment.created")).toHaveLength(1);
    expect(await at.skerry.list({ cached: true })).toHaveLength(1);
    expect(at.index.requests.filter((path) => path.endsWith(".whl")).length).toBeLessThan(10);
  }, 180_000);

  test("the first ones of a user, who has no state yet, all make it", async () => {
    await using rig = await Rig.make();
    for (let round = 0; round < 5; round++) {
      const args = ["ls", "--home", `${rig.root}/state-${round}`];
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => rig.skerry(args)));
      const failed = outcomes.filter(({ exitCode }) => exitCode !== 0);
      expect(failed.map(({ stderr }) => stderr)).toEqual([]);
    }
  }, 60_000);

  test("50 that create at once, two at a time: all succeed", async () => {
    await using at = await setUp();
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url, SKERRY_MAX_CONCURRENT_CREATES: "2" };
    const all = Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        at.rig.skerry(["create", `e${n}`, "--python", newestPython().path, "--with", "gamma"], {
          env,
          timeout: 150_000,
        }),
      ),
    );
    let most = 0;
    let isDone = false;
    void all.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      most = Math.max(most, (await at.skerry.list()).filter((one) => one.status === "creating").length);
      await Bun.sleep(5);
    }
    const outcomes = await all;
    expect(outcomes.map((one) => one.exitCode)).toEqual(Array(50).fill(0));
    expect(await at.skerry.list()).toHaveLength(50);
    expect(most).toBeLessThanOrEqual(2);
  }, 180_000);

  test("who waits for a place to create is told for whom", async () => {
    await using at = await setUp();
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url, SKERRY_MAX_CONCURRENT_CREATES: "1" };
    const args = ["create", "patient", "--python", newestPython().path, "--with", "gamma"];
    const place = await acquireSlot(statePaths(at.rig.home), "create", 1, { timeoutMs: 1000, op: operation() });
    const waiting = at.rig.start([SKERRY, ...args], { env });
    const told = `waiting for process ${process.pid} (`;
    for (let n = 0; n < 600 && !waiting.stderr.includes(told); n++) await Bun.sleep(50);
    place[Symbol.dispose]();
    expect(waiting.stderr).toContain(told);
    expect(await waiting.exit).toMatchObject({ exitCode: 0 });
  }, 60_000);

  test("20 that create the same name: one does, the others are told", async () => {
    await using at = await setUp();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => at.rig.skerry(["create", "same", "--engine", "basic"])),
    );
    expect(outcomes.filter((one) => one.exitCode === 0)).toHaveLength(1);
    for (const { exitCode, stderr } of outcomes.filter((one) => one.exitCode !== 0)) {
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/this name/);
    }
    expect((await at.skerry.list()).map((one) => one.name)).toEqual(["same"]);
    expect((await at.skerry.doctor()).findings.filter((one) => /folder|environment/.test(one.subject))).toEqual([]);
  }, 60_000);

  test("changes of one environment wait for each other, and readers for none", async () => {
    await using at = await setUp();
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url };
    await at.skerry.create({ name: "shared", keep: true, python: newestPython().path });
    const changes = ["alpha", "beta", "gamma"].map((name) =>
      at.rig.skerry(["install", "shared", name], { env, timeout: 60_000 }),
    );
    const reads = Array.from({ length: 10 }, () => at.rig.skerry(["exec", "shared", "--", "python", "-c", ""]));
    expect((await Promise.all([...changes, ...reads])).map((one) => one.exitCode)).toEqual(Array(13).fill(0));
    const shared = await at.skerry.open("shared");
    expect((await shared.packages.list()).map((one) => one.name)).toEqual(["alpha", "beta", "gamma"]);
  }, 120_000);

  test("who waits too long for a change is told who makes it", async () => {
    // The index never answers, so that the holder goes on holding as long as it is asked about, on any machine.
    await using at = await setUp({ delayMs: 600_000 });
    const env = { PIP_INDEX_URL: at.index.url, UV_DEFAULT_INDEX: at.index.url };
    await at.skerry.create({ name: "slow", keep: true, python: newestPython().path });
    const holder = at.rig.start([SKERRY, "install", "slow", "nothing-there"], { env });
    await until(() => at.index.requests.some((path) => path.includes("nothing-there")), 60_000);
    const { exitCode, stderr } = await at.rig.skerry(["install", "slow", "alpha"], {
      env: { ...env, SKERRY_LOCK_TIMEOUT: "500ms" },
    });
    holder.kill("SIGINT");
    expect((await holder.exit).exitCode).toBe(130);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringContaining(`process ${holder.pid} (skerry install slow) has held it`),
    });
  }, 120_000);
});
