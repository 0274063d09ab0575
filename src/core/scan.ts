// Steps of parsers that take time in proportion to the text, where a regular expression would begin again at each character.

/** What stands before the first place of a mark, and behind it; all and undefined where it isn't in the text. */
export function cut(text: string, mark: string): [before: string, behind: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** What stands between the first place of a mark and the next place of another one; undefined unless both are there. */
export function between(text: string, begin: string, end: string): string | undefined {
  const [inner, rest] = cut(cut(text, begin)[1] ?? "", end);
  return rest === undefined ? undefined : inner;
}

/** A text without any of some characters at its end. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** A line without its comment, which begins with a `#` at its beginning or behind white space, and without spaces around. */
export function withoutComment(line: string): string {
  const at = line.search(/(^|\s)#/);
  return (at < 0 ? line : line.slice(0, at)).trim();
}
