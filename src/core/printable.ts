/**
 * What a terminal obeys, and what shows nothing and so hides that it is there: control characters, formatting and
 * direction (Trojan Source), tags, fillers and joiners outside of emoji, half of a surrogate pair.
 */
const UNSEEN = /\p{RGI_Emoji}|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gv;

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Text from anywhere as one line for a terminal: what would steer it or hide is escaped as in JSON. What can be seen is
 * as it was, emoji included.
 */
export function printable(text: string): string {
  // Most texts, for which the other expression isn't even compiled.
  return PLAIN.test(text) ? text : text.replace(UNSEEN, escaped);
}

/** {@link printable} for a text of several lines, whose line breaks and tabs are layout. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, printable);
}

/** `JSON.stringify`, whose text stands for the same value and can be printed; shape: see {@link printable}. */
export function printableJson(value: unknown, space?: number): string {
  const text = JSON.stringify(value, null, space);
  return text.replace(/[^\n]+/g, (line) => (PLAIN.test(line) ? line : line.replace(UNSEEN, escapedForJson)));
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escaped(found: string): string {
  if (isSeen(found)) return found;
  return NAMED.get(found) ?? (found.length > 1 ? `\\u{${found.codePointAt(0)!.toString(16)}}` : unit(found, 0));
}

function escapedForJson(found: string): string {
  if (isSeen(found)) return found;
  return Array.from({ length: found.length }, (_, at) => unit(found, at)).join("");
}

/** An emoji, which is matched whole so that what joins its parts isn't looked at. */
function isSeen(found: string): boolean {
  return /^\p{RGI_Emoji}$/v.test(found);
}

/** One UTF-16 unit, as JSON has it. */
function unit(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
}
