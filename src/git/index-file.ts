// What git tracks, read without starting git: versions 2 to 4 of gitformat-index(5).

/** What of an index is read. */
export interface GitIndex {
  /** The path of each entry, from the root of the checkout; with a slash behind it where it stands for a whole folder. */
  readonly paths: readonly Buffer[];
  /** Those that stand for a repository of their own, a submodule: git writes into it by that one's index. */
  readonly repositories: ReadonlySet<Buffer>;
  /** The name of the file in the git folder that this one adds to: of a split index. */
  readonly base: string | undefined;
}

/** An entry begins with ten numbers; the name of the object and flags follow. */
const NUMBERS = 40;
/** Where its mode is, and the one of a submodule. */
const MODE = 24;
const SUBMODULE = 0o160000;

/**
 * Reads the file that git keeps what it tracks in.
 * @param hashBytes how long the name of an object is: 20, or 32 for SHA-256
 * @throws Error with a clause for people, for what can't be understood
 */
export function readIndex(bytes: Buffer, hashBytes: number): GitIndex {
  const version =
    bytes.length < 12 + hashBytes || bytes.toString("latin1", 0, 4) !== "DIRC" ? 0 : bytes.readUInt32BE(4);
  if (version < 2 || version > 4) throw new Error("it is none of a version that is known");
  const count = bytes.readUInt32BE(8);
  const end = bytes.length - hashBytes;
  const paths: Buffer[] = [];
  const repositories = new Set<Buffer>();
  let last: Buffer = Buffer.alloc(0);
  let at = 12;
  for (let n = 0; n < count; n++) {
    const begin = at;
    at += NUMBERS + hashBytes + 2;
    if (at >= end) throw cutShort();
    const isExtended = version > 2 && (bytes[at - 2]! & 0x40) !== 0;
    if (isExtended) at += 2;
    let kept = 0;
    if (version === 4) {
      let dropped: number;
      [dropped, at] = numberAt(bytes, at);
      kept = last.length - dropped;
    }
    const stop = bytes.indexOf(0, at);
    if (kept < 0 || stop < 0 || stop >= end) throw cutShort();
    const rest = bytes.subarray(at, stop);
    const path = kept === 0 ? rest : Buffer.concat([last.subarray(0, kept), rest]);
    paths.push(path);
    if (bytes.readUInt32BE(begin + MODE) === SUBMODULE) repositories.add(path);
    last = path;
    // But in the newest version, one to eight zeros fill an entry up.
    at = version === 4 ? stop + 1 : begin + (((stop - begin) >> 3) + 1) * 8;
  }
  return { paths, repositories, base: baseOf(bytes, at, hashBytes) };
}

/** A number of as many bytes as it needs, as packs have them, and where the next byte is. */
function numberAt(bytes: Buffer, begin: number): [value: number, next: number] {
  let at = begin;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return [value, at];
}

/** Behind the entries: four letters, a length, and so many bytes. */
function baseOf(bytes: Buffer, begin: number, hashBytes: number): string | undefined {
  const end = bytes.length - hashBytes;
  for (let at = begin; at < end; at += 8 + bytes.readUInt32BE(at + 4)) {
    if (at + 8 > end) throw cutShort();
    if (bytes.toString("latin1", at, at + 4) !== "link") continue;
    const name = bytes.toString("hex", at + 8, at + 8 + hashBytes);
    return /^0*$/.test(name) ? undefined : `sharedindex.${name}`;
  }
  return undefined;
}

function cutShort(): Error {
  return new Error("it is cut short");
}
