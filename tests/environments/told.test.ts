import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { OperationEvent } from "../../src/index.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { setUp } from "./setup.ts";

/** `kept` for what the event log keeps. */
const kindsOf = (events: readonly OperationEvent[]) =>
  events.map((one) => ("seq" in one ? `kept ${one.kind}` : one.kind));

describe("onEvent", () => {
  test("of a library hears progress, and the very facts that the event log keeps", async () => {
    await using at = await setUp();
    const heard: OperationEvent[] = [];
    const skerry = await at.again({ onEvent: (event) => void heard.push(event) });
    await using env = await skerry.create({ mode: "thin", requirements: ["alpha==1.0"] });
    await env.packages.install(["gamma"]);
    await env.run(["true"]);
    await env.destroy();
    const kinds = kindsOf(heard);
    expect(kinds[0]).toBe("progress");
    expect(kinds.filter((kind) => kind !== "progress")).toEqual([
      "kept layer.built",
      "kept environment.created",
      "kept layer.built",
      "kept packages.changed",
      "kept process.started",
      "kept process.exited",
      "kept environment.destroyed",
    ]);
    expect(heard.flatMap((event) => ("seq" in event ? [event] : []))).toEqual(await skerry.events.list());
  });

  test("of an operation hears of that alone, and the library's of the others", async () => {
    await using at = await setUp();
    const [all, own]: OperationEvent[][] = [[], []];
    const skerry = await at.again({ onEvent: (event) => void all!.push(event) });
    await using env = await skerry.create({ engine: "basic", onEvent: (event) => void own!.push(event) });
    const asked = skerry.create({ requirements: ["nowhere"], onEvent: (event) => void own!.push(event) });
    await expect(asked).rejects.toThrow();
    await env.destroy({ onEvent: (event) => void own!.push(event) });
    await skerry.gc();
    expect(kindsOf(own!).filter((kind) => kind !== "progress")).toEqual([
      "kept environment.created",
      "kept operation.failed",
      "kept environment.destroyed",
    ]);
    expect(kindsOf(all!).filter((kind) => !/store/.test(kind))).toEqual([]);
  });

  test("hears a warning of what can't be cleaned up on the way", async () => {
    await using at = await setUp();
    const heard: OperationEvent[] = [];
    const skerry = await at.again({ onEvent: (event) => void heard.push(event) });
    await skerry.create({ name: "stays", engine: "basic", keep: true, ttlMs: 60_000 });
    const ledger = new Ledger(join(at.rig.home, "state.db"));
    ledger.db.run("UPDATE environments SET created_at = created_at - ?", 61_000);
    ledger.close();
    using _ = skerry.hooks.add({ on: "before-destroy", identity: "no@1", ask: () => ({ refuse: "not today" }) });
    await skerry.doctor({ fix: true });
    expect(heard.filter(({ kind }) => kind === "warning")).toEqual([
      { kind: "warning", text: expect.stringContaining("not today"), hint: undefined },
    ]);
    expect(await skerry.list()).toHaveLength(1);
  });

  test("hears once what is strange about the configuration; without it the process warns", async () => {
    await using at = await setUp();
    const env = { ...at.rig.env, SKERRY_NO_SUCH_KEY: "1" };
    const heard: OperationEvent[] = [];
    const skerry = await at.again({ env, onEvent: (event) => void heard.push(event) });
    await skerry.config.load();
    await skerry.config.safe();
    expect(heard).toEqual([{ kind: "warning", text: expect.stringContaining("SKERRY_NO_SUCH_KEY") }]);
    const warning = new Promise<Error>((resolve) => process.once("warning", resolve));
    await (await at.again({ env })).config.load();
    expect((await warning).message).toContain("SKERRY_NO_SUCH_KEY");
  });
});
