import { SkerryError } from "../core/error.ts";
import { withoutComment } from "../core/scan.ts";
import { pyenvVersion, type Variables } from "./candidates.ts";
import { asksByVersion, type PythonRequest, parsePythonRequest } from "./request.ts";
import { readVersionFiles, type VersionText } from "./version-files.ts";

/** What a `.python-version` asks for. */
export interface PythonVersionFile {
  readonly file: string;
  /** Undefined for pyenv's word `system`: whatever the machine has. */
  readonly request: PythonRequest | undefined;
}

/**
 * The `.python-version` that rules a folder: the nearest that says anything. It says versions, or names of the user's own
 * versions of pyenv; a path or the name of a program is none. Of several words the first one that can be used counts;
 * `#` begins a comment.
 * @param env HOME and PYENV_ROOT of the caller
 * @throws SKE-PYTHON-REQUEST when the file has words, but none can be used; SKE-CONFIG, SKE-CONFIG-UNTRUSTED
 */
export function readPythonVersionFile(folder: string, env: Variables = process.env): PythonVersionFile | undefined {
  for (const each of readVersionFiles(folder, env)) {
    const found = firstUsable(each, env);
    if (found) return found;
  }
  return undefined;
}

function firstUsable({ file, text }: VersionText, env: Variables): PythonVersionFile | undefined {
  let failure: unknown;
  for (const line of text.split(/[\r\n]+/)) {
    const said = withoutComment(line);
    // A range may have spaces in it; versions stand beside each other.
    for (const word of new Set([said, ...said.split(/\s+/)])) {
      if (word === "") continue;
      if (word === "system") return { file, request: undefined };
      try {
        return { file, request: requestFrom(word, env) };
      } catch (error) {
        failure ??= error;
      }
    }
  }
  if (failure === undefined) return undefined;
  throw new SkerryError("SKE-PYTHON-REQUEST", `${file}: ${(failure as Error).message}`, {
    hint: "write one version into it, such as 3.12",
    cause: failure,
  });
}

/** @throws SKE-PYTHON-REQUEST for what is neither a version nor one of pyenv's */
function requestFrom(word: string, env: Variables): PythonRequest {
  // pyenv's own name for a virtual environment that was made of a version.
  const request = parsePythonRequest(/^(\d[\w.]*)\/envs\/[\w.+-]+$/.exec(word)?.[1] ?? word);
  if (asksByVersion(request)) return request;
  const path = request.kind === "name" ? pyenvVersion(request.name, env) : undefined;
  if (path !== undefined) return { kind: "path", text: word, path };
  const what = request.kind === "path" ? "is a path" : "names neither a version of Python nor one of pyenv";
  throw new SkerryError("SKE-PYTHON-REQUEST", `${JSON.stringify(word.slice(0, 80))} ${what}`);
}
