import { isErrno } from "../core/error.ts";
import { fileTime, setFileTime } from "../platform/file-time.ts";
import { lookAt } from "../platform/look.ts";

/** How old the time of the last use may become before it is noted anew, in milliseconds: a day. */
const NOTE_MS = 86_400_000;

/**
 * When a tree or layer was last used, in milliseconds since 1970, to the day; 0 when it is gone. It is the time of its
 * manifest, which nothing else depends on.
 */
export function lastUse(manifest: string): number {
  const stat = lookAt(manifest);
  return stat ? fileTime(stat) : 0;
}

/**
 * Notes that a tree or layer is used, or was at a time; an earlier one changes nothing.
 * @param last what {@link lastUse} says, where it is known
 */
export function noteUse(manifest: string, at = Date.now(), last = lastUse(manifest)): void {
  if (at - last < NOTE_MS) return;
  try {
    setFileTime(manifest, at);
  } catch (error) {
    // It was collected, or belongs to a state that can only be read: whoever needs it will be told then.
    if (!isErrno(error, "ENOENT", "EACCES", "EPERM", "EROFS")) throw error;
  }
}
