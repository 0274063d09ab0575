import { lstatSync, readFileSync, realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { SkerryError } from "../core/error.ts";
import { sha256 } from "../core/json.ts";

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9\s.,_-]*\])?\s*(\(?[<>=!~][^@/$;\\]*)?(;[^\\$]*)?$/;
const ARCHIVE = /^[^\s[;]*\.(whl|zip|egg|tgz|tbz2?|txz|tar(\.\w+)?)\s*(\[|;|$)/i;
const BREAK = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/**
 * True for a requirement that names a package of the index and nothing else: no path, no URL, no archive, no option, no
 * variable (PEP 508 names, extras, versions and markers).
 */
export function isPlainRequirement(text: string): boolean {
  return PLAIN.test(text) && !ARCHIVE.test(text) && !BREAK.test(text) && !/\s-/.test(text);
}

/** A line of a requirements file that does more than to name packages. */
export interface StrongLine {
  readonly file: string;
  readonly line: string;
}

const OPTIONS = /^--(pre|require-hashes|prefer-binary|no-index|(no|only)-binary(=|\s+)[\w:,.-]+)$/;
/** One file and nothing behind it: a second option could stand there. */
const NESTED =
  /^(?:-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(?:(["'])(?<quoted>[\w./ -]+)\1|(?<bare>[\w./-]+))$/;
/** Files that are read as TOML, not line by line: a lock can name folders to build, however it is written. */
const WHOLE = /\.toml$|(^|\/)uv\.lock$/;
/** A comment that makes the reader take the file in another encoding (PEP 263), in which it has other lines than here. */
const RECODED = /coding[:=](?![ \t]*utf-?8(?![\w.-]))/i;
const LIMITS = { bytes: 4 * 1024 * 1024, wholeBytes: 32 * 1024 * 1024, files: 100 } as const;

/**
 * The lines of a requirements file, and of those that it names, that can run programs or redirect what is fetched: other
 * indexes, URLs, paths, options. Logical lines are those of pip
 * (https://pip.pypa.io/en/stable/reference/requirements-file-format/). A file that is missing has none; one that leads out
 * of `root` counts as such a line with its content, and so does a project or lock file, whatever it holds.
 * @param files absolute
 * @throws SKE-CONFIG-UNTRUSTED for one that can't be looked through, and for a link that leads out of `root`: what it
 * holds could change unseen
 */
export function strongLines(files: readonly string[], root: string): readonly StrongLine[] {
  const found: StrongLine[] = [];
  const queue = [...files];
  const seen = new Set<string>();
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) continue;
    if (seen.size > LIMITS.files) throw unreadable(file, `there are more than ${LIMITS.files} of them`);
    const { text, isOutside, isOpaque } = readOnce(file, root);
    if (isOutside || isOpaque) found.push({ file, line: `(${relative(root, file)}, SHA-256 ${sha256(text)})` });
    if (isOpaque) {
      // uv reads both.
      if (file.endsWith(".lock")) queue.push(resolve(dirname(file), "pyproject.toml"));
      continue;
    }
    for (const line of logicalLines(text)) {
      const { quoted, bare } = NESTED.exec(line)?.groups ?? {};
      const nested = quoted ?? bare;
      if (nested !== undefined) queue.push(resolve(dirname(file), nested));
      else if (!OPTIONS.test(line) && !isPlainRequirement(line.replace(/\s--hash[=\s]\s*\w+:[0-9a-f]+/gi, "").trim())) {
        found.push({ file, line });
      }
    }
  }
  return found;
}

interface ReadFile {
  readonly text: string;
  /** It lies outside of the root. */
  readonly isOutside: boolean;
  /** Its lines tell nothing. */
  readonly isOpaque: boolean;
}

function readOnce(file: string, root: string): ReadFile {
  const isWhole = WHOLE.test(file);
  const isWithin = (path: string) => path.startsWith(root + sep);
  let real: string;
  let size: number;
  try {
    real = realpathSync(file);
    const stat = lstatSync(real);
    if (!stat.isFile()) throw unreadable(file, "it isn't a regular file");
    size = stat.size;
  } catch (error) {
    throw unreadable(file, "it can't be read", error);
  }
  if (isWithin(file) && !isWithin(real)) throw unreadable(file, `it leads out of the project, to ${real}`);
  const limit = isWhole ? LIMITS.wholeBytes : LIMITS.bytes;
  if (size > limit) throw unreadable(file, `it has ${size} bytes, and ${limit} is the most`);
  const text = readFileSync(real, "utf8").replace(/^\ufeff/, "");
  return { text, isOutside: !isWithin(real), isOpaque: isWhole || RECODED.test(text.slice(0, 200)) };
}

function unreadable(file: string, why: string, cause?: unknown): SkerryError {
  if (cause instanceof SkerryError) return cause;
  return new SkerryError("SKE-CONFIG-UNTRUSTED", `${file}: the requirements file can't be looked through: ${why}`, {
    hint: "put what it holds into a plain file of the project; SKERRY_NO_CONFIG=1 leaves the project's files out",
    details: { file },
    cause,
  });
}

function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let begun = "";
  for (const raw of text.split(BREAK)) {
    // A comment ends a line, whatever stands at its own end.
    const commented = /(^|\s)#/.test(raw);
    if (!commented && raw.endsWith("\\")) {
      begun += raw.slice(0, -1);
      continue;
    }
    lines.push((begun + (commented ? raw.replace(/(^|\s+)#.*$/, "") : raw)).trim());
    begun = "";
  }
  return [...lines, begun.trim()].filter((line) => line !== "");
}
