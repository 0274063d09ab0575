import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { SKERRY } from "../rig/rig.ts";
import { Shop } from "../worktrees/shop.ts";
import { SHELLS, Typist } from "./typist.ts";

for (const shell of ["bash", "zsh", "fish"] as const) {
  describe.skipIf(!Bun.which(shell) && !process.env.CI)(`the hook of ${shell}`, () => {
    test("enters and leaves environments with the checkout, and restores what was", async () => {
      await using shop = await Shop.make();
      const [one, two] = [shop.add("one"), shop.add("two worktree ü")];
      for (const folder of [one, two]) await shop.json(folder, ["init"]);
      using typist = await Typist.start(shop, shell, { cwd: shop.rig.cwd, env: { PYTHONHOME: "" } });
      const path = await typist.value("PATH");
      expect(await typist.value("VIRTUAL_ENV")).toBe("-");
      expect(await typist.does(`cd ${one}`)).toContain("skerry: entered shop-one");
      expect(await typist.value("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      expect(await typist.value("PATH")).toBe(`${one}/.venv/bin:${path}`);
      expect(await typist.does("python p3.py typed")).toContain(`${one}/src/shop 2.0 typed`);
      expect(await typist.does("cd src")).not.toContain("skerry:");
      expect(await typist.value("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      expect(await typist.does(`cd '${two}'`)).toContain("skerry: entered shop-two");
      expect(await typist.value("PATH")).toBe(`${two}/.venv/bin:${path}`);
      expect(await typist.does("cd /")).toContain("skerry: left shop-two");
      for (const name of ["VIRTUAL_ENV", "SKERRY_ENV", "SKERRY_HOOK"]) expect(await typist.value(name)).toBe("-");
      expect(await typist.value("PATH")).toBe(path);
      expect(await typist.exit()).toBe(0);
    });

    test("keeps a status, and doesn't end a strict shell", async () => {
      await using shop = await Shop.make();
      const one = shop.add("one");
      await shop.json(one, ["init"]);
      using typist = await Typist.start(shop, shell, { cwd: one });
      const status = shell === "fish" ? "$status" : "$?";
      expect(await typist.does(shell === "fish" ? "false" : "(exit 7)")).not.toContain("error");
      await typist.does(SHELLS[shell].strict);
      await typist.does(shell === "fish" ? "not true" : "! true");
      expect(await typist.does(`cd /; cd ${one}`)).not.toContain("unbound");
      expect(await typist.does(`echo "alive ${status}"`)).toMatch(/alive \d/);
      expect(await typist.value("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      expect(await typist.exit()).toBe(0);
    });

    test("asks once about a worktree without an environment, and leaves the other one whatever is answered", async () => {
      await using shop = await Shop.make();
      await shop.json(shop.main, ["init"]);
      const bare = shop.add("bare");
      using typist = await Typist.start(shop, shell, { cwd: shop.main });
      expect(await typist.value("VIRTUAL_ENV")).toBe(`${shop.main}/.venv`);
      // What stops the question, and a command that was typed before it, are no answers: it is asked again.
      const told = "warning: bare has no environment yet";
      for (const [answer, then] of [["\x03", told], ["echo typed ahead\n", told], ["n\n"]] as const) {
        await typist.isAsked(`cd ${bare}`, answer, then);
        expect(await typist.value("VIRTUAL_ENV")).toBe("-");
        await typist.does(`cd ${shop.main}`);
        expect(await typist.value("VIRTUAL_ENV")).toBe(`${shop.main}/.venv`);
      }
      expect(await typist.does(`cd ${bare}`)).not.toContain("[y/N]");
      expect(await typist.exit()).toBe(0);
    });

    test("starts no process while nothing changes, and notices a changed file", async () => {
      await using shop = await Shop.make();
      const one = shop.add("one");
      await shop.json(one, ["init"]);
      mkdirSync(join(one, "deep"));
      symlinkSync(one, join(shop.rig.cwd, "link"));
      const log = join(shop.rig.tmp, "trace");
      const trace = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", log] as const;
      const argv = [...trace, ...SHELLS[shell].argv] as unknown as [string, ...string[]];
      const program = shop.rig.start(argv, {
        tty: true,
        cwd: one,
        env: { ...shop.env, SKERRY, PS1: "$ ", TERM: "dumb" },
      });
      const type = async (line: string, wanted: RegExp) => {
        program.type(`${line}\n`);
        await program.until(wanted);
      };
      await type(SHELLS[shell].hook, /entered shop-one/);
      await type('echo "first""mark"', /firstmark/);
      const asked = async () =>
        (await Bun.file(log).text()).split("\n").filter((line) => line.includes('"__hook"')).length;
      const before = await asked();
      expect(before).toBeGreaterThan(0);
      await type(`true; cd deep`, /./);
      await type(`cd ${shop.rig.cwd}/link/src`, /./);
      await type(`cd ${one}`, /./);
      await type('echo "second""mark"', /secondmark/);
      const started = (await Bun.file(log).text())
        .slice((await Bun.file(log).text()).lastIndexOf("__hook"))
        .split("\n");
      expect(started.slice(1).filter((line) => line.includes("execve("))).toEqual([]);
      expect(await asked()).toBe(before);
      shop.write(one, {
        "pyproject.toml": (await Bun.file(join(one, "pyproject.toml")).text()).replace('"gamma"', '"gamma", "beta"'),
      });
      await type("true", /Bring it up to date now/);
      program.type("n\n");
      await type('echo "third""mark"', /thirdmark/);
      program.type("exit 0\n");
      await program.exit;
    });
  });
}
