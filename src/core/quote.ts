import type { Code } from "./script.ts";

/** A word for bash, zsh, ksh and other POSIX shells. */
export function quotePosix(text: string): Code {
  return `'${text.replaceAll("'", "'\\''")}'` as Code;
}

/** The same, bare where it may be: for lines that people read and copy. */
export function shellWord(text: string): Code {
  return /^[\w@%+=:,./-]+$/.test(text) ? (text as Code) : quotePosix(text);
}

/** A word for fish: inside single quotes only `\` and `'` mean something. */
export function quoteFish(text: string): Code {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'` as Code;
}

/** A word for csh and tcsh, where `!` and line ends mean something inside single quotes too. */
export function quoteCsh(text: string): Code {
  return `'${text.replaceAll("'", "'\\''").replaceAll("!", "\\!").replaceAll("\n", "\\\n")}'` as Code;
}

/** A word for Nushell: a double-quoted string with escapes; `$` and brackets mean nothing in it. */
export function quoteNu(text: string): Code {
  const escaped = text.replace(/[\\"]|\p{Cc}/gu, (character) => {
    if (character === "\\" || character === '"') return `\\${character}`;
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return `"${escaped}"` as Code;
}

/** A word for PowerShell, which takes typographic quotes (U+2018 to U+201B) for plain ones. */
export function quotePowerShell(text: string): Code {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'` as Code;
}

/** A string, or a list of strings, as Python writes it. */
export function quotePython(value: string | readonly string[]): Code {
  return JSON.stringify(value) as Code;
}
