/** What a text is as a command: words, or why it takes a shell to read it. */
export type Words = { readonly words: readonly string[] } | { readonly syntax: string };

const OPERATORS = "|&;<>()$`*?\n";

/**
 * Splits a text into words as a shell does (XCU 2.2, quoting), without a shell: single quotes, double quotes, and
 * backslashes outside of single ones. What a shell would do more with (operators, expansions, patterns, comments,
 * assignments before the program) is told instead of being taken for text.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let mayAssign = true;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === " " || letter === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === "'" || letter === '"') {
      const quoted = readQuoted(text, i);
      if ("syntax" in quoted) return quoted;
      word = (word ?? "") + quoted.value;
      i = quoted.end;
    } else if (letter === "\\") {
      if (i + 1 === text.length) return { syntax: "a \\ at its end" };
      word = (word ?? "") + text[++i];
    } else if (OPERATORS.includes(letter) || (word === undefined && (letter === "#" || letter === "~"))) {
      return { syntax: letter === "\n" ? "a line break" : letter };
    } else {
      word = (word ?? "") + letter;
      if (letter !== "=" || !mayAssign || words.length > 0) continue;
      if (/^[A-Za-z_]\w*=$/.test(word)) return { syntax: `the assignment ${word}` };
      mayAssign = false;
    }
  }
  if (word !== undefined) words.push(word);
  return { words };
}

function readQuoted(
  text: string,
  start: number,
): { readonly value: string; readonly end: number } | { readonly syntax: string } {
  const quote = text[start]!;
  let value = "";
  for (let i = start + 1; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === quote) return { value, end: i };
    if (quote === '"' && (letter === "$" || letter === "`")) return { syntax: letter };
    // In double quotes a backslash stands for itself before any other letter.
    if (quote === '"' && letter === "\\" && /["\\$`]/.test(text[i + 1] ?? "")) value += text[++i];
    else value += letter;
  }
  return { syntax: `a ${quote} that nothing closes` };
}
