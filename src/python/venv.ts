import { lstatSync, mkdirSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { isErrno, SkerryError } from "../core/error.ts";
import { readIfExists, readWhole } from "../platform/files.ts";
import { makeFolderInside } from "../platform/inside.ts";
import { isLinkTo, putFile, putLink } from "../platform/put.ts";
import { activationFiles } from "./activation/render.ts";
import type { InterpreterFacts } from "./interpreter.ts";

/** What {@link writeVenv} makes. */
export interface VenvInit {
  /** Absolute; holds neither `:` (PATH couldn't name its bin folder) nor a line end. */
  readonly prefix: string;
  /** Of a base interpreter, or of a virtual environment's: then the one below it is used. */
  readonly facts: InterpreterFacts;
  readonly systemSitePackages: boolean;
  /** The name that activation shows. */
  readonly prompt: string;
  /** Skerry's own, noted in pyvenv.cfg. */
  readonly version: string;
}

/**
 * Writes a virtual environment without packages (PEP 405), as `python -m venv --without-pip` would make it. Links and
 * files that are there already are replaced, but for activation scripts that are right, which may have been added to.
 * About 20 system calls; nothing is looked up.
 * @throws SKE-USAGE for a prefix that can't be one, SKE-IO
 */
export function writeVenv({ prefix, facts, systemSitePackages, prompt, version }: VenvInit): void {
  if (!isAbsolute(prefix) || /[:\n\r\0]/.test(prefix)) {
    throw new SkerryError("SKE-USAGE", `Can't make a virtual environment at ${JSON.stringify(prefix)}`, {
      hint: "its path must be absolute and have no colon and no line end",
    });
  }
  const bin = `${prefix}/bin`;
  try {
    mkdirSync(prefix, { recursive: true });
    for (const folder of [bin, `${prefix}/${facts.sitePackages}`, `${prefix}/include`])
      makeFolderInside(prefix, folder);
    for (const [path, target] of linksOf(facts)) putLink(target, `${prefix}/${path}`);
    for (const [name, text] of activationFiles(prefix, prompt)) {
      if (!holds(`${bin}/${name}`, text)) putFile(`${bin}/${name}`, text);
    }
    putFile(`${prefix}/.gitignore`, "*\n");
    putFile(`${prefix}/CACHEDIR.TAG`, CACHEDIR_TAG);
    // Last: without it the folder is no environment.
    putFile(`${prefix}/pyvenv.cfg`, configText(configOf(facts, systemSitePackages, prompt, version)));
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new SkerryError("SKE-IO", `Couldn't write the virtual environment ${prefix}: ${error.message}`, {
      hint: "check that the folder can be written to and that the disk has space",
      cause: error,
    });
  }
}

/** Activation scripts of a virtual environment that are gone or have other lines than it needs: those of another path. */
export function wrongActivations(prefix: string, prompt: string): string[] {
  return activationFiles(prefix, prompt)
    .map(([name, text]) => [`${prefix}/bin/${name}`, text] as const)
    .filter(([path, text]) => !holds(path, text))
    .map(([path]) => path);
}

/** Whether a file, and no link to one, has every line of a text. */
function holds(path: string, text: string): boolean {
  try {
    if (!lstatSync(path).isFile()) return false;
    const lines = new Set(readWhole(path).toString("utf8").split("\n"));
    return text.split("\n").every((line) => lines.has(line));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES")) return false;
    throw error;
  }
}

/** https://bford.info/cachedir/ */
const CACHEDIR_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n";

function aliases({ implementation, versionInfo: [major, minor], freeThreaded }: InterpreterFacts): string[] {
  const names = [`python${major}`, `python${major}.${minor}`];
  if (freeThreaded) names.push(`python${major}.${minor}t`);
  if (implementation === "pypy") names.push("pypy", `pypy${major}`, `pypy${major}.${minor}`);
  return names;
}

/** The links of a virtual environment: where in the prefix, and where they lead. */
function linksOf(facts: InterpreterFacts): [path: string, target: string][] {
  const aliased = aliases(facts).map((name): [string, string] => [`bin/${name}`, "python"]);
  const has64 = facts.pointerBits === 64 && !facts.platform.startsWith("macosx");
  return [["bin/python", facts.baseExecutable], ...aliased, ...(has64 ? [["lib64", "lib"] as [string, string]] : [])];
}

/** Links of a virtual environment that are gone, lead elsewhere or aren't links any more. */
export function wrongLinks(prefix: string, facts: InterpreterFacts): string[] {
  return linksOf(facts)
    .filter(([path, target]) => !isLinkTo(`${prefix}/${path}`, target))
    .map(([path]) => `${prefix}/${path}`);
}

/** Keys of pyvenv.cfg that steer a Python and don't say what they have to. What else stands in it is anybody's. */
export function wrongKeys(config: VenvConfig, facts: InterpreterFacts, systemSitePackages: boolean): string[] {
  const { prompt, skerry, ...wanted } = configOf(facts, systemSitePackages, "", "");
  return Object.keys(wanted).filter((key) => config.values[key] !== wanted[key as keyof typeof wanted].trim());
}

function configOf(facts: InterpreterFacts, systemSitePackages: boolean, prompt: string, version: string) {
  return {
    home: dirname(facts.baseExecutable),
    implementation: facts.implementation === "pypy" ? "PyPy" : "CPython",
    version: facts.versionInfo.join("."),
    version_info: facts.version,
    "include-system-site-packages": String(systemSitePackages),
    "base-prefix": facts.basePrefix,
    "base-exec-prefix": facts.baseExecPrefix,
    "base-executable": facts.baseExecutable,
    executable: facts.isVenv ? facts.baseExecutable : facts.realPath,
    prompt: prompt.replace(/\p{Cc}+/gu, " "),
    skerry: version,
  };
}

function configText(values: ReturnType<typeof configOf>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}

/** What pyvenv.cfg says. */
export interface VenvConfig {
  /** The folder of the base interpreter. */
  readonly home: string;
  readonly systemSitePackages: boolean;
  /** `3.12.1`; other makers write `version_info` only. */
  readonly version: string | undefined;
  readonly prompt: string | undefined;
  /** Every key, in lower case. */
  readonly values: Readonly<Record<string, string>>;
}

/** More than any pyvenv.cfg has, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** Reads the pyvenv.cfg of a prefix, whoever made it; undefined when there is none or it names no home. */
export function readVenvConfig(prefix: string): VenvConfig | undefined {
  let text: string | undefined;
  try {
    text = readIfExists(`${prefix}/pyvenv.cfg`, MOST_BYTES);
  } catch (error) {
    // Whoever can't read it has no environment there, whatever it is.
    if (error instanceof SkerryError) return undefined;
    throw error;
  }
  if (text === undefined) return undefined;
  const values: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) values[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  if (!values.home) return undefined;
  return {
    home: values.home,
    systemSitePackages: values["include-system-site-packages"]?.toLowerCase() === "true",
    version: values.version ?? values.version_info,
    // CPython writes it as a string literal.
    prompt: values.prompt?.replace(/^(['"])(.*)\1$/, "$2"),
    values,
  };
}
