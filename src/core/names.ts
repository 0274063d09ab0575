import { SkerryError } from "./error.ts";
import { withoutEnd } from "./scan.ts";
import { quoted } from "./text.ts";

/** Letters, digits, `.`, `_`, `-`; begins with a letter or digit; at most 64. Safe as one component of any path. */
export const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Checks a name for an environment and gives it back.
 * @throws SKE-ENV-NAME with the nearest valid name as the hint
 */
export function checkEnvironmentName(name: string): string {
  if (ENVIRONMENT_NAME.test(name)) return name;
  const near = plainName(name).slice(0, 64);
  const rule = "a name has 1 to 64 letters, digits, dots, dashes or underscores and begins with a letter or digit";
  throw new SkerryError("SKE-ENV-NAME", `${quoted(name)} can't be the name of an environment`, {
    hint: near && ENVIRONMENT_NAME.test(near) ? `${rule}: for example ${near}` : rule,
  });
}

/** A text without what a name can't have, of any length; empty where nothing is left. */
export function plainName(text: string): string {
  const plain = text.normalize("NFKD").replace(/[^A-Za-z0-9._-]+/g, "-");
  return withoutEnd(plain.replace(/^[^A-Za-z0-9]+/, ""), "-");
}

/**
 * An environment's id: 8 characters of time and 12 of chance in base 32 (Crockford's alphabet in lower case), so that
 * ids sort by creation. Never begins with a character that a shell or a path treats specially.
 */
export function newId(now: number = Date.now()): string {
  const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  let time = "";
  for (let n = Math.floor(now / 1000), i = 0; i < 8; i++, n = Math.floor(n / 32)) time = alphabet[n % 32] + time;
  let chance = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(12))) chance += alphabet[byte & 31];
  return time + chance;
}

/** What an id looks like. */
export const ENVIRONMENT_ID = /^[0-9a-hjkmnp-tv-z]{20}$/;
