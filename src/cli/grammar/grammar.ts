import { SkerryError } from "../../core/error.ts";
import { nearest } from "../../core/near.ts";
import { quoted } from "../../core/text.ts";
import type { NamedSpec, OptionSpec, VerbSpec } from "./spec.ts";
import { type OptionToken, type Token, tokensOf } from "./tokens.ts";

/** What a command line says. */
export interface Parsed {
  readonly spec: NamedSpec;
  readonly operands: readonly string[];
  /** By name of option; those not given are absent. */
  readonly values: ReadonlyMap<string, true | readonly string[]>;
  /** The words after `--`. */
  readonly command: readonly string[];
}

/** The options that every command takes. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", description: 'Print one JSON document, {"schema":1,…}, on standard output' },
  quiet: { type: "boolean", short: "q", description: "Say nothing but results and errors" },
  verbose: { type: "boolean", short: "v", description: "Say more: what is being done, and where errors come from" },
  "no-color": { type: "boolean", description: "No colours; NO_COLOR does the same" },
  yes: { type: "boolean", short: "y", description: "Answer yes to every question" },
  home: {
    type: "string",
    value: "DIR",
    description: "Keep all state in this folder (also: SKERRY_HOME)",
    complete: "folder",
  },
  directory: {
    type: "string",
    short: "C",
    value: "DIR",
    description: "Change to this folder first",
    complete: "folder",
  },
  help: { type: "boolean", short: "h", description: "Show this help" },
};

/** Every option of a command, its own first. */
export function optionsOf(spec: VerbSpec): Readonly<Record<string, OptionSpec>> {
  return { ...spec.options, ...GLOBAL_OPTIONS };
}

/** `skerry exec ENVIRONMENT [options] [--] COMMAND…` */
export function usageOf(spec: NamedSpec): string {
  const operands = spec.operands.map((operand) => {
    const name = operand.multiple ? `${operand.name}…` : operand.name;
    return operand.optional ? `[${name}]` : name;
  });
  const required = Object.entries(spec.options).flatMap(([name, option]) =>
    option.required ? [asked(name, option)] : [],
  );
  const rest = spec.passthrough === "arguments" ? ["[-- ARGUMENT…]"] : spec.passthrough ? ["[--]", "COMMAND…"] : [];
  return [title(spec), ...operands, ...required, "[options]", ...rest].join(" ");
}

/**
 * Reads the words after the verb.
 * @throws SKE-USAGE for unknown options, missing or excess words, and values that aren't among an option's choices
 */
export function parse(spec: NamedSpec, argv: readonly string[]): Parsed {
  const options = optionsOf(spec);
  const most = spec.passthrough === "arguments" ? Number.POSITIVE_INFINITY : spec.operands.length;
  const cut = spec.passthrough ? commandStart(tokensOf(argv, options), most) : undefined;
  const tokens = tokensOf(cut === undefined ? argv : argv.slice(0, cut.at), options);
  const values = new Map<string, true | readonly string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "operand") operands.push(token.value);
    if (token.kind === "option") readOption(spec, options, values, token);
  }
  const parsed = { spec, operands, values, command: cut ? argv.slice(cut.from) : [] };
  if (!values.has("help")) checkNeeded(parsed);
  return parsed;
}

/** Where the command begins: at `--`, or at the first word that isn't one of the `operands`. */
function commandStart(tokens: readonly Token[], operands: number): { at: number; from: number } | undefined {
  let seen = 0;
  for (const token of tokens) {
    if (token.kind === "terminator") return { at: token.index, from: token.index + 1 };
    if (token.kind === "operand" && seen++ === operands) return { at: token.index, from: token.index };
  }
  return undefined;
}

function readOption(
  spec: NamedSpec,
  options: Readonly<Record<string, OptionSpec>>,
  values: Map<string, true | readonly string[]>,
  token: OptionToken,
): void {
  const { name, rawName, value, inlineValue } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) throw unknownOption(spec, options, rawName);
  if (option.type === "boolean") {
    if (value !== undefined) throw usage(spec, `${rawName} takes no value, and ${quote(value)} was given`);
    values.set(name, true);
    return;
  }
  const given = option.value ?? "VALUE";
  // An empty value is a variable of a script that was not set; as a folder it would mean the current one.
  if (!value || (!inlineValue && value === "--")) throw usage(spec, `${rawName} needs a value: ${given}`);
  if (!inlineValue && value.length > 1 && value.startsWith("-")) {
    throw usage(
      spec,
      `${rawName} needs a value (${given}), and ${quote(value)} looks like an option`,
      rawName.startsWith("--") ? `if it is the value, write ${rawName}=${value}` : `if it is, write ${rawName}${value}`,
    );
  }
  if (option.choices) checkChoice(spec, rawName, option.choices, value);
  const before = values.get(name);
  if (before === undefined) values.set(name, [value]);
  else if (option.multiple && before !== true) values.set(name, [...before, value]);
  else throw usage(spec, `${rawName} is given more than once`);
}

/** `--at NUMBER` */
function asked(name: string, { value = "VALUE" }: OptionSpec): string {
  return `--${name} ${value}`;
}

function checkNeeded({ spec, operands, values, command }: Parsed): void {
  const missing = spec.operands.slice(operands.length).find((operand) => !operand.optional);
  if (missing) {
    const choices = missing.choices ? `, one of ${missing.choices.join(", ")}` : "";
    throw usage(spec, `${title(spec)} needs ${missing.name}${choices}`);
  }
  if (spec.passthrough === true && command.length === 0) throw usage(spec, `${title(spec)} needs a command to run`);
  for (const [i, word] of operands.entries()) {
    const operand = spec.operands[i] ?? spec.operands.at(-1);
    if (!operand || (i >= spec.operands.length && !operand.multiple)) {
      throw usage(spec, `${title(spec)} doesn't know what to do with ${quote(word)}`);
    }
    if (operand.choices) checkChoice(spec, operand.name, operand.choices, word);
  }
  const absent = Object.entries(spec.options).find(([name, option]) => option.required && !values.has(name));
  if (absent) throw usage(spec, `${title(spec)} needs ${asked(...absent)}`);
}

function checkChoice(spec: NamedSpec, what: string, choices: readonly string[], value: string): void {
  if (choices.includes(value)) return;
  const near = nearest(value, choices);
  const hint = near ? `did you mean ${near}?` : undefined;
  throw usage(spec, `${what} is one of ${choices.join(", ")}, not ${quote(value)}`, hint);
}

function unknownOption(spec: NamedSpec, options: Readonly<Record<string, OptionSpec>>, raw: string): SkerryError {
  const near = raw.startsWith("--") ? nearest(raw.slice(2), Object.keys(options)) : undefined;
  return usage(
    spec,
    `${title(spec)} has no option ${raw}`,
    near ? `did you mean --${near}?` : `${title(spec)} --help lists them`,
  );
}

function usage(spec: NamedSpec, message: string, hint = usageOf(spec)): SkerryError {
  return new SkerryError("SKE-USAGE", message, { hint });
}

function title(spec: NamedSpec): string {
  return spec.name === "" ? "skerry" : `skerry ${spec.name}`;
}

/** A word as it was typed, safe to show: control characters escaped, long ones cut. */
export function quote(word: string): string {
  return quoted(word);
}
