import { basename } from "node:path";

/** Files that say what to install beside requirements files: a lock by PEP 751, uv's lock, a project's own file. */
export type ProjectFileKind = "pylock" | "uv-lock" | "pyproject";

/** What a file given with `-r` is by its name; undefined: a requirements file. Addresses are always those. */
export function projectFileKind(path: string): ProjectFileKind | undefined {
  if (/^https?:/i.test(path)) return undefined;
  const name = basename(path);
  if (name === "pyproject.toml") return "pyproject";
  if (name === "uv.lock") return "uv-lock";
  return /^pylock(\.[^.]+)?\.toml$/.test(name) ? "pylock" : undefined;
}

/**
 * The files of a spec that {@link projectFileKind} knows, and the rest. Groups and extras without any such file are
 * those of the pyproject.toml in `cwd`.
 */
export function splitFiles(
  spec: {
    readonly files?: readonly string[] | undefined;
    readonly groups?: readonly string[] | undefined;
    readonly extras?: readonly string[] | undefined;
  },
  cwd: string,
): { readonly project: readonly string[]; readonly plain: readonly string[]; readonly implied: boolean } {
  const { files = [], groups = [], extras = [] } = spec;
  const project = files.filter((path) => projectFileKind(path) !== undefined);
  const plain = files.filter((path) => projectFileKind(path) === undefined);
  const implied = project.length === 0 && groups.length + extras.length > 0;
  return { project: implied ? [`${cwd}/pyproject.toml`] : project, plain, implied };
}
