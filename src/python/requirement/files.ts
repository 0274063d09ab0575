import { statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { hideSecrets } from "../../core/secrets.ts";
import type { RequirementsSpec } from "../../core/spec.ts";
import { buildNames, isMild, logicalLines, parseLine, splitOptions } from "./line.ts";
import { isOfIndex, parseRequirement, type Requirement } from "./requirement.ts";
import { placeOf, readText, refuse } from "./text.ts";

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

/** Where a line stands. */
interface Place {
  readonly where: string;
  readonly folder: string;
  /** Whether what it names only limits versions. */
  readonly constraint: boolean;
  /** The files that led to it, the outermost first. */
  readonly chain: readonly string[];
}

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
      const isNaming = addLine(expanded, { where, folder: dirname(path), constraint, chain: [...chain, path] });
      // What a variable holds is the user's, and would be told to whoever has the index.
      if (!isNaming || /\$\{/.test(line)) strong.push({ file: path, line });
    }
  }

  /** @returns whether it only names packages of an index */
  function addLine(text: string, { where, folder, constraint, chain }: Place): boolean {
    const line = parseLine(text, where);
    const those = (name: string) => line.options.flatMap((one) => (one.name === name ? one.value : []));
    const hashes = those("--hash");
    const found = those("--editable").map((path) => parseRequirement(path, { cwd, where, editable: true, hashes }));
    if (line.requirement !== "") found.push(parseRequirement(line.requirement, { cwd, where, hashes }));
    else if (hashes.length > 0 && found.length === 0)
      throw refuse(where, "--hash stands behind no requirement", "write it on the line of its package");
    let isHere = true;
    for (const { name, value } of line.options) {
      if (name === "--requirement" || name === "--constraint") {
        const path = placeOf(value, folder);
        isHere &&= isAbsolute(path);
        addFile(path, constraint || name === "--constraint", chain, where);
      } else if (name === "--find-links") options.findLinks.push(linksPlace(value, folder, cwd));
      else setOption(options, name, value, where);
    }
    (constraint ? constraints : requirements).push(...found);
    return isHere && isMild(line) && found.every(isOfIndex);
  }

  for (const line of spec.requirements) {
    const [requirement, rest] = splitOptions(line.trim());
    if (rest === "") {
      const one = parseRequirement(line, { cwd });
      requirements.push(one);
      if (!isOfIndex(one)) strong.push({ line });
    } else if (/^\S+/.test(requirement) && /^--hash[= ]/.test(rest)) {
      if (!addLine(line.trim(), { where: "the command line", folder: cwd, constraint: false, chain: [] }))
        strong.push({ line });
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

/** What an option says of all packages; the others are left alone. */
function setOption(options: Mutable<FileOptions>, name: string, value: string, where: string): void {
  if (name === "--index-url") options.indexUrl = value;
  else if (name === "--extra-index-url") options.extraIndexUrls.push(value);
  else if (name === "--no-index") options.noIndex = true;
  else if (name === "--pre") options.pre = true;
  else if (name === "--prefer-binary") options.preferBinary = true;
  else if (name === "--no-binary") options.noBinary.push(...buildNames(value, where));
  else if (name === "--only-binary") options.onlyBinary.push(...buildNames(value, where));
  else if (name === "--trusted-host") options.trustedHosts.push(value);
  else if (name === "--require-hashes") options.requireHashes = true;
}

/** As pip does: beside the file where there is such a thing, else in the working folder. */
function linksPlace(place: string, folder: string, cwd: string): string {
  if (/^[a-z]+:/i.test(place)) return place;
  const beside = resolve(folder, place);
  return statSync(beside, { throwIfNoEntry: false }) ? beside : resolve(cwd, place);
}
