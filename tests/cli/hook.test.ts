import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Program, SKERRY } from "../rig/rig.ts";
import { Shop } from "../worktrees/shop.ts";

/** Each shell: how it is started without anybody's settings, how it reads the hook, and how it is made strict. */
const SHELLS = {
  bash: { argv: ["bash", "--norc", "--noprofile", "-i"], hook: 'eval "$("$SKERRY" hook bash)"', strict: "set -eu" },
  zsh: { argv: ["zsh", "-f", "-i"], hook: 'eval "$("$SKERRY" hook zsh)"', strict: "setopt nounset ksh_arrays" },
  fish: {
    argv: ["fish", "--no-config", "-i", "-C", "function fish_prompt; echo '$ '; end"],
    hook: '"$SKERRY" hook fish | source',
    strict: "true",
  },
} as const;
type Shell = keyof typeof SHELLS;

/** A shell on a terminal that is typed to. */
class Typist {
  readonly #program: Program;
  readonly #shell: Shell;
  #count = 0;

  private constructor(program: Program, shell: Shell) {
    this.#program = program;
    this.#shell = shell;
  }

  static async start(
    shop: Shop,
    shell: Shell,
    options: { cwd: string; env?: Record<string, string>; argv?: readonly string[] },
  ): Promise<Typist> {
    const argv = [...SHELLS[shell].argv, ...(options.argv ?? [])] as [string, ...string[]];
    const env = { ...shop.env, SKERRY, PS1: "$ ", TERM: "dumb", ...options.env };
    const typist = new Typist(shop.rig.start(argv, { tty: true, cwd: options.cwd, env }), shell);
    await typist.does(SHELLS[shell].hook);
    return typist;
  }

  /** Types a line. @returns what appeared until the next prompt but one, so that the hook has been at work */
  async does(line: string): Promise<string> {
    const n = ++this.#count;
    const begin = this.#program.stdout.length;
    // The marks are put together by the shell, so that what is typed doesn't look like them.
    this.#program.type(`${line}\n`);
    this.#program.type(`echo "<""${n}"">"\n`);
    await this.#program.until(new RegExp(`<${n}>`));
    return this.#program.stdout.slice(begin);
  }

  /** The value of a variable, "-" when it isn't set. */
  async value(name: string): Promise<string> {
    const n = this.#count;
    const text =
      this.#shell === "fish"
        ? `set -q ${name}; and echo "={"(string join : $${name})"}=$n"; or echo "=""{-}=$n"`
        : `echo "={\${${name}--}}=$n"`;
    const shown = await this.does(text.replaceAll("$n", String(n)));
    return new RegExp(`=\\{([^}$]*)\\}=${n}`).exec(shown.replaceAll("\r\n", ""))?.[1] ?? `? ${shown}`;
  }

  async exit(): Promise<number> {
    this.#program.type("exit 0\n");
    return (await this.#program.exit).exitCode;
  }
}

for (const shell of ["bash", "zsh", "fish"] as const) {
  describe.skipIf(!Bun.which(shell) && !process.env.CI)(`the hook of ${shell}`, () => {
    test("enters and leaves environments with the checkout, and restores what was", async () => {
      await using shop = await Shop.make();
      const [one, two] = [shop.add("one"), shop.add("two worktree ü")];
      for (const folder of [one, two]) await shop.json(folder, ["init"]);
      const typist = await Typist.start(shop, shell, { cwd: shop.rig.cwd, env: { PYTHONHOME: "" } });
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
      const typist = await Typist.start(shop, shell, { cwd: one });
      const status = shell === "fish" ? "$status" : "$?";
      expect(await typist.does(shell === "fish" ? "false" : "(exit 7)")).not.toContain("error");
      await typist.does(SHELLS[shell].strict);
      await typist.does(shell === "fish" ? "not true" : "! true");
      expect(await typist.does(`cd /; cd ${one}`)).not.toContain("unbound");
      expect(await typist.does(`echo "alive ${status}"`)).toMatch(/alive \d/);
      expect(await typist.value("VIRTUAL_ENV")).toBe(`${one}/.venv`);
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
