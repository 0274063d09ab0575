import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { newestPython } from "../rig/rig.ts";
import { Shop } from "../worktrees/shop.ts";
import { type Shell, Typist } from "./typist.ts";

/** A worktree of a name, wherever shells and git would take it apart. */
async function worktree(shop: Shop, name: string, branch: string): Promise<string> {
  const folder = join(shop.rig.cwd, name);
  git(shop.main, "worktree", "add", "-q", "-b", branch, folder);
  await shop.json(folder, ["init"]);
  return folder;
}

/** How each shell is told something. */
const SAYS = {
  bash: { set: (name: string, value: string) => `export ${name}='${value}'`, status: "$?", fail: "(exit 7)" },
  zsh: { set: (name: string, value: string) => `export ${name}='${value}'`, status: "$?", fail: "(exit 7)" },
  fish: {
    set: (name: string, value: string) => `set -gx ${name} '${value}'`,
    status: "$status",
    fail: "sh -c 'exit 7'",
  },
} as const;

/** What makes each shell as unforgiving as it gets, before it reads the hook. */
const STRICT = {
  bash: "set -euo pipefail; shopt -s failglob nocasematch; IFS=/",
  zsh: "setopt err_exit nounset ksh_arrays sh_word_split ignore_braces csh_null_glob rc_quotes; IFS=/",
  fish: "true",
} as const;

for (const shell of ["bash", "zsh", "fish"] as const satisfies readonly Shell[]) {
  describe.skipIf(!Bun.which(shell) && !process.env.CI)(`in ${shell} the hook`, () => {
    const says = SAYS[shell];

    test("takes no name of a folder apart", async () => {
      await using shop = await Shop.make();
      const names = [`-q'"$(touch x)\`touch y\`*? \\\\n&|(){}~!$HOME`, "caf\u00e9", "cafe\u0301"];
      const folders: string[] = [];
      for (const [n, name] of names.entries()) folders.push(await worktree(shop, name, `b${n}`));
      const broken = shop.add("line\nbreak");
      using typist = await Typist.start(shop, shell, {
        cwd: shop.rig.cwd,
        env: { ONE: folders[0]!, TWO: folders[1]!, THREE: folders[2]!, BROKEN: broken },
      });
      const path = await typist.text("PATH");
      for (const [n, name] of ["ONE", "TWO", "THREE"].entries()) {
        await typist.does(`cd "$${name}"`);
        expect(await typist.text("VIRTUAL_ENV")).toBe(`${folders[n]}/.venv`);
        // Once more, that what the hook compares at a prompt is what it has set.
        expect(await typist.does("true")).not.toContain("skerry:");
      }
      const found = await typist.does("python p3.py");
      expect(found.replaceAll("\r\n", "")).toContain(`${folders[2]}/src/shop 2.0`);
      await typist.does('cd "$BROKEN"');
      expect(await typist.text("VIRTUAL_ENV")).toBe("");
      expect((await typist.text("PATH")).replaceAll(" ", ":")).toBe(path.replaceAll(" ", ":"));
      await typist.exit();
      const all = [shop.rig.cwd, ...folders, broken].flatMap((folder) => readdirSync(folder));
      expect(all.filter((name) => name === "x" || name === "y")).toEqual([]);
    });

    test("runs nothing that variables of its runtime name, and leaves those alone", async () => {
      await using shop = await Shop.make();
      const one = await worktree(shop, "one", "one");
      const ran = join(shop.rig.root, "ran");
      shop.write(shop.rig.tmp, { "evil.ts": `require("node:fs").writeFileSync(${JSON.stringify(ran)}, "")\n` });
      const env = { BUN_OPTIONS: `--preload=${shop.rig.tmp}/evil.ts`, BUN_BE_BUN: "1" };
      using typist = await Typist.start(shop, shell, { cwd: shop.rig.cwd });
      for (const [name, value] of Object.entries(env)) await typist.does(says.set(name, value));
      await typist.does(`cd ${one}`);
      expect(await typist.text("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      for (const [name, value] of Object.entries(env)) expect(await typist.text(name)).toBe(value);
      await typist.exit();
      expect(existsSync(ran)).toBe(false);
    });

    test("works in a shell that forgives nothing, also when Skerry itself is gone", async () => {
      await using shop = await Shop.make();
      const one = await worktree(shop, "one", "one");
      using typist = await Typist.start(shop, shell, { cwd: shop.rig.cwd, before: STRICT[shell] });
      await typist.does(`cd ${one}`);
      expect(await typist.text("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      expect(await typist.does("cd src")).not.toMatch(/unbound|not set|no match|skerry:/);
      // The state folder is no state any more, so that every answer fails.
      await typist.does(says.set("SKERRY_HOME", "/dev/null"));
      expect(await typist.does(`cd /; cd ${shop.main}`)).not.toMatch(/unbound|not set/);
      expect(await typist.does('echo "a""live"')).toContain("alive");
      expect(await typist.exit()).toBe(0);
    });

    test("keeps the status for what else is run at a prompt", async () => {
      await using shop = await Shop.make();
      const one = await worktree(shop, "one", "one");
      const other = join(shop.rig.tmp, "seen");
      const before = {
        bash: `told() { echo "$?" >>${other}; }; PROMPT_COMMAND=(told "echo second >/dev/null")`,
        zsh: `told() { echo "$?" >>${other}; }; precmd_functions=(told)`,
        fish: `function told --on-event fish_prompt; echo $status >>${other}; end`,
      }[shell];
      using typist = await Typist.start(shop, shell, { cwd: one, before });
      const later = {
        bash: `later() { echo "$?" >>${other}-later; }; PROMPT_COMMAND+=(later)`,
        zsh: `later() { echo "$?" >>${other}-later; }; precmd_functions+=(later)`,
        fish: `function later --on-event fish_prompt; echo $status >>${other}-later; end`,
      }[shell];
      await typist.does(later);
      expect(await typist.text("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      await typist.does(`cd /; ${says.fail}`);
      await typist.does(`cd ${one}; ${says.fail}`);
      for (const file of [other, `${other}-later`]) {
        const seen = (await Bun.file(file).text()).split("\n");
        expect({ file, seen: seen.filter((status) => status === "7").length }).toEqual({ file, seen: 2 });
      }
      await typist.exit();
    });

    test("doesn't wait or ask again and again in a folder that is gone", async () => {
      await using shop = await Shop.make();
      const one = await worktree(shop, "one", "one");
      mkdirSync(join(one, "deep/er"), { recursive: true });
      using typist = await Typist.start(shop, shell, { cwd: join(one, "deep/er") });
      rmSync(join(one, "deep"), { recursive: true });
      const begin = Date.now();
      for (const _ of [1, 2]) await typist.does("true");
      expect(await typist.does('echo "a""live"')).toContain("alive");
      expect(Date.now() - begin).toBeLessThan(10_000);
      await typist.does("cd /");
      expect(await typist.text("VIRTUAL_ENV")).toBe("");
      await typist.does(`cd ${one}`);
      expect(await typist.text("VIRTUAL_ENV")).toBe(`${one}/.venv`);
      await typist.exit();
    });

    test("strips what deactivate brings back of a sibling", async () => {
      await using shop = await Shop.make();
      const [one, two] = [await worktree(shop, "one", "one"), await worktree(shop, "two", "two")];
      const byHand = join(shop.rig.root, "by-hand");
      await shop.rig.run([newestPython().path, "-m", "venv", "--without-pip", byHand]);
      using typist = await Typist.start(shop, shell, { cwd: one });
      await typist.does(
        `${shell === "fish" ? "source" : "."} ${byHand}/bin/activate${shell === "fish" ? ".fish" : ""}`,
      );
      expect(await typist.text("VIRTUAL_ENV")).toBe(byHand);
      await typist.does(`cd ${two}`);
      expect(await typist.text("VIRTUAL_ENV")).toBe(byHand);
      await typist.does("deactivate");
      expect(await typist.text("VIRTUAL_ENV")).toBe(`${two}/.venv`);
      const path = await typist.value("PATH");
      expect(path).toContain(`${two}/.venv/bin`);
      expect(path).not.toContain(one);
      await typist.exit();
    });

    test("notices a file that became older, one that went, one that came, and stamps that are lost", async () => {
      await using shop = await Shop.make();
      const one = await worktree(shop, "one", "one");
      const settled = new Date(Date.now() - 60_000);
      for (const name of ["pyproject.toml", ".venv/skerry.json"]) utimesSync(join(one, name), settled, settled);
      using typist = await Typist.start(shop, shell, { cwd: one, env: { SKERRY_AUTO_SYNC: "never" } });
      const log = join(shop.rig.tmp, "asked");
      // Every answer of the hook is one of these to the shell.
      const real = { bash: "eval", zsh: "eval", fish: "source" }[shell];
      await typist.does(
        shell === "fish"
          ? `functions -c __skerry_hook __skerry_was; function env; echo asked >>${log}; command env $argv; end`
          : `${real}() { echo asked >>${log}; builtin ${real} "$@"; }`,
      );
      const asked = async (change: () => void) => {
        rmSync(log, { force: true });
        change();
        await typist.does("true");
        await typist.does("true");
        return existsSync(log);
      };
      // What was changed just now is looked at until it has settled.
      expect(await asked(() => {})).toBe(false);
      const older = new Date(settled.getTime() - 1000);
      expect(await asked(() => utimesSync(join(one, "pyproject.toml"), older, older))).toBe(true);
      expect(await asked(() => {})).toBe(false);
      expect(await asked(() => renameSync(join(one, "pyproject.toml"), join(one, "away")))).toBe(true);
      expect(await asked(() => {})).toBe(false);
      expect(await asked(() => renameSync(join(one, "away"), join(one, "pyproject.toml")))).toBe(true);
      expect(await asked(() => {})).toBe(false);
      const envs = join(shop.rig.home, "envs");
      const stamps = readdirSync(envs).map((id) => join(envs, id, "run/hook"));
      expect(
        await asked(() => {
          for (const folder of stamps) rmSync(folder, { recursive: true, force: true });
        }),
      ).toBe(true);
      await typist.exit();
    });
  });
}
