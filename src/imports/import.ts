import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import { IMPORT_KINDS, type ImportKind } from "../core/import-kinds.ts";
import { exists } from "../platform/files.ts";
import { importConda } from "./conda.ts";
import { type Imported, nothingFrom } from "./imported.ts";
import { importPipfile } from "./pipfile.ts";
import { importPoetry } from "./poetry.ts";
import { importVenv } from "./venv.ts";

/** What to import. */
export interface ImportRequest {
  readonly kind: ImportKind;
  /** A file, or the folder that has it; for `virtualenvwrapper` a name. Absent: the working folder. */
  readonly path?: string;
  /** Take what is only for development too. */
  readonly dev?: boolean;
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** The usual names of each kind's file. */
const FILES: Readonly<Partial<Record<ImportKind, readonly string[]>>> = {
  requirements: ["requirements.txt"],
  pipfile: ["Pipfile"],
  poetry: ["pyproject.toml"],
  "environment.yml": ["environment.yml", "environment.yaml"],
};

/**
 * Reads what another tool's files say; changes nothing.
 * @throws SKE-USAGE for a file that isn't there or can't be understood, SKE-IO
 */
export function readImport(request: ImportRequest): Imported {
  const { kind, cwd, env, path = ".", dev = false } = request;
  switch (kind) {
    case "requirements": {
      const file = fileOf(kind, resolve(cwd, path));
      return { ...nothingFrom(file), files: [file] };
    }
    case "pipfile":
      return importPipfile(fileOf(kind, resolve(cwd, path)), { dev });
    case "poetry":
      return importPoetry(fileOf(kind, resolve(cwd, path)), { dev });
    case "environment.yml":
      return importConda(fileOf(kind, resolve(cwd, path)));
    case "venv":
      return importVenv(path === "." ? nearVenv(cwd) : resolve(cwd, path));
    case "virtualenvwrapper":
      return importVenv(resolve(env.WORKON_HOME ?? join(env.HOME ?? "/", ".virtualenvs"), path));
  }
}

function fileOf(kind: ImportKind, path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const candidates = isFolder ? (FILES[kind] ?? []).map((name) => join(path, name)) : [path];
  const found = candidates.find(exists);
  if (found !== undefined) return found;
  throw new SkerryError("SKE-USAGE", `There is no ${candidates.join(" or ")} to import`, {
    hint: `name the file: skerry import ${kind} FILE; or another kind: ${IMPORT_KINDS.join(", ")}`,
  });
}

function nearVenv(cwd: string): string {
  return (
    [".venv", "venv", "env"].map((name) => join(cwd, name)).find((prefix) => exists(`${prefix}/pyvenv.cfg`)) ?? cwd
  );
}
