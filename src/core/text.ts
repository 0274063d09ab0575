// Texts and lists of any length, as messages show them.

/** The beginning of a long text; `most` counts UTF-16 code units. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}…` : text;
}

/** What was given, in quotes and on one line, only its beginning where it is long. */
export function quoted(text: string, most = 80): string {
  return JSON.stringify(shorten(text, most));
}

/** `1 package`, `3 packages`. */
export function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

/** `a, b, c and 4 more`: so many of a list that has at least two more, else all of it. */
export function listed(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return more > 1 ? `${texts.slice(0, most).join(", ")} and ${more} more` : texts.join(", ");
}
