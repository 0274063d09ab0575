import { expect, test } from "bun:test";
import { type CreateOptions, openSkerry } from "../../src/index.ts";
import { remoteEngine } from "../engines/remote/engine.ts";
import { FakeDaemon } from "../engines/remote/fake-daemon.ts";
import { Rig } from "../rig/rig.ts";

async function setUp() {
  const stack = new AsyncDisposableStack();
  const daemon = stack.use(await FakeDaemon.start());
  const rig = stack.use(await Rig.make());
  const { env, home, cwd } = rig;
  const skerry = stack.use(await openSkerry({ env, home, cwd, engines: { remote: remoteEngine(daemon.socket) } }));
  return { skerry, daemon, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("rules that an engine can't hold an environment to are refused by name, and nothing is made", async () => {
  await using here = await setUp();
  const { skerry, daemon } = here;
  const refused: [CreateOptions, string][] = [
    [{ engine: "basic", limits: { memory: 1 << 30 } }, "limits"],
    [{ engine: "virtualenv", limits: { cpus: 0.5 } }, "limits"],
    [{ engine: "virtualenv", network: "none" }, "network"],
    [{ engine: "virtualenv", network: { allow: [{ host: "example.org", ports: [443] }] } }, "network"],
    [{ engine: "basic", security: "strict" }, "security"],
    [{ engine: "basic", ports: [{ name: "web" }] }, "ports"],
    [{ engine: "remote", network: "loopback" }, "network"],
  ];
  for (const [options, word] of refused) {
    const error = await skerry.create(options).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: "SKE-FACET-ABSENT", message: expect.stringContaining(word) });
  }
  const wrong: [CreateOptions, string][] = [
    [{ engine: "remote", limits: { memory: -1 } }, "limits.memory"],
    [{ engine: "remote", ports: [{ name: "Web Server" }] }, "ports.0.name"],
    [{ engine: "remote", ports: [{ name: "web", port: 70_000 }] }, "ports.0.port"],
    [{ engine: "basic", network: "some" as "none" }, "network"],
    [{ engine: "remote", options: { zone: "middle" } }, "options.zone"],
    [{ engine: "basic", options: { zone: "near" } }, "options"],
  ];
  for (const [options, path] of wrong) {
    const error = await skerry.create(options).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: "SKE-USAGE", message: expect.stringContaining(path) });
  }
  expect(await skerry.list()).toEqual([]);
  expect(daemon.environments).toEqual([]);
}, 30_000);

test("rules that ask for nothing are held by every engine; those that are held are kept, and clones carry them", async () => {
  await using here = await setUp();
  const { skerry } = here;
  await using plain = await skerry.create({
    engine: "basic",
    network: "full",
    security: "open",
    limits: {},
    ports: [],
  });
  expect(plain.record.spec.network).toBe("full");
  const rules = {
    limits: { memory: 1 << 28, pids: 50 },
    ports: [{ name: "web", port: 8080 }],
    options: { zone: "far" },
  };
  await using held = await skerry.create({ engine: "remote", ...rules });
  await using again = await skerry.open(held.id);
  await using copy = await held.clone();
  for (const one of [held, again, copy]) expect(one.record.spec).toMatchObject(rules);
}, 30_000);
