// uv looks for the workspace of a project in all folders above, wherever a checkout or the user's own folders end.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { exists } from "../platform/files.ts";
import { readProjectFile } from "../project/files.ts";
import { Project } from "../project/project.ts";
import { INSTALL_RULES, projectIn } from "../python/pyproject.ts";
import { FILE_LIMIT, readText, refuse } from "../python/requirement/text.ts";
import { LOCK_FILE_LIMIT } from "./pylock-schema.ts";
import { valuesAt } from "./tool-tables.ts";

/** Where uv reads a lock, and what the relative paths in its answer count from, if that lies in the scratch folder. */
interface PlacedLock {
  readonly project: string;
  readonly folder: string;
}

/**
 * Lets uv read just this lock: of a project that isn't the root of a workspace it would read the lock of a folder above
 * which calls the project a member, and settings there, whoever wrote those. So it gets copies to read.
 * @param scratch a folder with no project above
 * @throws SKE-PKG-REQUIREMENT for a lock without a pyproject.toml beside it, and for files that can't be read
 */
export function placeLock(project: string, scratch: string): PlacedLock {
  const [lock, manifest] = [join(project, "uv.lock"), join(project, "pyproject.toml")];
  const text = readText(manifest, undefined, LOCK_FILE_LIMIT);
  const locked = readText(lock, undefined, LOCK_FILE_LIMIT);
  if (isWorkspace(new Project(project, () => ({ ...INSTALL_RULES, text: () => text }))))
    return { project, folder: scratch };
  writeFileSync(join(scratch, "pyproject.toml"), text);
  writeFileSync(join(scratch, "uv.lock"), locked);
  return { project: scratch, folder: project };
}

/**
 * Refuses a folder of which uv would believe another user's pyproject.toml above where its packages and what builds it
 * come from.
 * @throws SKE-PKG-REQUIREMENT
 */
export function refuseForeignWorkspace(folder: string): void {
  const project = projectIn(folder);
  if (!exists(project.pyprojectPath) || isWorkspace(project)) return;
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    const path = join(above, "pyproject.toml");
    try {
      readProjectFile(path, { limit: FILE_LIMIT });
    } catch (error) {
      if (!(error instanceof SkerryError)) throw error;
      const what = `uv takes what stands in a pyproject.toml above for the project's: ${error.message}`;
      throw refuse(folder, what, "move the project out of that folder, or install it with --installer pip");
    }
  }
}

function isWorkspace(project: Project): boolean {
  return valuesAt(project.table(project.pyprojectPath), "tool.uv.workspace").length > 0;
}
