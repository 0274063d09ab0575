import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

/**
 * A folder as an archive may leave it: the files of the victim's project with a build backend that runs something, and a
 * git folder with an index that hides this. @param claim writes what leads to the victim's repository
 */
async function unpacked(shop: Shop, claim: (folder: string) => void): Promise<{ folder: string; ran: string }> {
  const [folder, ran] = [join(shop.rig.cwd, "archive"), join(shop.rig.root, "ran")];
  git(shop.rig.cwd, "clone", "-q", shop.main, folder);
  shop.write(folder, { "backend/backend.py": `open(${JSON.stringify(ran)}, "w").close()\n` });
  git(folder, "update-index", "--assume-unchanged", "backend/backend.py");
  claim(folder);
  return { folder, ran };
}

const enter = (shop: Shop, folder: string) =>
  shop.run(folder, [SKERRY, "__hook", "bash", "more"], { SKERRY_AUTO_SYNC: "always" });

describe("an unpacked archive that claims to be of a repository of the user's", () => {
  const CLAIMS: Record<string, (shop: Shop, folder: string) => void> = {
    "by .git/commondir": (shop, folder) => {
      for (const name of ["objects", "refs", "packed-refs"])
        rmSync(join(folder, ".git", name), { recursive: true, force: true });
      writeFileSync(join(folder, ".git/commondir"), `${shop.main}/.git\n`);
    },
    "by a .git file that names its git folder": (shop, folder) => {
      rmSync(join(folder, ".git"), { recursive: true });
      writeFileSync(join(folder, ".git"), `gitdir: ${shop.main}/.git\n`);
    },
    "by the git folder of a worktree that was removed by hand": (shop, folder) => {
      const left = shop.add("left");
      git(left, "update-index", "--assume-unchanged", "backend/backend.py");
      rmSync(left, { recursive: true });
      rmSync(join(folder, ".git"), { recursive: true });
      writeFileSync(join(folder, ".git"), `gitdir: ${shop.main}/.git/worktrees/left\n`);
    },
  };

  test.each(Object.keys(CLAIMS))("runs nothing when it is entered with auto_sync=always: %s", async (how) => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const { folder, ran } = await unpacked(shop, (at) => CLAIMS[how]!(shop, at));
    const { exitCode, stdout, stderr } = await enter(shop, folder);
    expect({ ran: existsSync(ran), exitCode, stdout, stderr }).toMatchObject({ ran: false, exitCode: 0 });
    // It is known as little to the user's trust: what is trusted in the repository isn't in it.
    shop.write(shop.main, { "skerry.toml": 'python = "./python"\n' });
    shop.write(folder, { "skerry.toml": 'python = "./python"\n' });
    const skerry = (cwd: string, ...args: string[]) => shop.rig.skerry(args, { cwd, env: shop.env });
    expect(await skerry(shop.main, "trust", "--yes")).toMatchObject({ exitCode: 0 });
    expect(await skerry(folder, "create", "x")).toMatchObject({ exitCode: 5 });
  });

  test("is refused by what would write to the repository, with a reason", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const { folder } = await unpacked(shop, (at) => CLAIMS["by .git/commondir"]!(shop, at));
    for (const args of [["init"], ["init", "--git-hook"], ["global-setup"], ["status"], ["list"]]) {
      expect(await shop.worktree(folder, args)).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining("which has no such worktree"),
      });
    }
    expect(existsSync(join(shop.main, ".worktree_config.json"))).toBe(false);
    expect(existsSync(join(shop.main, ".git/hooks/post-checkout"))).toBe(false);
  });

  test("gets none of its files that git doesn't have", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { ".gitignore": "secret\ndata\n", secret: "s", "data/x": "" });
    shop.commit(shop.main);
    const { folder } = await unpacked(shop, (at) =>
      CLAIMS["by the git folder of a worktree that was removed by hand"]!(shop, at),
    );
    shop.write(folder, { ".worktreeinclude": "secret\n", "skerry.toml": 'worktree_links = ["data"]\n' });
    rmSync(join(folder, "backend"), { recursive: true });
    shop.write(folder, { "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["alpha"]\n' });
    const report = await shop.json<{ notes: string[] }>(folder, ["init"]);
    expect(report.notes).toContainEqual(expect.stringContaining("isn't where git knows it"));
    for (const name of ["secret", "data"]) expect(existsSync(join(folder, name))).toBe(false);
  });

  test("does nothing to it while it is displaced", async () => {
    await using shop = await Shop.make();
    const feature = shop.add("feature");
    const copy = join(shop.rig.cwd, "copy");
    cpSync(feature, copy, { recursive: true });
    expect(await shop.worktree(copy, ["global-setup"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("isn't where git knows it"),
    });
    expect(existsSync(join(feature, ".worktree_config.json"))).toBe(false);
    expect((await shop.worktree(copy, ["init", "--git-hook"])).exitCode).toBe(4);
    expect(existsSync(join(shop.main, ".git/hooks/post-checkout"))).toBe(false);
  });
});

test("global-setup writes into no checkout of another repository, however its git folder names it", async () => {
  await using shop = await Shop.make();
  const feature = shop.add("feature");
  const folder = join(shop.rig.cwd, "archive");
  git(shop.rig.cwd, "clone", "-q", shop.main, folder);
  for (const [name, target] of Object.entries({ x: shop.main, y: feature })) {
    const gitDir = join(folder, ".git/worktrees", name);
    mkdirSync(gitDir, { recursive: true });
    writeFileSync(join(gitDir, "gitdir"), `${target}/.git\n`);
    writeFileSync(join(gitDir, "commondir"), "../..\n");
    writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
  }
  expect(await shop.json(folder, ["global-setup"])).toMatchObject({ written: [join(folder, ".worktree_config.json")] });
  expect((await shop.worktree(folder, ["list"])).stdout).toContain("something else is there");
  git(folder, "config", "core.worktree", shop.main);
  expect(await shop.json(folder, ["global-setup"])).toMatchObject({ source: folder, written: [] });
  for (const root of [shop.main, feature]) expect(existsSync(join(root, ".worktree_config.json"))).toBe(false);
});
