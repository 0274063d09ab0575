import { expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { Shop } from "./shop.ts";

/** Every file below a folder, relative to it. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

test("all can be kept inside of the repository, and a full .venv works on without Skerry", async () => {
  await using shop = await Shop.make();
  const { SKERRY_HOME: _, ...env } = shop.env;
  const run = (args: readonly string[]) =>
    shop.rig.run([join(import.meta.dirname, "../../dist/skerry"), ...args], {
      cwd: shop.main,
      env: { ...env, SKERRY_HOME: "" },
    });
  shop.write(shop.main, { "skerry.toml": 'home = ".skerry"\n' });
  shop.commit(shop.main);
  // It redirects where everything goes: not before the user says so.
  expect((await run(["worktree", "init"])).exitCode).toBe(5);
  expect((await run(["trust", "--yes"])).exitCode).toBe(0);
  expect(await run(["worktree", "init", "--entry", "p3.py"])).toMatchObject({ exitCode: 0 });
  shop.commit(shop.main);
  expect([git(shop.main, "status", "--porcelain"), git(shop.main, "ls-files", ".skerry", ".venv")]).toEqual(["", ""]);
  expect(readdirSync(join(shop.main, ".skerry/envs")).length).toBe(1);
  // Outside there is the record of trust, which no project may lead elsewhere, with its reserve, and nothing else.
  const outside = filesBelow(join(shop.rig.user, ".local/share/skerry")).filter(
    (path) => !/^(state\.db|locks\/|reserve$|\.gitignore$)/.test(path),
  );
  expect(outside).toEqual([]);
  rmSync(join(shop.main, ".skerry"), { recursive: true });
  const { stdout } = await shop.run(shop.main, [".venv/bin/python", "p3.py", "x"]);
  expect(stdout).toBe(`${shop.main}/src/shop 2.0 x\n`);
  expect((await shop.run(shop.main, ["python3", "_skerry_entry.py", "verify"])).exitCode).toBe(0);
});
