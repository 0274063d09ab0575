import { GLOBAL_OPTIONS, usageOf } from "./grammar/grammar.ts";
import type { OptionSpec } from "./grammar/spec.ts";
import { alignColumns, type Line, type Output, paint, plainText } from "./output/output.ts";
import type { NamedVerb } from "./verb.ts";
import { allVerbs } from "./verbs.ts";

/** Lines of help are at most this wide. */
const WIDTH = 100;

/** `-r, --requirement FILE` */
export function optionLabel(name: string, option: OptionSpec): string {
  const short = option.short ? `-${option.short}, ` : "    ";
  return `${short}--${name}${option.type === "string" ? ` ${option.value ?? "VALUE"}` : ""}`;
}

/** Tells the help of a command, or without one what commands there are. */
export async function tellHelp(output: Output, spec?: NamedVerb): Promise<void> {
  const lines = spec ? renderHelp(spec) : await renderIndex();
  output.result({ help: lines.map(plainText).join("\n") }, () => output.print(...lines));
}

const bold = (text: string) => paint("bold", text);

/** What `skerry` says when nothing is asked of it. */
async function renderIndex(): Promise<Line[]> {
  const shown = (await allVerbs()).filter((spec) => !spec.hidden);
  const list = alignColumns(shown.map((spec) => [`  ${spec.name}`, spec.summary]));
  return [
    "Isolated Python environments on demand.",
    "",
    [bold("Usage:"), " skerry COMMAND [ENVIRONMENT] [options] [-- PROGRAM…]"],
    "",
    [bold("Commands:")],
    ...list,
    "",
    [bold("For example:")],
    "  skerry run --with requests -- python app.py",
    "",
    "skerry help COMMAND tells more of each.",
  ];
}

/** The help of one verb. */
function renderHelp(spec: NamedVerb): Line[] {
  const parts: Line[] = [
    ...wrap(`${spec.summary}.`, 0),
    ...(spec.description ? ["", ...wrap(spec.description, 0)] : []),
    "",
    [bold("Usage:"), ` ${usageOf(spec)}`],
  ];
  if (spec.aliases.length > 0)
    parts.push([bold("Also:"), `  ${spec.aliases.map((name) => `skerry ${name}`).join(", ")}`]);
  const section = (title: string, rows: readonly (readonly [string, string])[]) => {
    if (rows.length > 0) parts.push("", [bold(title)], ...describeRows(rows));
  };
  section(
    "Operands:",
    spec.operands.map((operand) => [operand.name, operand.description]),
  );
  section("Options:", optionRows(spec.options));
  section("Global options:", optionRows(GLOBAL_OPTIONS));
  if (spec.examples.length > 0) {
    parts.push("", [bold("Examples:")]);
    for (const [line, meaning] of spec.examples) parts.push(`  ${line}`, ...wrap(meaning, 6));
  }
  return parts;
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): [string, string][] {
  return Object.entries(options).map(([name, option]) => [optionLabel(name, option), describeOption(option)]);
}

/** An option's description with its choices and whether it can be given several times. */
export function describeOption({ description, choices, multiple }: OptionSpec): string {
  const notes = [...(choices ? [choices.join(", ")] : []), ...(multiple ? ["several times"] : [])];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}

function describeRows(rows: readonly (readonly [string, string])[]): string[] {
  const label = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, label);
    return [`  ${name}`.padEnd(label) + first.trimStart(), ...rest];
  });
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((one) => " ".repeat(indent) + one);
}
