import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { digest, sha256 } from "../core/json.ts";
import type { RequirementsSpec } from "../core/spec.ts";
import { hideSecrets, parseRequirement, type Requirement } from "./requirement.ts";

/** What requirements files say about where and how to look for packages, the last of a kind winning. */
export interface FileOptions {
  readonly indexUrl?: string;
  readonly extraIndexUrls: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly pre: boolean;
  readonly preferBinary: boolean;
  /** `:all:`, `:none:` or names, in order, as they were written. */
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
  readonly trustedHosts: readonly string[];
  readonly requireHashes: boolean;
}

/** A spec read to its last nested file. */
export interface ReadRequirements {
  readonly requirements: readonly Requirement[];
  readonly constraints: readonly Requirement[];
  readonly options: FileOptions;
  /** Every local file that was read: absolute paths. */
  readonly files: readonly string[];
  /** Requirements and constraints files at an http address: the installer reads them. */
  readonly remote: { readonly requirements: readonly string[]; readonly constraints: readonly string[] };
}

/** What a resolution depends on besides the interpreter and the index. */
export interface RequirementInputs {
  /** Equal digests: the same requirements, files and local archives. */
  readonly digest: string;
  readonly files: readonly string[];
  /** True when a project folder is among them: what is made of it must not be shared. */
  readonly volatile: boolean;
  readonly read: ReadRequirements;
}

const FILE_LIMIT = 4 * 1024 * 1024;
const DEPTH_LIMIT = 30;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/**
 * Reads requirement lines and files as pip documents it
 * (https://pip.pypa.io/en/stable/reference/requirements-file-format/): nested files count from the file that names
 * them, paths of packages from `cwd`; `${NAME}` is replaced where the variable is set.
 * @throws SKE-PKG-REQUIREMENT with the file and line
 */
export function readRequirements(
  spec: RequirementsSpec,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): ReadRequirements {
  const requirements: Requirement[] = [];
  const constraints: Requirement[] = [];
  const files: string[] = [];
  const remote = { requirements: [] as string[], constraints: [] as string[] };
  const options: Mutable<FileOptions> = {
    extraIndexUrls: [],
    findLinks: [],
    noIndex: false,
    pre: false,
    preferBinary: false,
    noBinary: [],
    onlyBinary: [],
    trustedHosts: [],
    requireHashes: false,
  };

  function readFile(path: string, constraint: boolean, chain: readonly string[], from: string | undefined): void {
    if (/^https?:/i.test(path)) {
      remote[constraint ? "constraints" : "requirements"].push(path);
      return;
    }
    if (chain.includes(path)) {
      throw refuse(
        from ?? path,
        `${path} reads itself by way of ${chain.slice(chain.indexOf(path)).join(" → ")}`,
        "take one of these -r or -c lines out",
      );
    }
    if (chain.length >= DEPTH_LIMIT)
      throw refuse(from ?? path, "requirements files are nested too deeply", "join some of them");
    const text = readText(path, from);
    if (!files.includes(path)) files.push(path);
    for (const { line, number } of logicalLines(text)) {
      const where = `${path}:${number}`;
      const expanded = line.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => env[name] || whole);
      readLine(expanded, where, dirname(path), constraint, [...chain, path]);
    }
  }

  function readLine(line: string, where: string, folder: string, constraint: boolean, chain: readonly string[]): void {
    // As pip does: the first word that begins with a dash ends the requirement.
    const [requirement = "", rest = ""] = splitOptions(line);
    const words = shellWords(rest, where);
    const hashes: string[] = [];
    const editables: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      const [, flag = word, given] = /^(--[a-z0-9-]+)=(.*)$/s.exec(word) ?? /^(-[a-zA-Z])=?(.+)$/s.exec(word) ?? [];
      const value = (): string => {
        const found = given ?? words[++at];
        if (found === undefined || found === "")
          throw refuse(where, `${flag} needs a value`, "write it behind the option");
        return found;
      };
      switch (flag) {
        case "-r":
        case "--requirement":
        case "-c":
        case "--constraint": {
          const named = value();
          const path = /^https?:/i.test(named) || isAbsolute(named) ? named : resolve(folder, named);
          readFile(path, constraint || flag === "-c" || flag === "--constraint", chain, where);
          break;
        }
        case "-e":
        case "--editable":
          editables.push(value());
          break;
        case "--hash": {
          const hash = value();
          const [, algorithm, hex] = /^(sha256|sha384|sha512):([0-9a-f]+)$/i.exec(hash) ?? [];
          const length = { sha256: 64, sha384: 96, sha512: 128 }[algorithm?.toLowerCase() ?? ""];
          if (hex === undefined || hex.length !== length)
            throw refuse(where, `"${hash}" is not a hash`, "write it like --hash=sha256:<64 hexadecimal digits>");
          hashes.push(hash.toLowerCase());
          break;
        }
        case "-i":
        case "--index-url":
        case "--pypi-url":
          options.indexUrl = value();
          break;
        case "--extra-index-url":
          options.extraIndexUrls.push(value());
          break;
        case "-f":
        case "--find-links": {
          const place = value();
          const beside = resolve(folder, place);
          const local = !/^[a-z]+:/i.test(place);
          options.findLinks.push(
            local ? (statSync(beside, { throwIfNoEntry: false }) ? beside : resolve(cwd, place)) : place,
          );
          break;
        }
        case "--no-index":
          options.noIndex = true;
          break;
        case "--pre":
          options.pre = true;
          break;
        case "--prefer-binary":
          options.preferBinary = true;
          break;
        case "--no-binary":
          options.noBinary.push(...value().split(","));
          break;
        case "--only-binary":
          options.onlyBinary.push(...value().split(","));
          break;
        case "--trusted-host":
          options.trustedHosts.push(value());
          break;
        case "--require-hashes":
          options.requireHashes = true;
          break;
        // Says nothing about what is installed.
        case "--use-feature":
          value();
          break;
        default:
          throw refuse(
            where,
            `${flag} is not an option that a requirements file can have here`,
            "take it out; see https://pip.pypa.io/en/stable/reference/requirements-file-format/",
          );
      }
    }
    const target = constraint ? constraints : requirements;
    for (const editable of editables) target.push(parseRequirement(editable, { cwd, where, editable: true, hashes }));
    if (requirement !== "") target.push(parseRequirement(requirement, { cwd, where, hashes }));
    else if (hashes.length > 0 && editables.length === 0)
      throw refuse(where, "--hash stands behind no requirement", "write it on the line of its package");
  }

  for (const line of spec.requirements) {
    const [requirement, rest] = splitOptions(line.trim());
    if (rest === "") requirements.push(parseRequirement(line, { cwd }));
    else if (/^\S+/.test(requirement) && /^--hash[= ]/.test(rest))
      readLine(line.trim(), "the command line", cwd, false, []);
    else
      throw refuse(
        "the command line",
        `"${hideSecrets(line)}" has an option in it`,
        "write one requirement, such as requests>=2, and give options to skerry",
      );
  }
  for (const path of spec.editables) requirements.push(parseRequirement(path, { cwd, editable: true }));
  for (const path of spec.files) readFile(/^https?:/i.test(path) ? path : resolve(cwd, path), false, [], undefined);
  for (const path of spec.constraints)
    readFile(/^https?:/i.test(path) ? path : resolve(cwd, path), true, [], undefined);
  const bare = options.requireHashes
    ? requirements.find((one) => one.hashes.length === 0 && one.source.kind === "index")
    : undefined;
  if (bare)
    throw refuse(
      bare.text,
      "--require-hashes asks for a hash of every package, and this one has none",
      "add --hash=sha256:… to its line",
    );
  return { requirements, constraints, options, files, remote };
}

/**
 * Reads a spec and digests all that it leads to: the lines of all nested files, the bytes of local archives, and of a
 * local project the top-level files that can declare dependencies. Cheap for plain lines: no file is touched.
 * @throws SKE-PKG-REQUIREMENT
 */
export function requirementInputs(
  spec: RequirementsSpec,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): RequirementInputs {
  const read = readRequirements(spec, cwd, env);
  let volatile = false;
  const local: Record<string, string> = {};
  for (const { source, text } of [...read.requirements, ...read.constraints]) {
    if (source.kind !== "path") continue;
    const stat = statSync(source.path, { throwIfNoEntry: false });
    if (stat === undefined)
      throw refuse(text, `there is no ${source.path}`, "check the path; relative ones count from the working folder");
    if (stat.isDirectory()) {
      volatile = true;
      local[source.path] = projectDigest(source.path);
    } else local[source.path] = hashFile(source.path);
  }
  const plain = (list: readonly Requirement[]) =>
    list.map(({ text, hashes, editable }) => ({ text, hashes, editable }));
  const key = {
    requirements: plain(read.requirements),
    constraints: plain(read.constraints),
    options: read.options,
    remote: read.remote,
    local,
  };
  return { digest: digest(key), files: read.files, volatile, read };
}

/** A project's top-level files that dependencies can come from: a dynamic field may read any of these. */
function projectDigest(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(pyproject\.toml|setup\.(py|cfg)|.*\.(txt|in))$/.test(name));
  if (!names.some((name) => /^(pyproject\.toml|setup\.(py|cfg))$/.test(name))) {
    throw refuse(
      folder,
      "the folder is not a Python project: it has no pyproject.toml, setup.py or setup.cfg",
      "name the folder of a project, or add a pyproject.toml",
    );
  }
  return digest(
    names.sort().map((name) => {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return [name, stat?.isFile() && stat.size <= FILE_LIMIT ? sha256(readFileSync(path)) : null];
    }),
  );
}

/** SHA-256 of a file's bytes, in pieces. */
function hashFile(path: string): string {
  const fd = openSync(path, "r");
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
    return hash.digest("hex");
  } finally {
    closeSync(fd);
  }
}

function refuse(where: string, what: string, hint: string): SkerryError {
  return new SkerryError("SKE-PKG-REQUIREMENT", `${hideSecrets(where)}: ${hideSecrets(what)}`, {
    hint,
    details: { where: hideSecrets(where) },
  });
}

function readText(path: string, from: string | undefined): string {
  if (path.endsWith(".toml")) {
    throw refuse(
      from ?? path,
      `${path} is not a requirements file`,
      `to install a project, name its folder: -e ${dirname(path)}`,
    );
  }
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    if (stat.size > FILE_LIMIT)
      throw refuse(
        path,
        `a requirements file may have ${FILE_LIMIT} bytes, this one has ${stat.size}`,
        "check that it is the right file",
      );
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof SkerryError) throw error;
    const why = isErrno(error, "ENOENT", "ENOTDIR")
      ? "no such file"
      : isErrno(error, "EISDIR")
        ? "it is a folder"
        : (error as Error).message;
    throw refuse(
      from ?? path,
      `the requirements file ${path} can't be read: ${why}`,
      "check its path; nested files count from the file that names them",
    );
  }
  return decode(bytes);
}

/** UTF-8 unless a byte order mark or a comment as in PEP 263 says otherwise. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const head = bytes.subarray(0, 200).toString("latin1").split(/\r?\n/, 2).join("\n");
  const name = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/m.exec(head)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(name.replaceAll("_", "-").replace(/^latin-/i, "latin") as "utf-8").decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** Joins continued lines and takes comments and empty lines out; `number` is that of the first line. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  let pending = "";
  let start = 0;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    if (pending === "") start = index + 1;
    const comment = /^\s*#/.test(raw);
    if (raw.endsWith("\\") && !comment) {
      pending += raw.slice(0, -1);
      continue;
    }
    const line = (pending + (comment ? ` ${raw}` : raw)).replace(/(^|\s+)#.*$/s, "").trim();
    pending = "";
    if (line) yield { line, number: start };
  }
  if (pending.replace(/(^|\s+)#.*$/s, "").trim()) yield { line: pending.trim(), number: start };
}

function splitOptions(line: string): [string, string] {
  const found = /(^|\s)-/.exec(line);
  return found ? [line.slice(0, found.index).trim(), line.slice(found.index).trim()] : [line, ""];
}

/** Splits as a POSIX shell would, quotes and backslashes included. */
function shellWords(text: string, where: string): string[] {
  const words: string[] = [];
  const token = /\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+)/sy;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const found = token.exec(text);
    if (!found) throw refuse(where, "a quotation mark has no partner", "close it");
    words.push(
      found[1]!.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, double, single, escaped) =>
        double !== undefined ? double.replace(/\\(["\\])/g, "$1") : (single ?? escaped),
      ),
    );
  }
  return words;
}
