import type { OptionSpec } from "./spec.ts";

/** An option as it was typed. */
export interface OptionToken {
  readonly kind: "option";
  readonly index: number;
  /** Its long name, or the letter of a short option that there isn't. */
  readonly name: string;
  /** `-r`, `--requirement` */
  readonly rawName: string;
  readonly value?: string;
  /** The value stood in the same word. */
  readonly inlineValue: boolean;
}

/** What the words of a command line are; `index` is the word's place. */
export type Token =
  | OptionToken
  | { readonly kind: "operand"; readonly index: number; readonly value: string }
  | { readonly kind: "terminator"; readonly index: number };

/**
 * Splits words by the utility syntax guidelines of POSIX (12.2) and the long options of GNU, as `parseArgs` of
 * node:util does; loading that takes a millisecond of every start. Judges nothing: unknown options are tokens too.
 */
export function tokensOf(words: readonly string[], options: Readonly<Record<string, OptionSpec>>): Token[] {
  const tokens: Token[] = [];
  const shorts = new Map(Object.entries(options).flatMap(([name, { short }]) => (short ? [[short, name]] : [])));
  let index = 0;
  const add = (name: string, rawName: string, inline: string | undefined) => {
    const at = index;
    const takesNext = inline === undefined && Object.hasOwn(options, name) && options[name]?.type === "string";
    const value = takesNext ? words[++index] : inline;
    const inlineValue = inline !== undefined;
    tokens.push({ kind: "option", index: at, name, rawName, inlineValue, ...(value === undefined ? {} : { value }) });
  };
  for (; index < words.length; index++) {
    const word = words[index]!;
    if (word === "--") {
      tokens.push({ kind: "terminator", index });
      for (index++; index < words.length; index++) tokens.push({ kind: "operand", index, value: words[index]! });
    } else if (word.startsWith("--")) {
      const end = word.indexOf("=");
      const raw = end < 0 ? word : word.slice(0, end);
      add(raw.slice(2), raw, end < 0 ? undefined : word.slice(end + 1));
    } else if (word.startsWith("-") && word !== "-") {
      readGroup(word, shorts, options, add);
    } else {
      tokens.push({ kind: "operand", index, value: word });
    }
  }
  return tokens;
}

/** Short options in one word, `-qv`; the first that takes a value takes the rest of the word, `-rFILE`. */
function readGroup(
  word: string,
  shorts: ReadonlyMap<string | undefined, string | undefined>,
  options: Readonly<Record<string, OptionSpec>>,
  add: (name: string, rawName: string, inline: string | undefined) => void,
): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const name = shorts.get(letter) ?? letter;
    const takesValue = shorts.has(letter) && options[name]?.type === "string";
    const rest = word.slice(at + 1);
    add(name, `-${letter}`, takesValue && rest !== "" ? rest : undefined);
    if (takesValue) return;
  }
}
