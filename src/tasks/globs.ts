import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { leadsInto } from "../platform/files.ts";
import { ABSENT, breather, type Ground } from "./contents.ts";

/** The most files that the patterns of a task may match. */
const MOST = 100_000;
/** The most entries of folders that are looked at for them: `**` several times in one pattern comes by again and again. */
const MOST_SEEN = 5_000_000;

/**
 * The files that patterns match, relative to the ground's folder, sorted; undefined where something can't be read, or
 * a folder that is named leads out of reach: nothing can be told of it. `*` and `?` stand for what has no slash, `**`
 * for any number of folders, `[a-z]` for a letter; a folder stands for all that is below it, and a pattern behind `!`
 * takes away. What begins with a dot, and `__pycache__`, has to be named to be matched; `..` leads nowhere. A folder
 * that is named may be a link, for worktrees share folders by links; any other link stands for itself, as in git.
 * @throws SKE-TASK-INVALID for too many, SKE-INTERRUPTED
 */
export async function matchFiles(
  ground: Ground,
  patterns: readonly string[],
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const found = new Set<string>();
  const walk = new Walk(ground);
  const breathe = breather(signal);
  for (const pattern of patterns) {
    const isTaken = !pattern.startsWith("!");
    const parts = pattern
      .replace(/^!/, "")
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) continue;
    for (const path of walk.expand("", parts, true)) {
      await breathe();
      if (path !== undefined && isTaken) found.add(path);
      else if (path !== undefined) found.delete(path);
      const what = found.size > MOST ? `to more than ${MOST} files` : "through too many folders";
      if (found.size > MOST || walk.seen > MOST_SEEN) {
        throw new SkerryError("SKE-TASK-INVALID", `The pattern ${pattern} brings it ${what}`, {
          hint: "write patterns for the files that matter",
        });
      }
    }
  }
  return walk.isBlind ? undefined : [...found].sort();
}

/** Goes through the folders of a ground. */
class Walk {
  readonly #ground: Ground;
  /** Entries of folders that were looked at. */
  seen = 0;
  /** Whether there is something that couldn't be looked at. */
  isBlind = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /**
   * The files that the rest of a pattern stands for; undefined between them, for each folder that was read.
   * @param isNamed whether all of the path up to here stands in the pattern as it is
   */
  *expand(at: string, parts: readonly string[], isNamed: boolean): Generator<string | undefined> {
    const [first, ...rest] = parts;
    if (first === undefined) {
      const stat = this.#try(() => lstatSync(this.#full(at)));
      if (stat && this.#isFolder(at, stat, isNamed)) yield* this.#each(at, () => true, []);
      else if (stat?.isFile() || stat?.isSymbolicLink()) yield at;
    } else if (first === "**") {
      yield* this.expand(at, rest, isNamed && rest.length === 0);
      if (rest.length > 0) yield* this.#each(at, (entry) => entry.isDirectory(), parts);
    } else if (/[*?[]/.test(first)) {
      yield* this.#each(at, ({ name }) => fits(first, name), rest);
    } else {
      const path = join(at, first);
      const stat = rest.length === 0 ? undefined : this.#try(() => lstatSync(this.#full(path)));
      if (rest.length === 0 || (stat && this.#isFolder(path, stat, isNamed))) yield* this.expand(path, rest, isNamed);
    }
  }

  *#each(at: string, test: (entry: Dirent) => boolean, parts: readonly string[]): Generator<string | undefined> {
    const all = this.#try(() => readdirSync(this.#full(at), { withFileTypes: true })) ?? [];
    this.seen += all.length;
    yield undefined;
    for (const entry of all) {
      if (entry.name.startsWith(".") || entry.name === "__pycache__" || !test(entry)) continue;
      if (parts.length === 0 || entry.isDirectory()) yield* this.expand(join(at, entry.name), parts, false);
    }
  }

  #isFolder(path: string, stat: Stats, isNamed: boolean): boolean {
    if (!stat.isSymbolicLink() || !isNamed) return stat.isDirectory();
    const full = this.#full(path);
    if (!this.#try(() => statSync(full, { throwIfNoEntry: false }))?.isDirectory()) return false;
    if (this.#try(() => this.#ground.reach.some((folder) => leadsInto(full, folder)))) return true;
    this.isBlind = true;
    return false;
  }

  #full(path: string): string {
    return join(this.#ground.folder, path);
  }

  #try<T>(look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      this.isBlind ||= !isErrno(error, ...ABSENT);
      return undefined;
    }
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
  const last = part.lastIndexOf("]") + 1;
  const pieces = [...(part.slice(0, last).match(/\[!?\]?[^\]]*\]|./gsu) ?? []), ...part.slice(last)];
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
