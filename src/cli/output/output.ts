import { printable, printableJson, printableLines } from "../../core/printable.ts";
import { writeErr, writeOut } from "../../platform/stdio.ts";

/** What of the global options and variables bears on output. */
export interface OutputSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether a stream shows colours, by the key `color` where it is known; asked when there is something to colour. */
  readonly color: (stream: "out" | "err", configured?: string) => boolean;
}

/**
 * Whether this stream shows colours: never when somebody said no (`--no-color`, no-color.org), else as the
 * configuration says, which unless it is read is the variable; left open, on a terminal that has them.
 */
export function wantsColor(
  tty: boolean,
  env: NodeJS.ProcessEnv,
  noColor: boolean,
  configured = env.SKERRY_COLOR,
): boolean {
  if (noColor || env.NO_COLOR || configured === "never") return false;
  return configured === "always" || (tty && env.TERM !== "dumb");
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

/** A part of a line that is shown in a style, where the stream shows styles. */
export interface Painted {
  readonly style: Style;
  readonly text: string;
}

/** One line for people, of values from anywhere: only {@link Painted} puts control sequences into it. */
export type Line = string | readonly (string | Painted)[];

/** A line without its styles. */
export function plainText(line: Line): string {
  return typeof line === "string" ? line : line.map((part) => (typeof part === "string" ? part : part.text)).join("");
}

export function paint(style: Style, text: string): Painted {
  return { style, text };
}

/** A line above which nothing may be lost: progress is cleared before anything else is said. */
export interface Transient {
  clear(): void;
}

/**
 * The one way to print: data on standard output, talk on standard error. What is given may come from anywhere; what would
 * steer a terminal or hide is escaped here ({@link printable}), not where the text is made.
 */
export class Output {
  readonly settings: OutputSettings;
  /** The progress line that is shown at the moment. */
  transient: Transient | undefined;
  /** The key `color` of the configuration, once that was read. */
  color: string | undefined;

  constructor(settings: OutputSettings) {
    this.settings = settings;
  }

  get json(): boolean {
    return this.settings.json;
  }

  /** Data for people, each on a line of its own. */
  print(...lines: readonly Line[]): void {
    if (lines.length > 0) this.verbatim(lines.map((line) => `${this.render(line, "out")}\n`).join(""));
  }

  /** Data for a program, as it stands: code for a shell, a file's text. */
  verbatim(text: string): void {
    this.transient?.clear();
    writeOut(text);
  }

  /** The result of a verb: one JSON document with `--json`, else what `human` prints. */
  result(document: Readonly<Record<string, unknown>>, human: () => void): void {
    if (this.json) this.document(document);
    else human();
  }

  /** One JSON document on one line. */
  document(document: Readonly<Record<string, unknown>>): void {
    this.verbatim(`${printableJson({ schema: 1, ...document })}\n`);
  }

  /** Talk: what was done. Silent with `--quiet`. */
  say(line: Line): void {
    if (!this.settings.quiet) this.tell(line);
  }

  /** Talk of several lines for those who asked for more with `--verbose`. */
  detail(text: string): void {
    if (this.settings.verbose) this.talk(`${printableLines(text)}\n`);
  }

  /** Talk that is never silent, for it is asked for or what a question is about. */
  tell(line: Line): void {
    this.talk(`${this.render(line, "err")}\n`);
  }

  /** A question, behind which the answer is typed. */
  ask(question: string): void {
    this.talk(printable(question));
  }

  /** A line of a child, as it wrote it, behind a label: its colours are its own. */
  passOn(label: Line, line: string, stream: "out" | "err"): void {
    const text = `${this.render(label, stream)} ${line}\n`;
    if (stream === "out") this.verbatim(text);
    else this.talk(text);
  }

  /** Something is amiss and the verb goes on. Never silent. */
  warn(message: string, hint?: string): void {
    this.problem(paint("yellow", "warning:"), message, hint);
  }

  /** Why the verb failed. Never silent. */
  error(message: string, hint?: string): void {
    this.problem(paint("red", "error:"), message, hint);
  }

  private problem(label: Painted, message: string, hint: string | undefined): void {
    this.talk(`${this.render([label], "err")} ${indentRest(message, MESSAGE_INDENT)}\n`);
    if (hint === undefined) return;
    this.talk(`  ${this.render([paint("bold", "hint:")], "err")} ${indentRest(hint, HINT_INDENT)}\n`);
  }

  private talk(text: string): void {
    this.transient?.clear();
    writeErr(text);
  }

  /** Rows below a heading, columns aligned. */
  table(heading: readonly string[], rows: readonly (readonly string[])[]): void {
    if (rows.length === 0) return;
    const [first = "", ...rest] = alignColumns([heading, ...rows]);
    this.print([paint("bold", first)], ...rest);
  }

  /** A line as the stream gets it, without the line end. */
  render(line: Line, stream: "out" | "err"): string {
    if (typeof line === "string") return printable(line);
    return line.map((part) => (typeof part === "string" ? printable(part) : this.styled(part, stream))).join("");
  }

  private styled({ style, text }: Painted, stream: "out" | "err"): string {
    const shown = printable(text);
    return this.settings.color(stream, this.color) ? `\x1b[${STYLES[style]}m${shown}\x1b[0m` : shown;
  }
}

/** Lines with columns two spaces apart, each cell as it is printed. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of clean)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
    });
  return clean.map((row) =>
    row
      .map((cell, i) => cell + " ".repeat(widths[i]! - displayWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Columns that a text takes in a terminal: wide characters (East Asian, emoji) take two, combining marks none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** `2026-05-31 12:00:00`, of milliseconds since 1970, where the user is. */
export function localTime(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** Deeper than a hint begins: no line of a message passes for one. */
const MESSAGE_INDENT = 4;
const HINT_INDENT = "  hint: ".length;

/** The most characters of a line of a message: texts from outside may be in it. */
const LONGEST_LINE = 4096;

function indentRest(text: string, indent: number): string {
  const short = text
    .trimEnd()
    .replace(/[^\n]+/g, (line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  return printableLines(short).replaceAll("\n", `\n${" ".repeat(indent)}`);
}
