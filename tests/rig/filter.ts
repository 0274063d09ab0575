import { pythons } from "./pythons.ts";

/**
 * Replaces what differs from run to run, so that the rest can be compared whole: `[ROOT]` for the rig's folder,
 * `[PYTHON]` for interpreters, `[ID]` for ids of environments, `[DATE]`, `[TIME]` for durations, `[PORT]`, `[PID]`.
 */
export function filtered(text: string, root: string): string {
  let plain = text.replaceAll(root, "[ROOT]");
  for (const python of pythons()) plain = plain.replaceAll(python.path, "[PYTHON]");
  return (
    plain
      .replace(/\b0[0-9a-hjkmnp-tv-z]{19}\b/g, "[ID]")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "[DATE]")
      .replace(/\b\d+(\.\d+)? (ms|s|min|h|d)\b( \d+ (s|min|h)\b)?/g, "[TIME]")
      // The width of a column of durations differs too.
      .replace(/\bAGE +/g, "AGE  ")
      .replace(/\b(127\.0\.0\.1|localhost):\d+/g, "$1:[PORT]")
      .replace(/\bpid \d+/g, "pid [PID]")
  );
}
