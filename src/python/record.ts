import { sha256 } from "../core/json.ts";
import { withoutEnd } from "../core/scan.ts";

/** One row of a RECORD: a path (as written, `/` separated), and the hash and size where the row has them. */
export interface RecordRow {
  readonly path: string;
  /** `sha256=…`: algorithm, `=`, digest in URL-safe base64 without padding. */
  readonly hash?: string;
  /** Bytes. */
  readonly size?: number;
}

/**
 * Reads a RECORD: CSV with the default dialect of Python's `csv` module, as the specification "Recording installed
 * projects" says. Rows without a path are left out. Any text gives some rows: what they name is for the caller to judge.
 */
export function parseRecord(text: string): RecordRow[] {
  const rows: RecordRow[] = [];
  for (const [path = "", hash = "", size = ""] of csvRows(text)) {
    if (path === "") continue;
    rows.push({ path, ...(hash === "" ? {} : { hash }), ...(/^\d{1,15}$/.test(size) ? { size: Number(size) } : {}) });
  }
  return rows;
}

/** Writes a RECORD with `\n` line ends; {@link parseRecord} gives the same rows back. */
export function printRecord(rows: readonly RecordRow[]): string {
  return rows.map((row) => `${quote(row.path)},${quote(row.hash ?? "")},${row.size ?? ""}\n`).join("");
}

/** The hash of a file's content as a RECORD holds it: `sha256=<URL-safe base64>`. */
export function recordHash(content: Uint8Array): string {
  return `sha256=${sha256(content, "base64url")}`;
}

/** The row for a file with this content. */
export function recordRow(path: string, content: Uint8Array): RecordRow {
  return { path, hash: recordHash(content), size: content.byteLength };
}

/**
 * Digest in hexadecimal of a row's SHA-256; undefined when the row has no hash or one of another algorithm.
 */
export function recordSha256(row: RecordRow): string | undefined {
  const digest = row.hash?.startsWith("sha256=") ? withoutEnd(row.hash.slice(7), "=") : undefined;
  return digest === undefined ? undefined : Buffer.from(digest, "base64url").toString("hex");
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function* csvRows(text: string): Generator<string[]> {
  if (!text.includes('"')) {
    for (const line of text.split(/\r\n|[\r\n]/)) yield line.split(",");
    return;
  }
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const [field, end] = readField(text, at);
    row.push(field);
    at = end + (text.startsWith("\r\n", end) ? 2 : 1);
    if (text[end] === ",") {
      // A comma at the very end is followed by one more, empty, field.
      if (at === text.length) row.push("");
      continue;
    }
    yield row;
    row = [];
  }
  if (row.length > 0) yield row;
}

/** A field, and where the comma or line end behind it is: characters behind a closing quotation mark belong to it. */
function readField(text: string, begin: number): [field: string, end: number] {
  const parts: string[] = [];
  let at = begin;
  if (text[at] === '"') {
    do {
      const close = text.indexOf('"', at + 1);
      // A second mark right behind the first is one that stands in the field.
      parts.push(text.slice(parts.length === 0 ? at + 1 : at, close < 0 ? undefined : close));
      at = close < 0 ? text.length : close + 1;
    } while (text[at] === '"');
  }
  const separator = /[,\r\n]/g;
  separator.lastIndex = at;
  const end = separator.exec(text)?.index ?? text.length;
  return [parts.join("") + text.slice(at, end), end];
}
