import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setUp } from "./setup.ts";

describe("the library, used otherwise than it should be", () => {
  test("create, clone, install, repair and destroy with a signal that is aborted already change nothing", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "web", keep: true });
    const signal = AbortSignal.abort();
    const stopped = { code: "SKE-INTERRUPTED" };
    await expect(at.skerry.create({ name: "other", keep: true, signal })).rejects.toMatchObject(stopped);
    await expect(env.clone({ name: "other", signal })).rejects.toMatchObject(stopped);
    await expect(env.packages.install({ requirements: ["gamma"], signal })).rejects.toMatchObject(stopped);
    await expect(env.repair({ signal })).rejects.toMatchObject(stopped);
    await expect(env.destroy({ signal })).rejects.toMatchObject(stopped);
    expect((await at.skerry.list()).map(({ name }) => name)).toEqual(["web"]);
    expect(readdirSync(join(at.rig.home, "envs"))).toHaveLength(1);
    expect((await env.check()).healthy).toBe(true);
  });

  test("run: a command that is ended by its signal says so, one that ends by itself with 130 doesn't", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "web", keep: true });
    const signal = AbortSignal.timeout(1500);
    const ended = await env.run(["python", "-c", "import time; time.sleep(60)"], { signal });
    expect(ended).toMatchObject({ aborted: true, timedOut: false });
    const itself = await env.run(["python", "-c", "raise SystemExit(130)"]);
    expect(itself).toMatchObject({ exitCode: 130, aborted: false });
    const late = await env.run(["python", "-c", "import time; time.sleep(60)"], { timeoutMs: 500 });
    expect(late).toMatchObject({ exitCode: 124, aborted: false, timedOut: true });
  });

  test("run: in an environment that was removed says that it is gone", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "web", keep: true });
    await env.destroy();
    await expect(env.run(["python", "-V"])).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
    await expect(env.packages.install(["gamma"])).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
    await expect(env.clone({ name: "other" })).rejects.toMatchObject({ code: "SKE-ENV-NOT-FOUND" });
    expect(await env.destroy()).toBe(false);
  });

  test("run: what isn't a list of texts is refused, and starts nothing", async () => {
    await using at = await setUp();
    const env = await at.skerry.create({ name: "web", keep: true });
    const wrong: unknown[] = ["python -V", ["python", 3], [], [""], undefined, { 0: "python" }, ["python", "a\0b"]];
    for (const argv of wrong)
      await expect(env.run(argv as string[])).rejects.toMatchObject({
        code: "SKE-USAGE",
        message: expect.stringContaining("to run in web"),
      });
  });

  test("whatever is asked for after it was closed is refused with one kind of error", async () => {
    await using at = await setUp();
    const other = await at.again();
    const env = await other.create({ name: "web", keep: true });
    await other[Symbol.asyncDispose]();
    const closed = { code: "SKE-USAGE", message: expect.stringContaining("closed") };
    await expect(env.run(["python", "-V"])).rejects.toMatchObject(closed);
    await expect(other.create({ name: "new" })).rejects.toMatchObject(closed);
    await expect(env.destroy()).rejects.toMatchObject(closed);
    await expect(other.list()).rejects.toMatchObject(closed);
  });
});
