import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Shop } from "../worktrees/shop.ts";

const SHOW = `["python", "-c", "import sys, importlib.util as u; print(sys.prefix, *[n for n in ('alpha', 'gamma') if u.find_spec(n)])"]`;
const TOML = `[tasks]
own = ${SHOW}
none = { command = ["sh", "-c", 'echo "\${SKERRY_ENV:-none}"'], environment = false }
named = { command = ${SHOW}, environment = "tools" }
made = { command = ${SHOW}, environment = { requirements = ["gamma"] } }
gone = { command = "true", environment = "tolls" }
shared = { command = ${SHOW}, shared = true }
`;

test("a task runs in the worktree's environment, a named one, one of its own, or none", async () => {
  await using shop = await Shop.make();
  shop.write(shop.main, { "skerry.toml": TOML });
  shop.commit(shop.main);
  const feature = shop.add("feature");
  const skerry = (cwd: string, ...args: string[]) => shop.rig.skerry(args, { cwd, env: shop.env });
  await skerry(feature, "trust", "--yes");
  const task = async (name: string, cwd = feature) => {
    const { exitCode, stdout, stderr } = await skerry(cwd, "task", name);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trimEnd().split(" ");
  };

  // Without one of its own, it is the one behind run, which knows nothing of the project's packages.
  const [before = "", ...packages] = await task("own");
  expect(before.startsWith(join(shop.rig.home, "envs"))).toBe(true);
  expect(packages).toEqual([]);
  await shop.json(feature, ["init"]);
  expect(await task("own")).toEqual([join(feature, ".venv"), "alpha", "gamma"]);
  // From the main checkout, it is another.
  expect((await task("own", shop.main))[0]).toBe(before);

  expect(await task("none")).toEqual(["none"]);
  await skerry(feature, "create", "tools", "--with", "alpha");
  expect((await task("named")).slice(1)).toEqual(["alpha"]);
  expect((await task("named", shop.main)).slice(1)).toEqual(["alpha"]);

  const made = await task("made");
  expect(made.slice(1)).toEqual(["gamma"]);
  expect(await task("made", shop.main)).toEqual(made);
  expect(existsSync(join(shop.main, ".venv"))).toBe(false);

  expect((await task("shared"))[0]).toBe(before);
  await shop.json(shop.main, ["init"]);
  expect((await task("shared"))[0]).toBe(join(shop.main, ".venv"));

  const { exitCode, stderr } = await skerry(feature, "task", "gone");
  expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringContaining("did you mean tools?") });
}, 60_000);
