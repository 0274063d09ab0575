import { describe, expect, test } from "bun:test";
import type { HookName, RecordedEvent, SkerryError } from "../../src/index.ts";
import { MARK, markedFiles, marksIn } from "../rig/marked.ts";
import { setUp } from "./setup.ts";

describe("hooks", () => {
  test("change what is asked for", async () => {
    await using at = await setUp();
    using _ = at.skerry.hooks.add({
      on: "before-create",
      identity: "adds-gamma@1",
      ask: ({ spec }) => ({ change: { spec: { ...spec, packages: { ...spec.packages, requirements: ["gamma"] } } } }),
    });
    using _start = at.skerry.hooks.add({
      on: "before-start",
      identity: "sets-mode@1",
      ask: ({ environment, command }) => ({
        change: { environment, command: { ...command, env: { ...command.env, MODE: "test" } } },
      }),
    });
    await using env = await at.skerry.create();
    expect((await env.run(["python", "-c", "import gamma, os; print(os.environ['MODE'])"])).stdout).toBe("test\n");
  });

  for (const on of ["before-create", "before-install", "before-start", "before-destroy"] as const) {
    test(`refuse ${on}, with the reason`, async () => {
      await using at = await setUp();
      const env = await at.skerry.create({
        name: "there",
        engine: on === "before-install" ? "virtualenv" : "basic",
        keep: true,
      });
      const hook = at.skerry.hooks.add({
        on,
        identity: "guard@1",
        ask: () => ({ refuse: "not on a Friday", hint: "come back on Monday" }),
      });
      const attempt = {
        "before-create": () => at.skerry.create({ engine: "basic" }),
        "before-install": () => env.packages.install(["gamma"]),
        "before-start": () => env.run(["true"]),
        "before-destroy": () => env.destroy(),
      }[on];
      expect(attempt()).rejects.toMatchObject({
        code: "SKE-HOOK-REFUSED",
        message: expect.stringContaining("guard@1 refused"),
        hint: "come back on Monday",
      });
      expect(await at.skerry.list()).toHaveLength(1);
      hook[Symbol.dispose]();
      await env.destroy();
    });
  }

  test("that change what a step through the history brings refuse it, for a state is taken as it was", async () => {
    await using at = await setUp();
    await using env = await at.skerry.create({ requirements: ["alpha==1.0"] });
    await env.packages.install(["gamma"]);
    const hook = at.skerry.hooks.add({
      on: "before-install",
      identity: "adds@1",
      ask: ({ environment, add, remove }) => ({
        change: { environment, add: { ...add, requirements: [...add.requirements, "alpha==2.0"] }, remove },
      }),
    });
    await expect(env.packages.undo()).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
    expect((await env.packages.list()).map(({ name }) => name)).toContain("gamma");
    hook[Symbol.dispose]();
    await env.packages.undo();
    expect((await env.packages.list()).map(({ name }) => name)).not.toContain("gamma");
  });

  test("that throw refuse, and are named", async () => {
    await using at = await setUp();
    at.skerry.hooks.add({
      on: "before-create",
      identity: "faulty@1",
      ask: () => {
        throw new Error("oops");
      },
    });
    expect(at.skerry.create({ engine: "basic" })).rejects.toMatchObject({
      code: "SKE-HOOK-REFUSED",
      message: expect.stringMatching(/faulty@1.*oops/),
    });
  });

  test("that fail or refuse with a password in what they say tell and leave none", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "there", keep: true });
    const address = `https://me:${MARK}@host.org/x?a=1&key=${MARK}`;
    const answers = [
      () => ({ refuse: `no ${address}`, hint: `ask ${address}` }),
      () => {
        throw new Error(`no answer of ${address}`, { cause: new Error(address) });
      },
    ];
    for (const on of ["before-create", "before-install", "before-start", "before-destroy"] as const) {
      for (const ask of answers) {
        using _ = at.skerry.hooks.add({ on, identity: "guard@1", ask });
        const attempt = {
          "before-create": () => at.skerry.create({ engine: "basic" }),
          "before-install": () => env.packages.install(["gamma"]),
          "before-start": () => env.run(["true"]),
          "before-destroy": () => env.destroy(),
        }[on];
        const error = await attempt().then(
          () => undefined,
          (thrown: SkerryError) => thrown,
        );
        expect(error).toMatchObject({ code: "SKE-HOOK-REFUSED" });
        const told = JSON.stringify([error, error?.message, error?.hint, await at.skerry.events.list()]);
        expect({ on, marks: marksIn(told) }).toEqual({ on, marks: [] });
      }
    }
    expect(markedFiles(at.rig.root)).toEqual([]);
    await env.destroy();
  });

  const CHANGES: [HookName, unknown, string][] = [
    ["before-create", { spec: { mode: "fat" } }, "spec."],
    ["before-create", {}, "spec"],
    ["before-create", undefined, "the request"],
    ["before-install", { environment: null, add: { requirements: "gamma" }, remove: [] }, "add.requirements"],
    ["before-start", { command: { argv: [] } }, "command.argv"],
    ["before-start", { command: { argv: ["true"], env: { "a b": "" } } }, "command.env.a b"],
  ];
  test.each(CHANGES)("that change %s to %j are named, and nothing is done", async (on, change, where) => {
    await using at = await setUp();
    await using env = await at.skerry.create({ engine: "basic" });
    using _ = at.skerry.hooks.add({ on, identity: "faulty@1", ask: () => ({ change: change as never }) });
    const attempt = on === "before-start" ? env.run(["true"]) : at.skerry.create({ requirements: ["gamma"] });
    await expect(attempt).rejects.toMatchObject({
      code: "SKE-HOOK-REFUSED",
      message: expect.stringContaining(`faulty@1 changed ${where}`),
      hint: "mend the hook, or take it away",
    });
    expect(await at.skerry.list()).toHaveLength(1);
  });

  test("see what those before them changed, in the order they were added", async () => {
    await using at = await setUp();
    for (const letter of ["a", "b", "c"]) {
      at.skerry.hooks.add({
        on: "before-start",
        identity: letter,
        ask: ({ environment, command }) => ({
          change: { environment, command: { ...command, argv: [...command.argv, letter] } },
        }),
      });
    }
    await using env = await at.skerry.create({ engine: "basic" });
    expect((await env.run(["echo"])).stdout).toBe("a b c\n");
  });
});

test("a hook for packages is asked about all that come in, however they do", async () => {
  await using at = await setUp();
  const asked: unknown[] = [];
  using _ = at.skerry.hooks.add({
    on: "before-install",
    identity: "no-alpha@1",
    ask({ environment, add, remove }) {
      asked.push([environment?.name, add.requirements]);
      if (add.requirements.includes("alpha")) return { refuse: "alpha is not allowed" };
      return { change: { environment: null, add: { ...add, requirements: ["gamma"] }, remove } };
    },
  });
  for (const attempt of [
    () => at.skerry.create({ requirements: ["alpha"] }),
    () => at.skerry.cached({ requirements: ["alpha"] }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: "SKE-HOOK-REFUSED" });
  await using env = await at.skerry.create({ name: "there", requirements: ["beta"] });
  expect((await env.packages.list()).map((one) => one.name)).toEqual(["gamma"]);
  await env.packages.install(["beta"]);
  await at.skerry.cached({ requirements: ["beta"] });
  await using _none = await at.skerry.create();
  expect(asked).toEqual([
    [undefined, ["alpha"]],
    [undefined, ["alpha"]],
    [undefined, ["beta"]],
    ["there", ["beta"]],
    [undefined, ["beta"]],
  ]);
});

describe("events", () => {
  test("tell what happened, to listeners and in the ledger alike", async () => {
    await using at = await setUp();
    const heard: RecordedEvent[] = [];
    using _ = at.skerry.events.on((event) => void heard.push(event));
    {
      await using env = await at.skerry.create({ name: "told", requirements: ["alpha==1.0"] });
      await env.packages.install(["alpha==2.0"]);
      expect(await env.packages.install(["alpha==2.0"])).toEqual({ added: [], removed: [], changed: [] });
      await env.run(["sh", "-c", "exit 3"]);
    }
    const kinds = heard.filter((event) => event.environment?.name === "told").map((event) => event.kind);
    expect(kinds).toEqual([
      "environment.created",
      "packages.changed",
      "process.started",
      "process.exited",
      "environment.destroyed",
    ]);
    expect(await (await at.again()).events.list()).toEqual(heard);
    expect(heard.find((event) => event.kind === "process.exited")?.data).toMatchObject({
      exitCode: 3,
      timedOut: false,
    });
    for (const event of heard) expect(Math.abs(Date.now() - event.time)).toBeLessThan(60_000);
  });

  test("tell failures, with their code", async () => {
    await using at = await setUp();
    await expect(at.skerry.create({ requirements: ["no-such-package"] })).rejects.toThrow();
    await using env = await at.skerry.create({ name: "there" });
    await expect(env.packages.install(["no-such-package"])).rejects.toThrow();
    await expect(env.run(["no-such-program"])).rejects.toThrow();
    const refuses = at.skerry.hooks.add({ on: "before-destroy", identity: "no@1", ask: () => ({ refuse: "no" }) });
    await expect(env.destroy()).rejects.toThrow();
    refuses[Symbol.dispose]();
    const told = (await at.skerry.events.list()).filter((event) => event.kind === "operation.failed");
    expect(told.map((event) => [event.data, event.environment?.name])).toEqual([
      [
        { operation: "create", code: "SKE-PKG-NOT-FOUND", message: expect.stringContaining("no-such-package") },
        undefined,
      ],
      [
        { operation: "install", code: "SKE-PKG-NOT-FOUND", message: expect.stringContaining("no-such-package") },
        "there",
      ],
      [
        { operation: "start", code: "SKE-COMMAND-NOT-FOUND", message: expect.stringContaining("no-such-program") },
        "there",
      ],
      [{ operation: "destroy", code: "SKE-HOOK-REFUSED", message: expect.stringContaining("no@1") }, "there"],
    ]);
  });

  test("a listener that throws doesn't stop anything", async () => {
    await using at = await setUp();
    at.skerry.events.on(() => {
      throw new Error("a listener's own fault");
    });
    await using env = await at.skerry.create({ engine: "basic" });
    expect((await env.run(["true"])).exitCode).toBe(0);
  });

  test("of other processes can be followed", async () => {
    await using at = await setUp();
    const other = await at.again();
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const event of at.skerry.events.follow({ signal: stop.signal })) {
        seen.push(event.kind);
        if (event.kind === "environment.destroyed") stop.abort();
      }
    })();
    await Bun.sleep(50);
    {
      await using _ = await other.create({ engine: "basic" });
    }
    await following;
    expect(seen).toEqual(["environment.created", "environment.destroyed"]);
  });
});
