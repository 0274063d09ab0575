import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { hashFile } from "../platform/hash-file.ts";

/** The most files that the patterns of a task may match. */
const MOST = 100_000;

/**
 * The files that patterns match, relative to `root`, sorted. `*` and `?` stand for what has no slash, `**` for any
 * number of folders, `[a-z]` for a letter; a folder stands for all that is below it, and a pattern behind `!` takes away.
 * What begins with a dot, and `__pycache__`, has to be named to be matched; `..` leads nowhere.
 */
export function matchFiles(root: string, patterns: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const isTaken = !pattern.startsWith("!");
    const parts = pattern
      .replace(/^!/, "")
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) continue;
    for (const path of expand(root, "", parts)) {
      if (isTaken) found.add(path);
      else found.delete(path);
      if (found.size > MOST) {
        throw new SkerryError("SKE-TASK-INVALID", `The pattern ${pattern} brings it to more than ${MOST} files`, {
          hint: "write patterns for the files that matter",
        });
      }
    }
  }
  return [...found].sort();
}

/** Each file with its content: equal lists, equal files. What went away meanwhile counts as missing. */
export function contentsOf(root: string, paths: readonly string[]): (readonly [string, string])[] {
  return paths.map((path) => [path, contentOf(join(root, path))]);
}

function contentOf(path: string): string {
  try {
    const link = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : "";
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return `link ${link}`;
    return `${link} ${stat.mode & 0o111 ? "x" : "-"} ${hashFile(path)}`;
  } catch {
    return "unreadable";
  }
}

function* expand(root: string, at: string, parts: readonly string[]): Generator<string> {
  const [first, ...rest] = parts;
  if (first === undefined) {
    const stat = statOf(join(root, at));
    if (stat?.isDirectory()) {
      for (const entry of entriesOf(root, at)) yield* below(root, at, entry, []);
    } else if (stat && (stat.isFile() || stat.isSymbolicLink())) yield at;
  } else if (first === "**") {
    yield* expand(root, at, rest);
    if (rest.length === 0) return;
    for (const entry of entriesOf(root, at)) if (entry.isDirectory()) yield* below(root, at, entry, parts);
  } else if (!/[*?[]/.test(first)) {
    // A folder that is named may be a link: worktrees share folders by links.
    const path = join(at, first);
    if (rest.length === 0 || statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) {
      yield* expand(root, path, rest);
    }
  } else {
    for (const entry of entriesOf(root, at)) if (fits(first, entry.name)) yield* below(root, at, entry, rest);
  }
}

function* below(root: string, at: string, entry: Dirent, rest: readonly string[]): Generator<string> {
  if (rest.length === 0 || entry.isDirectory()) yield* expand(root, join(at, entry.name), rest);
}

function entriesOf(root: string, at: string): Dirent[] {
  try {
    const all = readdirSync(join(root, at), { withFileTypes: true });
    return all.filter(({ name }) => !name.startsWith(".") && name !== "__pycache__");
  } catch {
    return [];
  }
}

function statOf(path: string): Stats | undefined {
  try {
    const stat = lstatSync(path);
    // The folder that a pattern names may be a link to one.
    return stat.isSymbolicLink() ? (statSync(path, { throwIfNoEntry: false }) ?? stat) : stat;
  } catch {
    return undefined;
  }
}

/** Whether one letter is what a piece of a pattern stands for; a range that runs backwards holds nothing. */
function stands(piece: string, letter: string): boolean {
  if (piece === "?") return true;
  const set = /^\[(!?)(.+)\]$/su.exec(piece);
  if (!set) return piece === letter;
  const members = set[2]!.matchAll(/(.)-(.)|(.)/gsu);
  const isIn = [...members].some(([, from, to, one]) => (from && to ? from <= letter && letter <= to : one === letter));
  return isIn !== (set[1] === "!");
}

/** Whether a name is what a part of a pattern stands for. Goes back to the last `*` only, so that no pattern takes long. */
function fits(part: string, name: string): boolean {
  // A `[` that nothing closes stands for itself.
  const pieces = part.match(/\[!?\]?[^\]]*\]|./gsu) ?? [];
  const letters = [...name];
  let [piece, letter] = [0, 0];
  let back: { piece: number; letter: number } | undefined;
  while (letter < letters.length) {
    if (pieces[piece] === "*") back = { piece: ++piece, letter };
    else if (piece < pieces.length && stands(pieces[piece]!, letters[letter]!)) {
      piece++;
      letter++;
    } else if (back) {
      back.letter++;
      ({ piece, letter } = back);
    } else return false;
  }
  return pieces.slice(piece).every((one) => one === "*");
}
