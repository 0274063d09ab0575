import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { satisfies, validRange } from "@renovatebot/pep440";
import { SkerryError } from "../core/error.ts";
import { quoted } from "../core/text.ts";
import type { InterpreterFacts } from "./interpreter.ts";

/** What Python is wanted. `text` is what was asked, for messages. */
export type PythonRequest =
  | {
      readonly kind: "version";
      readonly text: string;
      readonly implementation: "cpython" | "pypy";
      /** The first 0 to 3 numbers of the version; none: any. */
      readonly version: readonly number[];
      readonly freeThreaded: boolean;
    }
  /** Version specifiers of PEP 440; CPython is meant. */
  | { readonly kind: "range"; readonly text: string; readonly range: string }
  /** An executable, or the folder of a prefix or virtual environment. Absolute. */
  | { readonly kind: "path"; readonly text: string; readonly path: string }
  /** A command on PATH with the name of a Python, or a version of pyenv by its folder's name. */
  | { readonly kind: "name"; readonly text: string; readonly name: string };

const VERSION = /^(cpython|pypy|python|py)?[-@]?(\d+(?:\.\d+){0,2})?(t)?$/;

/**
 * Reads a request: `3`, `3.12`, `3.12.1`, `312`, `3.13t` (free-threaded), `python3.12`, `cpython3.12`, `pypy`, `pypy3.10`,
 * `>=3.10,<3.13`, `3.14.0rc2`, a path (`./.venv`, `~/x/bin/python`), or the name of a command. Looks nothing up.
 * @param base what a relative path counts from; the working folder when absent
 * @throws SKE-PYTHON-REQUEST
 */
export function parsePythonRequest(text: string, base: string = process.cwd()): PythonRequest {
  const asked = text.trim();
  if (/^~\/|^~$/.test(asked)) return { kind: "path", text: asked, path: join(homedir(), asked.slice(1)) };
  if (asked.includes("/") || asked === "." || asked === "..") {
    if (!/[\0\n\r]/.test(asked)) return { kind: "path", text: asked, path: resolve(base, asked) };
  }
  const match = VERSION.exec(asked.toLowerCase());
  if (match && (match[1] || match[2]) && !(match[3] && !match[2])) {
    const [, kind, digits, threaded] = match;
    // 312 and py39 are written so too.
    const version = (digits ?? "").replace(/^([23])(\d{1,2})$/, "$1.$2");
    if (kind === "py" && !digits) return { kind: "name", text: asked, name: asked };
    if (kind === "python" && !digits) return { kind: "name", text: asked, name: asked };
    return {
      kind: "version",
      text: asked,
      implementation: kind === "pypy" ? "pypy" : "cpython",
      version: version === "" ? [] : version.split(".").map(Number),
      freeThreaded: threaded === "t",
    };
  }
  if (/^\d+\.\d+(\.\d+)?(a|b|rc)\d+$/.test(asked)) return { kind: "range", text: asked, range: `==${asked}` };
  if (/^[<>=!~]/.test(asked) && validRange(asked)) return { kind: "range", text: asked, range: asked };
  if (/^([a-z][\w.+-]*|\d[\d.]*-[\w.+-]+)$/i.test(asked)) return { kind: "name", text: asked, name: asked };
  throw new SkerryError("SKE-PYTHON-REQUEST", `${quoted(asked)} doesn't say which Python is wanted`, {
    hint: "ask by version (3.12), range (>=3.10,<3.13), kind (pypy3.10), command (python3.12) or path",
  });
}

/** The versions that are asked about: what is known of an interpreter, or only its folder's name. */
export type VersionFacts = Pick<InterpreterFacts, "implementation" | "version" | "versionInfo" | "freeThreaded">;

/**
 * Whether an interpreter's version fits. Requests by path or name ask for no version: everything fits. A range takes in
 * pre-releases only when it names one, as PEP 440 says.
 */
export function matches(request: PythonRequest, facts: VersionFacts): boolean {
  switch (request.kind) {
    case "version":
      return (
        facts.implementation === request.implementation &&
        facts.freeThreaded === request.freeThreaded &&
        request.version.every((part, index) => facts.versionInfo[index] === part)
      );
    case "range":
      return (
        facts.implementation === "cpython" &&
        !facts.freeThreaded &&
        satisfies(facts.version, request.range, { prereleases: /\d(a|b|rc)\d/.test(request.range) })
      );
    default:
      return true;
  }
}

/**
 * Whether a request can do no more than choose, by version, among the interpreters that this machine has anyway: it names
 * no file and no program. What a project may ask for before it is trusted is told by this.
 */
export function asksByVersion({ kind }: PythonRequest): boolean {
  return kind === "version" || kind === "range";
}
