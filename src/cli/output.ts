import { writeErr, writeOut } from "../platform/stdio.ts";

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

/** A line above which nothing may be lost: progress is cleared before anything else is said. */
export interface Transient {
  clear(): void;
}

/** The one way to print: data on standard output, talk on standard error. */
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

  /** Data, with a line end. */
  print(text: string): void {
    this.transient?.clear();
    writeOut(`${text}\n`);
  }

  /** The result of a verb: one JSON document with `--json`, else what `human` prints. */
  result(document: Readonly<Record<string, unknown>>, human: () => void): void {
    if (this.json) this.document(document);
    else human();
  }

  /** One JSON document on one line. */
  document(document: Readonly<Record<string, unknown>>): void {
    this.print(JSON.stringify({ schema: 1, ...document }));
  }

  /** Talk: what was done. Silent with `--quiet`. */
  say(text: string): void {
    if (!this.settings.quiet) this.raw(`${text}\n`);
  }

  /** Talk for those who asked for more with `--verbose`. */
  detail(text: string): void {
    if (this.settings.verbose) this.raw(`${text}\n`);
  }

  /** Something is amiss and the verb goes on. Never silent. */
  warn(message: string, hint?: string): void {
    this.problem(this.paint("yellow", "warning:", "err"), message, hint);
  }

  /** Why the verb failed. Never silent. */
  error(message: string, hint?: string): void {
    this.problem(this.paint("red", "error:", "err"), message, hint);
  }

  private problem(label: string, message: string, hint: string | undefined): void {
    const lines = [`${label} ${indentRest(message)}`];
    if (hint !== undefined) lines.push(`  ${this.paint("bold", "hint:", "err")} ${indentRest(hint)}`);
    this.raw(`${lines.join("\n")}\n`);
  }

  /** Text on standard error as it stands. */
  raw(text: string): void {
    this.transient?.clear();
    writeErr(text);
  }

  /** Rows below a heading, columns aligned. */
  table(heading: readonly string[], rows: readonly (readonly string[])[]): void {
    if (rows.length === 0) return;
    const [first = "", ...rest] = alignColumns([heading, ...rows]);
    this.print([this.paint("bold", first), ...rest].join("\n"));
  }

  /** The text in a style, where the stream it is meant for shows styles. */
  paint(style: Style, text: string, stream: "out" | "err" = "out"): string {
    return this.settings.color(stream, this.color) ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }
}

/** Lines with columns two spaces apart. Control characters in cells can't reach the terminal. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const clean = rows.map((row) => row.map((cell) => cell.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd")));
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

function indentRest(text: string): string {
  return text.trimEnd().replaceAll("\n", "\n  ");
}
