/** What a word of the command line can be completed with. */
export type Completion =
  | "environment"
  | "task"
  | "file"
  | "folder"
  | "python"
  | readonly string[]
  | (() => Promise<readonly string[]>);

/** An option of a command. Names are written in full; there are no abbreviations. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** May be given several times. */
  readonly multiple?: boolean;
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in help: `FILE`. */
  readonly value?: string;
  readonly description: string;
  /** The command means nothing without it. */
  readonly required?: boolean;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly complete?: Completion;
}

/** A word that stands by its place. */
export interface OperandSpec {
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
  /** Takes all the words that are left; only the last operand can. */
  readonly multiple?: boolean;
  readonly choices?: readonly string[];
  readonly complete?: Completion;
}

/** What the command line of a verb may say. */
export interface VerbSpec {
  /** One sentence without its full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly operands: readonly OperandSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /**
   * Takes a command to run: everything after `--`, or from the first word after the operands on. `arguments`: takes those
   * of something that has a name, which there may be none of, behind `--` only.
   */
  readonly passthrough?: true | "arguments";
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** Its status is that of the program which it runs, so that a failure of Skerry's own exits with 125. */
  readonly passesOn?: boolean;
}

/** The same with its names. */
export interface NamedSpec extends VerbSpec {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Typed by code alone, and told nobody. */
  readonly hidden: boolean;
}
