import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Program, SKERRY } from "../rig/rig.ts";
import type { Shop } from "../worktrees/shop.ts";

/** Each shell: how it is started without anybody's settings, how it reads the hook, and how it is made strict. */
export const SHELLS = {
  bash: { argv: ["bash", "--norc", "--noprofile", "-i"], hook: 'eval "$("$SKERRY" hook bash)"', strict: "set -eu" },
  zsh: { argv: ["zsh", "-f", "-i"], hook: 'eval "$("$SKERRY" hook zsh)"', strict: "setopt nounset ksh_arrays" },
  fish: {
    argv: ["fish", "--no-config", "-i", "-C", "function fish_prompt; echo '$ '; end"],
    hook: '"$SKERRY" hook fish | source',
    strict: "true",
  },
} as const;
/** A shell that there is a hook for. */
export type Shell = keyof typeof SHELLS;

/** A shell on a terminal that is typed to. */
export class Typist implements Disposable {
  readonly #program: Program;
  readonly #shell: Shell;
  readonly #tmp: string;
  #count = 0;

  private constructor(program: Program, shell: Shell, tmp: string) {
    this.#program = program;
    this.#shell = shell;
    this.#tmp = tmp;
  }

  static async start(
    shop: Pick<Shop, "rig" | "env">,
    shell: Shell,
    options: { cwd: string; env?: Record<string, string>; before?: string },
  ): Promise<Typist> {
    const argv = [...SHELLS[shell].argv] as [string, ...string[]];
    const env = { ...shop.env, SKERRY, PS1: "$ ", TERM: "dumb", ...options.env };
    const typist = new Typist(shop.rig.start(argv, { tty: true, cwd: options.cwd, env }), shell, shop.rig.tmp);
    if (options.before !== undefined) await typist.does(options.before);
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

  /**
   * Types a line at which the hook asks, waits for the question, answers, and waits for what is told then, if anything is.
   * @param answer `"\x03"` is Ctrl-C
   */
  async isAsked(line: string, answer: string, then?: string): Promise<void> {
    const times = (text: string) => this.#program.stdout.split(text).length;
    const [asked, told] = [times("[y/N]"), times(then ?? "")];
    this.#program.type(`${line}\n`);
    await this.#program.until(new RegExp(`(\\[y/N\\][^]*){${asked}}`));
    this.#program.type(answer);
    // And for the prompt: what is typed while a shell takes its terminal back can be lost.
    if (then !== undefined) await this.#program.until(new RegExp(`(${then}[^]*){${told}}\\$ `));
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

  /** What a variable holds, whatever that is; "" when it isn't set. */
  async text(name: string): Promise<string> {
    const n = this.#count;
    await this.does(`printf %s "$${name}" >"${this.#tmp}/value-${n}"`);
    return readFileSync(join(this.#tmp, `value-${n}`), "utf8");
  }

  /** Ends the shell as a user does. @returns its status */
  async exit(): Promise<number> {
    this.#program.type("exit 0\n");
    return (await this.#program.exit).exitCode;
  }

  /** Ends it where the test didn't: else what went wrong would be hidden by what was left running. */
  [Symbol.dispose](): void {
    this.#program.kill("SIGKILL");
  }
}
