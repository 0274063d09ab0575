import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type OperationEvent, openSkerry } from "../../src/index.ts";
import { git } from "../git/repository.ts";
import { Shop } from "./shop.ts";

test("the library gives a worktree its environment, tells of it, and removes it with the worktree", async () => {
  await using shop = await Shop.make();
  mkdirSync(join(shop.main, "ansible"));
  shop.write(shop.main, {
    "ansible/site.yml": "- hosts: localhost\n",
    ".gitignore": ".env\n.env.local\n__pycache__/\n",
    ".worktreeinclude": ".env.local\n",
    ".env.local": "SECRET=1\n",
    "skerry.toml": '[worktree_values]\nPORT = "{port:8000}"\n',
  });
  shop.commit(shop.main);
  const feature = shop.add("feature");
  const { env } = shop;
  await using skerry = await openSkerry({ cwd: feature, env });
  const { worktrees } = skerry;
  expect(await worktrees.here()).toMatchObject({ kind: "linked", root: feature });
  expect(await worktrees.status()).toMatchObject({ isWorktree: true, environment: null, isolated: false });
  // Nothing is known yet, and nothing is made then.
  expect(await worktrees.init({ known: true }).catch((error) => error.code)).toBe("SKE-WORKTREE-UNKNOWN");
  expect(existsSync(join(feature, ".venv"))).toBe(false);
  const told = new Set<string>();
  const onEvent = ({ kind }: OperationEvent) => void told.add(kind);
  expect(await worktrees.init({ entry: "p3.py", onEvent })).toMatchObject({
    done: "created",
    carried: { copied: [".env.local"] },
    entry: { changed: true },
  });
  expect([...told]).toEqual(["progress", "environment.created"]);
  expect(await Bun.file(join(feature, ".env")).text()).toContain("PORT=8001");
  const report = await worktrees.verify();
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(report).toMatchObject({ isolated: true, outOfDate: false, environment: { name: "shop-feature" } });
  expect(await worktrees.init()).toMatchObject({ done: "nothing" });
  const pyproject = await Bun.file(join(feature, "pyproject.toml")).text();
  shop.write(feature, { "pyproject.toml": pyproject.replace('"gamma"', '"gamma", "beta"') });
  expect((await worktrees.status()).outOfDate).toBe(true);
  expect(await worktrees.init()).toMatchObject({ done: "synced" });
  expect(await worktrees.globalSetup()).toMatchObject({
    infrastructure: { ansible_playbooks: [join(shop.main, "ansible/site.yml")] },
  });
  expect(await worktrees.gitHook()).toMatchObject({ changed: true });
  expect((await worktrees.list()).map(({ root, environment }) => [root, environment?.name])).toEqual([
    [shop.main, undefined],
    [feature, "shop-feature"],
  ]);
  const there = join(shop.rig.cwd, "there");
  git(shop.main, "worktree", "move", feature, there);
  expect((await worktrees.prune()).moved).toMatchObject([{ name: "shop-feature", root: there }]);
  rmSync(there, { recursive: true });
  expect((await worktrees.prune()).removed).toMatchObject([{ name: "shop-feature" }]);
  expect(await skerry.list()).toEqual([]);
});

test("the library says where there is no worktree to work in", async () => {
  await using shop = await Shop.make();
  await using skerry = await openSkerry({ cwd: shop.rig.tmp, env: shop.env });
  const at = (cwd: string) => skerry.worktrees.at(cwd).here();
  await expect(at(shop.rig.tmp)).rejects.toThrow("is in no git worktree");
  await expect(at(join(shop.main, ".git"))).rejects.toThrow("is no worktree to work in");
});
