import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Typist } from "../cli/typist.ts";
import { git } from "../git/repository.ts";
import { SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

/** A worktree with an environment, and a branch `evil` of somebody else's that tracks files inside of its `.venv`. */
async function visited(): Promise<{ shop: Shop; feature: string; ran: string; precious: string } & AsyncDisposable> {
  const shop = await Shop.make();
  const feature = shop.add("feature");
  const [ran, precious] = [join(shop.rig.root, "ran"), join(shop.rig.root, "precious")];
  writeFileSync(precious, "mine\n");
  await shop.json(feature, ["init"]);
  const clone = join(shop.rig.cwd, "clone");
  git(shop.rig.cwd, "clone", "-q", shop.main, clone);
  mkdirSync(join(clone, ".venv/bin"), { recursive: true });
  for (const name of ["ls", "python", "pytest"])
    writeFileSync(join(clone, ".venv/bin", name), `#!/bin/sh\necho ${name} >>${ran}\n`, { mode: 0o755 });
  symlinkSync(precious, join(clone, ".venv/bin/activate"));
  git(clone, "add", "-Af");
  git(clone, "commit", "-qm", "evil");
  git(clone, "push", "-q", shop.main, "HEAD:refs/heads/evil");
  return { shop, feature, ran, precious, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
}

const WHY = "isn't used: git tracks .venv/bin/";

describe("an environment that a branch brings files into", () => {
  test("is refused with that reason, runs nothing and loses nothing, until git tracks none of them", async () => {
    await using at = await visited();
    const { shop, feature, ran, precious } = at;
    const skerry = (...args: string[]) => shop.rig.skerry(args, { cwd: feature, env: shop.env });
    shop.write(feature, { "skerry.toml": '[tasks]\nlook = "true"\n' });
    expect(await skerry("trust", "--yes")).toMatchObject({ exitCode: 0 });
    git(feature, "checkout", "-q", "evil");
    for (const args of [
      ["worktree", "init"],
      ["worktree", "init", "--force"],
      ["worktree", "init", "--known"],
      ["sync", "."],
      ["sync", "shop-feature"],
      ["repair", "."],
      ["repair", "shop-feature"],
      ["install", "shop-feature", "beta"],
      ["clone", "shop-feature", "other"],
      ["exec", ".", "--", "ls"],
      ["task", "look"],
    ]) {
      const { exitCode, stderr } = await skerry(...args);
      const refused = /exec|task/.test(args[0]!) ? 125 : 5;
      expect({ args, exitCode, stderr }).toEqual({ args, exitCode: refused, stderr: expect.stringContaining(WHY) });
    }
    expect(await shop.faults(feature)).toEqual([
      `environment: ${feature}/.venv ${WHY}activate in ${feature}, and a branch may bring what would run there`,
    ]);
    expect((await shop.worktree(feature, ["status"])).exitCode).toBe(0);
    const entered = await shop.run(feature, [SKERRY, "__hook", "bash", "more"], { SKERRY_AUTO_SYNC: "always" });
    expect(entered.stdout).not.toContain("VIRTUAL_ENV=");
    expect(entered.stderr).toContain(WHY);
    expect(existsSync(ran)).toBe(false);
    expect(readFileSync(precious, "utf8")).toBe("mine\n");
    // By its name it is started whatever is in it: the user said so.
    expect((await skerry("exec", "shop-feature", "--", "pytest")).exitCode).toBe(0);
    expect(readFileSync(ran, "utf8")).toBe("pytest\n");
    // What the hint says.
    expect(entered.stderr).toContain(`git -C ${feature} rm -r --cached .venv takes it out`);
    git(feature, "rm", "-rq", "--cached", ".venv");
    expect(await shop.json(feature, ["init", "--force"])).toMatchObject({ done: "created" });
    expect(await shop.faults(feature)).toEqual([]);
    expect(readFileSync(precious, "utf8")).toBe("mine\n");
  }, 60_000);

  test("is left by the shell hook at the prompt behind the checkout, and entered again behind the next", async () => {
    await using at = await visited();
    const { shop, feature, ran } = at;
    const base = git(feature, "branch", "--show-current");
    using typist = await Typist.start(shop, "bash", { cwd: feature });
    expect(await typist.text("VIRTUAL_ENV")).toBe(`${feature}/.venv`);
    expect(await typist.does("git checkout -q evil")).toContain("git tracks .venv/bin/");
    expect(await typist.text("VIRTUAL_ENV")).toBe("");
    await typist.does("ls");
    expect(existsSync(ran)).toBe(false);
    // What git has replaced is gone with it.
    await typist.does(`git checkout -q ${base}`);
    await typist.does(`"$SKERRY" worktree init`);
    expect(await typist.text("VIRTUAL_ENV")).toBe(`${feature}/.venv`);
    expect(existsSync(ran)).toBe(false);
  }, 60_000);

  test("is passed over by shims, with the reason", async () => {
    await using at = await visited();
    const { shop, feature, ran } = at;
    await shop.rig.skerry(["shims", "install", "python", "pytest"]);
    const PATH = `${join(shop.rig.home, "shims")}:${shop.env.PATH}`;
    const typed = (...argv: [string, ...string[]]) => shop.run(feature, argv, { PATH });
    expect(await typed("python", "-c", "print(1)")).toMatchObject({ exitCode: 0, stdout: "1\n" });
    git(feature, "checkout", "-q", "evil");
    for (const name of ["python", "pytest"])
      expect(await typed(name)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(WHY) });
    expect(existsSync(ran)).toBe(false);
    // Not only once.
    expect((await typed("pytest")).exitCode).toBe(1);
    git(feature, "rm", "-rq", "--cached", ".venv");
    expect(await typed("pytest")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readFileSync(ran, "utf8")).toBe("pytest\n");
  });

  test("is asked about once where git has no index yet, and again when one appears, whatever its time is", async () => {
    await using shop = await Shop.make();
    const { rig } = shop;
    const bare = join(rig.cwd, "bare");
    shop.write(bare, { "pyproject.toml": '[project]\nname = "bare"\nversion = "1"\ndependencies = []\n' });
    git(bare, "init", "-q");
    await shop.json(bare, ["init"]);
    const { stdout } = await rig.skerry(["shims", "install", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ names: expect.arrayContaining(["python"]) });
    // Another program stands for Skerry's own, and counts how often it is asked.
    const [asked, counting] = [join(rig.root, "asked"), join(rig.root, "counting")];
    writeFileSync(counting, `#!/bin/sh\necho asked >>${asked}\nexec ${SKERRY} "$@"\n`, { mode: 0o755 });
    const shim = readFileSync(join(rig.home, "shims/python"), "utf8");
    const shown = shim.replace(/^(home=\S+ skerry=).*$/m, `$1${counting}`);
    expect(shown).not.toBe(shim);
    writeFileSync(join(rig.root, "python"), shown, { mode: 0o755 });
    const starts = async (shell: string, exitCode = 0) => {
      rmSync(asked, { force: true });
      const outcome = await shop.run(bare, [shell, join(rig.root, "python"), "-c", "pass"]);
      expect({ shell, ...outcome }).toMatchObject({ shell, exitCode });
      return existsSync(asked) ? readFileSync(asked, "utf8").split("\n").length - 1 : 0;
    };
    const index = join(bare, ".git/index");
    for (const shell of ["dash", "bash", "zsh"]) {
      expect([await starts(shell), await starts(shell)]).toEqual([0, 0]);
      // One that was moved there, of a time long ago.
      git(bare, "add", "pyproject.toml");
      utimesSync(index, 1, 1);
      expect([await starts(shell), await starts(shell)]).toEqual([1, 0]);
      // And it is gone again, which in some shells makes it an old one.
      rmSync(index);
      expect([await starts(shell), await starts(shell)]).toEqual([1, 0]);
    }
    // Several at once hinder each other no more than one.
    git(bare, "add", "pyproject.toml");
    await Promise.all(Array.from({ length: 6 }, () => starts("sh")));
    git(bare, "add", "-f", ".venv/pyvenv.cfg");
    for (const shell of ["dash", "bash", "zsh"]) expect(await starts(shell, 1)).toBe(1);
  });

  test("isn't made where git tracks files already", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { ".venv/bin/tool": "" });
    git(shop.main, "add", "-Af");
    const env = { env: shop.env, cwd: shop.main };
    for (const args of [
      ["worktree", "init"],
      ["worktree", "init", "--force"],
      ["create", "x", "--prefix", ".venv"],
    ])
      expect(await shop.rig.skerry(args, env)).toMatchObject({ exitCode: 5, stderr: expect.stringContaining(WHY) });
    expect(existsSync(join(shop.main, ".venv/pyvenv.cfg"))).toBe(false);
    rmSync(join(shop.main, ".venv"), { recursive: true });
    mkdirSync(join(shop.main, "deep"));
    expect((await shop.rig.skerry(["create", "y", "--prefix", "deep/.venv"], env)).exitCode).toBe(0);
  });
});
