import { GLOBAL_OPTIONS, optionsOf } from "../grammar/grammar.ts";
import type { Completion, OptionSpec } from "../grammar/spec.ts";
import type { NamedVerb } from "../verb.ts";
import { allVerbs, findVerb } from "../verbs.ts";

/** A word that can stand at the end of the command line. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** What the shell is to do. */
export interface Answer {
  readonly words: readonly Candidate[];
  /** What the shell itself completes besides: a program and its arguments begin at a word of this number. */
  readonly otherwise: "none" | "files" | "folders" | `command ${number}`;
}

/** Python versions to suggest. */
const PYTHONS = ["3.14", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8", "pypy3.11", "pypy3.10"];

type Names = (home: string | undefined) => Promise<readonly (string | Candidate)[]>;

/**
 * Completes the last of the words that were typed after `skerry`.
 * @param names gives the environments of the state folder that `--home` names
 * @param tasks gives the tasks of the folder
 */
export async function completeWords(
  typed: readonly string[],
  names: Names,
  tasks: () => Promise<readonly string[]> = async () => [],
): Promise<Answer> {
  const last = typed.at(-1) ?? "";
  const state = await read(typed.slice(0, -1));
  const fill = async (completion: Completion | undefined, prefix = "", start = last): Promise<Answer> => {
    if (completion === "file") return { words: [], otherwise: "files" };
    if (completion === "folder") return { words: [], otherwise: "folders" };
    const all =
      completion === "environment"
        ? await names(state.home)
        : completion === "task"
          ? await tasks()
          : completion === "python"
            ? PYTHONS
            : typeof completion === "function"
              ? await completion()
              : (completion ?? []);
    return among(
      all.map((one) => (typeof one === "string" ? { word: prefix + one } : { ...one, word: prefix + one.word })),
      prefix + start,
      completion === "python" ? "files" : "none",
    );
  };
  if (state.arguments) return { words: [], otherwise: "files" };
  if (state.command !== undefined) return { words: [], otherwise: `command ${state.command}` };
  if (state.value) return fill(state.value.complete ?? state.value.choices);
  const options = state.spec ? optionsOf(state.spec) : { ...GLOBAL_OPTIONS, version: VERSION_OPTION };
  const inline = state.ended ? null : /^(--[^=]+)=(.*)$/s.exec(last);
  if (inline) {
    const option = options[inline[1]!.slice(2)];
    return fill(option?.complete ?? option?.choices, `${inline[1]}=`, inline[2]);
  }
  if (last.startsWith("-") && !state.ended) return among(optionCandidates(options, state.given), last);
  if (!state.spec) return among(state.ended ? [] : await verbs(), last);
  if (state.spec.name === "help") return state.operands === 0 ? among(await verbs(), last) : among([], last);
  const { operands, passthrough } = state.spec;
  const operand = operands[state.operands] ?? (operands.at(-1)?.multiple ? operands.at(-1) : undefined);
  if (!operand) return { words: [], otherwise: passthrough === true ? `command ${typed.length - 1}` : "none" };
  return fill(operand.complete ?? operand.choices);
}

const VERSION_OPTION: OptionSpec = { type: "boolean", description: "Print the version" };

interface State {
  spec?: NamedVerb;
  /** How many operands were typed. */
  operands: number;
  /** The option whose value comes next. */
  value?: OptionSpec;
  /** Where the program to run begins. */
  command?: number;
  /** Arguments of something that isn't a program of its own are typed. */
  arguments?: boolean;
  /** `--` was typed. */
  ended: boolean;
  home?: string;
  given: Set<string>;
}

/** Goes over the words before the one to complete. Tolerant: what is wrong is told when the line is run. */
async function read(words: readonly string[]): Promise<State> {
  const state: State = { operands: 0, ended: false, given: new Set() };
  for (const [i, word] of words.entries()) {
    if (state.value) {
      if (state.value === GLOBAL_OPTIONS.home) state.home = word;
      delete state.value;
    } else if (state.ended) state.operands++;
    else if (word === "--") {
      if (state.spec?.passthrough === "arguments") return { ...state, arguments: true };
      if (state.spec?.passthrough) return { ...state, command: i + 1 };
      state.ended = true;
    } else if (word.startsWith("-") && word !== "-") readOption(state, word);
    else if (!state.spec) {
      const spec = await findVerb(word);
      if (!spec) return { ...state, ended: true };
      state.spec = spec;
    } else if (state.spec.passthrough === true && state.operands === state.spec.operands.length)
      return { ...state, command: i };
    else state.operands++;
  }
  return state;
}

function readOption(state: State, word: string): void {
  const options = state.spec ? optionsOf(state.spec) : GLOBAL_OPTIONS;
  const [name, value] = word.startsWith("--") ? split(word.slice(2)) : shortOf(options, word);
  if (name === undefined || !Object.hasOwn(options, name)) return;
  const option = options[name]!;
  state.given.add(name);
  if (option.type !== "string") return;
  if (value === undefined) state.value = option;
  else if (name === "home") state.home = value;
}

function split(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** The option that a group of short ones ends with. */
function shortOf(
  options: Readonly<Record<string, OptionSpec>>,
  word: string,
): [string | undefined, string | undefined] {
  for (let i = 1; i < word.length; i++) {
    const found = Object.entries(options).find(([, option]) => option.short === word[i]);
    if (!found) break;
    if (found[1].type === "string") return [found[0], word.length > i + 1 ? word.slice(i + 1) : undefined];
  }
  return [undefined, undefined];
}

async function verbs(): Promise<Candidate[]> {
  const shown = (await allVerbs()).filter((verb) => !verb.hidden);
  return shown.map(({ name, summary }) => ({ word: name, description: summary }));
}

function optionCandidates(options: Readonly<Record<string, OptionSpec>>, given: ReadonlySet<string>): Candidate[] {
  return Object.entries(options)
    .filter(([name, option]) => option.multiple || !given.has(name))
    .map(([name, { description }]) => ({ word: `--${name}`, description }));
}

function among(all: readonly Candidate[], start: string, otherwise: Answer["otherwise"] = "none"): Answer {
  return { words: all.filter(({ word }) => word.startsWith(start)), otherwise };
}
