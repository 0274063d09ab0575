export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Canonical JSON: keys sorted by UTF-16 code units, no white space, absent and `undefined` members left out; numbers
 * as ECMAScript prints them. The rules are those of RFC 8785.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") {
    if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return JSON.stringify(value) ?? "null";
  }
  if (Array.isArray(value)) {
    // Of locks, most is lists of hashes and names.
    if (value.every((entry) => typeof entry === "string")) return JSON.stringify(value);
    return `[${value.map(canonicalJson).join(",")}]`;
  }
  let members = "";
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) members += `${members && ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** A hash that is fed piece by piece; as node:crypto and Bun have it. */
export interface Hasher {
  update(data: string | Uint8Array): unknown;
  digest(encoding: "hex" | "base64url"): string;
}

/**
 * A SHA-256 to feed. Loading node:crypto costs Bun 2.5 ms, a third of a warm start, and its own hasher nothing; under
 * Node.js node:crypto is loaded when the first hash is made.
 */
export function newSha256(): Hasher {
  const { Bun } = globalThis as { Bun?: { CryptoHasher: new (algorithm: "sha256") => Hasher } };
  return Bun ? new Bun.CryptoHasher("sha256") : process.getBuiltinModule("node:crypto").createHash("sha256");
}

/** SHA-256, in lower-case hexadecimal (64 characters) unless asked for otherwise. */
export function sha256(data: string | Uint8Array, encoding: "hex" | "base64url" = "hex"): string {
  const hash = newSha256();
  hash.update(data);
  return hash.digest(encoding);
}

/** SHA-256 of the {@link canonicalJson} of a value: equal values have equal digests, whatever the order of their keys. */
export function digest(value: unknown): string {
  return sha256(canonicalJson(value));
}
