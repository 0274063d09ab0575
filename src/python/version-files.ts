// On the warm path: what compares versions is loaded by whoever reads what the files say.
import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Variables } from "../core/variables.ts";
import { readProjectFile, textOf } from "../project/files.ts";
import { foldersOfFiles } from "../project/folders.ts";

/** The file in which a project names its Python. */
export const VERSION_FILE = ".python-version";

/** More than any of them has, in bytes: it names versions. */
export const VERSION_FILE_LIMIT = 64 * 1024;

/** A `.python-version` as it was read. */
export interface VersionText {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/** Those that can bear on a folder: its own and those above it, the nearest first. @throws SKE-CONFIG, SKE-CONFIG-UNTRUSTED */
export function readVersionFiles(folder: string, env: Variables): VersionText[] {
  const { folders, repositoryRoot } = foldersOfFiles(realpathSync(folder), env);
  return folders.flatMap((one) => {
    const file = readProjectFile(join(one, VERSION_FILE), { limit: VERSION_FILE_LIMIT, root: repositoryRoot ?? one });
    return file ? [{ file: file.path, text: textOf(file) }] : [];
  });
}
