import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseProject } from "../python/pyproject.ts";
import { readText } from "../python/requirement/text.ts";
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
  if (valuesAt(parseProject(manifest, text).document, "tool.uv.workspace").length > 0)
    return { project, folder: scratch };
  writeFileSync(join(scratch, "pyproject.toml"), text);
  writeFileSync(join(scratch, "uv.lock"), locked);
  return { project: scratch, folder: project };
}
