import { statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { hideSecrets } from "../../core/secrets.ts";
import type { RequirementsSpec } from "../../core/spec.ts";
import { isOfIndex, parseRequirement, type Requirement } from "./requirement.ts";
import { logicalLines, placeOf, readText, refuse, shellWords, splitOptions } from "./text.ts";

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
  /** The lines that do more than to name packages of an index, as they were written; without a file: from the spec. */
  readonly strong: readonly { readonly file?: string; readonly line: string }[];
}

const DEPTH_LIMIT = 30;
const FILES_LIMIT = 1000;

/** Options that run nothing, and lead to nothing, that isn't there without them. Files and hashes are looked at by themselves. */
const MILD = new Set([
  ...["-r", "--requirement", "-c", "--constraint", "--hash", "--pre", "--require-hashes", "--prefer-binary"],
  ...["--no-index", "--no-binary", "--only-binary", "--use-feature"],
]);

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/**
 * Reads requirement lines and files as pip documents it
 * (https://pip.pypa.io/en/stable/reference/requirements-file-format/): nested files count from the file that names
 * them, paths of packages from `cwd`; `${NAME}` is replaced where the variable is set.
 * @param readFile gives the text of a file; `from` is the place that names it
 * @throws SKE-PKG-REQUIREMENT with the file and line
 */
export function readRequirements(
  spec: RequirementsSpec,
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  readFile: (path: string, from: string | undefined) => string = readText,
): ReadRequirements {
  const strong: { file?: string; line: string }[] = [];
  let filesRead = 0;
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

  function addFile(path: string, constraint: boolean, chain: readonly string[], from: string | undefined): void {
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
    if (/\.toml$|(^|\/)uv\.lock$/.test(path)) {
      throw refuse(
        from ?? path,
        `${path} is not a requirements file`,
        "give a pyproject.toml, pylock.toml or uv.lock with an -r of its own; to install a project, name its folder with -e",
      );
    }
    if (++filesRead > FILES_LIMIT)
      throw refuse(from ?? path, `more than ${FILES_LIMIT} files are read`, "name each file once");
    const text = readFile(path, from);
    if (!files.includes(path)) files.push(path);
    for (const { line, number } of logicalLines(text)) {
      const where = `${path}:${number}`;
      const expanded = line.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => env[name] || whole);
      const isMild = addLine(expanded, where, dirname(path), constraint, [...chain, path]);
      // What a variable holds is the user's, and would be told to whoever has the index.
      if (!isMild || /\$\{/.test(line)) strong.push({ file: path, line });
    }
  }

  /** @returns whether it only names packages of an index */
  function addLine(
    line: string,
    where: string,
    folder: string,
    constraint: boolean,
    chain: readonly string[],
  ): boolean {
    let isMild = true;
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
      isMild &&= MILD.has(flag);
      switch (flag) {
        case "-r":
        case "--requirement":
        case "-c":
        case "--constraint": {
          const named = value();
          const path = placeOf(named, folder);
          isMild &&= isAbsolute(path);
          addFile(path, constraint || flag === "-c" || flag === "--constraint", chain, where);
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
          options.noBinary.push(...buildNames(value(), where));
          break;
        case "--only-binary":
          options.onlyBinary.push(...buildNames(value(), where));
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
    const found = editables.map((editable) => parseRequirement(editable, { cwd, where, editable: true, hashes }));
    if (requirement !== "") found.push(parseRequirement(requirement, { cwd, where, hashes }));
    else if (hashes.length > 0 && editables.length === 0)
      throw refuse(where, "--hash stands behind no requirement", "write it on the line of its package");
    (constraint ? constraints : requirements).push(...found);
    return isMild && found.every(isOfIndex);
  }

  for (const line of spec.requirements) {
    const [requirement, rest] = splitOptions(line.trim());
    if (rest === "") {
      const one = parseRequirement(line, { cwd });
      requirements.push(one);
      if (!isOfIndex(one)) strong.push({ line });
    } else if (/^\S+/.test(requirement) && /^--hash[= ]/.test(rest)) {
      if (!addLine(line.trim(), "the command line", cwd, false, [])) strong.push({ line });
    } else
      throw refuse(
        "the command line",
        `"${hideSecrets(line)}" has an option in it`,
        "write one requirement, such as requests>=2, and give options to skerry",
      );
  }
  for (const path of spec.editables) requirements.push(parseRequirement(path, { cwd, editable: true }));
  for (const path of spec.files) addFile(placeOf(path, cwd), false, [], undefined);
  for (const path of spec.constraints) addFile(placeOf(path, cwd), true, [], undefined);
  const bare = options.requireHashes
    ? requirements.find((one) => one.hashes.length === 0 && one.source.kind === "index")
    : undefined;
  if (bare)
    throw refuse(
      bare.text,
      "--require-hashes asks for a hash of every package, and this one has none",
      "add --hash=sha256:… to its line",
    );
  return { requirements, constraints, options, files, remote, strong };
}

/** What `--no-binary` and `--only-binary` name. */
function buildNames(value: string, where: string): string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const bad = names.find((name) => !/^(:all:|:none:|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)$/.test(name));
  if (bad === undefined) return names;
  throw refuse(where, `"${bad}" is no package`, "write :all:, :none:, or names of packages with commas between them");
}
