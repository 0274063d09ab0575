import type { Stats } from "node:fs";

/** True for what belongs to the user, to root, or, for root through sudo, to the user who called sudo. */
export function isOurs(stat: Pick<Stats, "uid">): boolean {
  const uid = process.geteuid?.();
  if (uid === undefined || stat.uid === uid || stat.uid === 0) return true;
  return uid === 0 && process.env.SUDO_UID === String(stat.uid);
}
