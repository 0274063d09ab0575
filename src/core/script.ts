declare const CODE: unique symbol;

/**
 * Code of another language: the text of a script file of the project, or what quote.ts makes of a value. Any other text
 * is a value, of which no character may mean something.
 */
export type Code = string & { readonly [CODE]: true };

/**
 * The places of a script: lines and words. The quotes around a word are replaced with it, so that the file can be read,
 * and checked, as it is.
 */
const PLACE = /^@(?<lines>[A-Z_]+)@\n|"@(?<quoted>[A-Z_]+)@"|@(?<word>[A-Z_]+)@/gm;

/**
 * Puts code into the places of a script, all at once: what is put in isn't looked through.
 * @param code by the names of the places: what is to stand for `@NAME@` or `"@NAME@"`, for a line that is no more than
 * `@NAME@` whole lines, or nothing
 * @throws Error for a place without code, and code without a place
 */
export function fillIn(script: Code, code: Readonly<Record<string, Code>>): Code {
  const left = new Set(Object.keys(code));
  const filled = script.replace(PLACE, (place, lines?: string, quoted?: string, word?: string) => {
    const name = lines ?? quoted ?? word!;
    if (code[name] === undefined) throw new Error(`a script has the place ${place.trim()}, for which there is no code`);
    left.delete(name);
    return code[name];
  });
  if (left.size > 0) throw new Error(`a script has no place for ${[...left].join(", ")}`);
  return filled as Code;
}

/** Code with code in it. */
export function code(text: TemplateStringsArray, ...words: readonly Code[]): Code {
  return text.reduce((before, after, at) => `${before}${words[at - 1]}${after}`) as Code;
}

/** @param between code as well, such as a comma; absent: lines are made, each with its end */
export function joined(all: readonly Code[], between?: " " | ", "): Code {
  return (between === undefined ? all.map((one) => `${one}\n`).join("") : all.join(between)) as Code;
}
