import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OperationEvent, openSkerry } from "../../src/index.ts";
import { Rig } from "../rig/rig.ts";

const TOML = `[tasks.first]
command = "printf 1 >> log"
shell = true
environment = false

[tasks.build]
command = "cat a.txt > out.txt"
shell = true
environment = false
inputs = ["a.txt"]
outputs = ["out.txt"]
depends-on = ["first"]

[tasks.python]
command = ["python", "-c", "import sys; print('said', sys.argv[1:])"]

[tasks.bad]
command = "exit 7"
shell = true
environment = false

[tasks.all]
depends-on = ["build", "bad"]
`;
const PIXI =
  '[tasks]\nhello = { cmd = "echo hello", cwd = ".", env = { A = "1" } }\nboth = { depends-on = ["hello"] }\n[feature.x.tasks]\nown = "true"\n';

test("the library lists tasks, plans and runs them, and skips what is unchanged", async () => {
  await using rig = await Rig.make();
  rig.write("skerry.toml", TOML);
  rig.write("pixi.toml", PIXI);
  rig.write("pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n[project.scripts]\nshop = "shop:main"\n');
  rig.write("a.txt", "a");
  const at = { cwd: rig.cwd, env: rig.env };
  await using skerry = await openSkerry(at);
  const { tasks } = skerry;
  const names = (await tasks.list()).map(({ name, source }) => `${name} ${source}`);
  expect(names).toEqual([
    ...["first", "build", "python", "bad", "all"].map((name) => `${name} project`),
    ...["hello", "both", "own"].map((name) => `${name} pixi`),
    "shop scripts",
  ]);
  expect((await tasks.plan("all")).map(({ name }) => name)).toEqual(["first", "build", "bad", "all"]);
  expect(await tasks.run("build").catch((error) => error.code)).toBe("SKE-CONFIG-UNTRUSTED");

  expect((await rig.skerry(["trust", "--yes"])).exitCode).toBe(0);
  await using trusted = await openSkerry(at);
  const { tasks: again } = trusted;
  const run = async (name: string, options = {}) =>
    (await again.run(name, { capture: true, ...options })).map((one) => `${one.name} ${one.outcome}`);
  expect(await run("build")).toEqual(["first succeeded", "build succeeded"]);
  expect(await run("build")).toEqual(["first succeeded", "build unchanged"]);
  expect(await run("build", { force: true })).toEqual(["first succeeded", "build succeeded"]);
  rig.write("a.txt", "b");
  expect(await run("build")).toEqual(["first succeeded", "build succeeded"]);
  expect(readFileSync(join(rig.cwd, "log"), "utf8")).toBe("1111");
  expect(await run("python", { args: ["x y"] })).toEqual(["python succeeded"]);
  expect(await run("all")).toContain("bad failed");
  const told: OperationEvent[] = [];
  await again.run("python", { onEvent: (event) => void told.push(event) });
  const kinds = told.map(({ kind }) => kind).filter((kind) => kind !== "progress");
  expect(kinds.sort()).toEqual(["process.exited", "process.started", "task.ended", "task.started"]);
  expect(await again.run("nope").catch((error) => error.code)).toBe("SKE-TASK-NOT-FOUND");
});
