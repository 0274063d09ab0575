/** What a shell takes for one piece of a command (XCU 2.2, 2.6, 2.7), outside of what is looked at by itself. */
const PIECES = new RegExp(
  [
    /(?<blank>[ \t]+|\\\n)/,
    /(?<comment>#[^\n]*)/,
    /(?<word>(?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|\$\{[^{}'"`]*\}|\$\([^()'"`#]*\)|[^\s'"\\`()|&;<>])+)/,
    /(?<redirect>(?:[<>]&|>>|>\||<>|[<>])(?![<>(])[ \t]*)/,
    /(?<operator>&&|\|\||[|&;\n])/,
    /(?<other>[\s\S])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** What a compound command is made of (XCU 2.4): the last of them ends one, and takes no arguments. */
const RESERVED = /^(?:!|\{|\}|case|do|done|elif|else|esac|fi|for|if|in|then|until|while)$/;

/**
 * Whether words that are put behind a text for a shell become arguments of its last command: it has to end in a simple
 * command, and not in a comment, a parenthesis or an operator. In doubt they don't.
 */
export function endsInSimpleCommand(script: string): boolean {
  // Only a person's command is looked at; a longer text is a script.
  if (script.length > 16 * 1024) return false;
  let [hasProgram, isTarget, isSimple] = [false, false, true];
  for (const { groups = {} } of script.matchAll(PIECES)) {
    const { word, operator, redirect, comment, other } = groups;
    if (operator !== undefined) [hasProgram, isTarget, isSimple] = [false, false, true];
    else if (redirect !== undefined) isTarget = true;
    // Behind `<<` lines are text, wherever it stands.
    else if (other === "<" || other === ">") return false;
    else if (other !== undefined || comment !== undefined) isSimple = false;
    else if (word !== undefined) {
      if (!hasProgram && !isTarget && RESERVED.test(word)) isSimple = false;
      // A number before `<` or `>`, and an assignment, are no program either; nor does a doubt cost more than arguments.
      if (!isTarget && !/^\d+$|^[A-Za-z_]\w*=/.test(word)) hasProgram = true;
      isTarget = false;
    }
  }
  return hasProgram && isSimple && !isTarget;
}
