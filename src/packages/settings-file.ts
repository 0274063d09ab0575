import { SkerryError, UnfitFile } from "../core/error.ts";
import { readWhole } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";

/** The most that a file of the user's settings may have, in bytes: the certificates of all authorities have a quarter of a megabyte. */
const MOST_BYTES = 4 * 1024 * 1024;
const NOTHING = "/dev/null";

/**
 * The text of a configuration file of an installer's; undefined where there is none, and where the operating system
 * doesn't give it.
 * @throws SKE-IO for a pipe, a device and a file that is too large, which the installer would wait for or read without end
 */
export function readSettingsFile(path: string): string | undefined {
  if (path === NOTHING) return "";
  try {
    return readWhole(path, MOST_BYTES).toString("utf8");
  } catch (error) {
    if (!(error instanceof Error) || "code" in error) return undefined;
    throw unusable(path, error.message);
  }
}

/** Looks at a file of the settings that an installer opens itself. @throws SKE-IO as {@link readSettingsFile} */
export function checkSettingsFile(path: string): void {
  const stat = path === NOTHING ? undefined : lookAt(path);
  if (!stat || stat.isDirectory()) return;
  if (!stat.isFile()) throw unusable(path, new UnfitFile().message);
  if (stat.size > MOST_BYTES) throw unusable(path, new UnfitFile(MOST_BYTES).message);
}

function unusable(path: string, why: string): SkerryError {
  return new SkerryError("SKE-IO", `Could not take settings of uv and pip from ${path}: ${why}`, {
    hint: "put a text file in its place, or take its name out of the variables and settings of uv and pip",
    details: { path },
  });
}
