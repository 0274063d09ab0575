import { SkerryError } from "../../core/error.ts";
import { parseDuration, parseSize } from "../../core/units.ts";
import { optionsOf, type Parsed } from "../grammar/grammar.ts";
import type { Output } from "../output/output.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Library } from "./library.ts";

/** All that a command gets: what was typed, where to print, and the library when it asks for it. */
export class Invocation {
  readonly parsed: Parsed;
  readonly output: Output;
  readonly library: Library;
  readonly interrupts: Interrupts;
  readonly env: NodeJS.ProcessEnv;

  constructor(init: Pick<Invocation, "parsed" | "output" | "library" | "interrupts" | "env">) {
    this.parsed = init.parsed;
    this.output = init.output;
    this.library = init.library;
    this.interrupts = init.interrupts;
    this.env = init.env;
  }

  /** Aborted by Ctrl-C and by the other signals that end programs. */
  get signal(): AbortSignal {
    return this.interrupts.signal;
  }

  get operands(): readonly string[] {
    return this.parsed.operands;
  }

  /** The first operand of a verb that needs one. */
  get environment(): string {
    return this.parsed.operands[0]!;
  }

  /** The command to run, of verbs that take one. */
  get command(): readonly [string, ...string[]] {
    return this.parsed.command as readonly string[] as readonly [string, ...string[]];
  }

  /** Whether a boolean option was given. */
  flag(name: string): boolean {
    return this.#read(name) === true;
  }

  /** The value of an option. */
  text(name: string): string | undefined {
    const value = this.#read(name);
    return value === true ? undefined : value?.[0];
  }

  /** The values of an option that can be given several times. */
  texts(name: string): readonly string[] {
    const value = this.#read(name);
    return value === undefined || value === true ? [] : value;
  }

  /** The value of an option that has choices; the grammar has checked it. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    return choices.find((choice) => choice === value);
  }

  /** The value of an option that is a whole number. @throws SKE-USAGE */
  count(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined || /^\d{1,9}$/.test(value)) return value === undefined ? undefined : Number(value);
    throw new SkerryError("SKE-USAGE", `--${name} is a whole number, not ${JSON.stringify(value.slice(0, 60))}`, {
      hint: `for example --${name} 20`,
    });
  }

  /** The value of an option that is a duration, in milliseconds. @throws SKE-USAGE */
  duration(name: string): number | undefined {
    return this.#parsed(name, parseDuration);
  }

  /** The value of an option that is a size, in bytes. @throws SKE-USAGE */
  size(name: string): number | undefined {
    return this.#parsed(name, parseSize);
  }

  #parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof SkerryError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new SkerryError(error.code, `--${name} ${error.message}`, {
        ...hint,
        details: error.details,
        cause: error,
      });
    }
  }

  /** The values of an option of the form `NAME=VALUE`. @throws SKE-USAGE */
  pairs(name: string): Record<string, string> {
    return Object.fromEntries(
      this.texts(name).map((pair) => {
        const at = pair.indexOf("=");
        if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
        throw new SkerryError("SKE-USAGE", `--${name} takes NAME=VALUE, not ${JSON.stringify(pair.slice(0, 60))}`, {
          hint: `for example --${name} MODE=test; an empty value is NAME=`,
        });
      }),
    );
  }

  /** Guards against a misspelt name in a command's own code. */
  #read(name: string): true | readonly string[] | undefined {
    if (!(name in optionsOf(this.parsed.spec))) {
      throw new TypeError(`${this.parsed.spec.name} reads the option ${name} and doesn't declare it`);
    }
    return this.parsed.values.get(name);
  }
}
