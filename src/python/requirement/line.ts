// The lines of requirements files, as pip documents them:
// https://pip.pypa.io/en/stable/reference/requirements-file-format/
import { withoutComment } from "../../core/scan.ts";
import { PACKAGE_NAME } from "./requirement.ts";
import { refuse } from "./text.ts";

/** Other names of options. */
const ALIASES: Readonly<Record<string, string>> = {
  "-r": "--requirement",
  "-c": "--constraint",
  "-e": "--editable",
  "-f": "--find-links",
  "-i": "--index-url",
  "--pypi-url": "--index-url",
};
/** Options that run nothing, and lead to nothing, that isn't there without them. Files and hashes are looked at by themselves. */
const MILD_ALONE = ["--no-index", "--pre", "--prefer-binary", "--require-hashes"];
const MILD = ["--requirement", "--constraint", "--hash", "--no-binary", "--only-binary", "--use-feature"];
/** Those that do more. */
const STRONG = ["--editable", "--index-url", "--extra-index-url", "--find-links", "--trusted-host"];

/** An option of a line, by its long name; the value of one that stands alone is empty. */
export interface LineOption {
  readonly name: string;
  readonly value: string;
}

/** A line of a requirements file. */
export interface Line {
  /** What stands before the options, to be read as a requirement; empty where nothing does. */
  readonly requirement: string;
  readonly options: readonly LineOption[];
}

/**
 * Takes a logical line apart. Values are as they were written, but hashes, which are checked and in lower case.
 * @throws SKE-PKG-REQUIREMENT
 */
export function parseLine(line: string, where: string): Line {
  // As pip does: the first word that begins with a dash ends the requirement.
  const [requirement, rest] = splitOptions(line);
  const words = shellWords(rest, where);
  const options: LineOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [, flag = word, given] = /^(--[a-z0-9-]+)=(.*)$/s.exec(word) ?? /^(-[a-zA-Z])=?(.+)$/s.exec(word) ?? [];
    const name = Object.hasOwn(ALIASES, flag) ? ALIASES[flag]! : flag;
    if (MILD_ALONE.includes(name)) options.push({ name, value: "" });
    else if (MILD.includes(name) || STRONG.includes(name)) {
      const value = given ?? words[++at];
      if (!value) throw refuse(where, `${flag} needs a value`, "write it behind the option");
      options.push({ name, value: name === "--hash" ? checkedHash(value, where) : value });
    } else
      throw refuse(
        where,
        `${flag} is not an option that a requirements file can have here`,
        "take it out; see https://pip.pypa.io/en/stable/reference/requirements-file-format/",
      );
  }
  return { requirement, options };
}

/** Whether the options of a line run nothing, and lead to nothing, that isn't there without them. */
export function isMild({ options }: Line): boolean {
  return options.every(({ name }) => MILD_ALONE.includes(name) || MILD.includes(name));
}

function checkedHash(hash: string, where: string): string {
  const [, algorithm, hex] = /^(sha256|sha384|sha512):([0-9a-f]+)$/i.exec(hash) ?? [];
  const length = { sha256: 64, sha384: 96, sha512: 128 }[algorithm?.toLowerCase() ?? ""];
  if (hex?.length === length && length !== undefined) return hash.toLowerCase();
  throw refuse(where, `"${hash}" is not a hash`, "write it like --hash=sha256:<64 hexadecimal digits>");
}

/** What `--no-binary` and `--only-binary` name. */
export function buildNames(value: string, where: string): string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const bad = names.find((name) => name !== ":all:" && name !== ":none:" && !PACKAGE_NAME.test(name));
  if (bad === undefined) return names;
  throw refuse(where, `"${bad}" is no package`, "write :all:, :none:, or names of packages with commas between them");
}

/** Joins continued lines and takes comments and empty lines out; `number` is that of the first line. */
export function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  let pending = "";
  let start = 0;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    if (pending === "") start = index + 1;
    const comment = /^\s*#/.test(raw);
    if (raw.endsWith("\\") && !comment) {
      pending += raw.slice(0, -1);
      continue;
    }
    const line = withoutComment(pending + (comment ? ` ${raw}` : raw));
    pending = "";
    if (line) yield { line, number: start };
  }
  if (withoutComment(pending)) yield { line: pending.trim(), number: start };
}

/** A line as what stands before its first option, and the options. */
export function splitOptions(line: string): [string, string] {
  const found = /(^|\s)-/.exec(line);
  return found ? [line.slice(0, found.index).trim(), line.slice(found.index).trim()] : [line, ""];
}

/** Splits as a POSIX shell would, quotes and backslashes included. */
export function shellWords(text: string, where: string): string[] {
  const words: string[] = [];
  const piece = /(\s+)|"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)/sy;
  let word: string[] | undefined;
  const end = text.trimEnd().length;
  while (piece.lastIndex < end) {
    const [all, space, double, single, escaped, plain] = piece.exec(text) ?? [];
    if (all === undefined) throw refuse(where, "a quotation mark has no partner", "close it");
    if (space !== undefined) {
      if (word) words.push(word.join(""));
      word = undefined;
    } else {
      word ??= [];
      word.push(double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? plain ?? "");
    }
  }
  if (word) words.push(word.join(""));
  return words;
}
