import { chmodSync, lstatSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { SkerryError } from "../core/error.ts";
import { fileTime } from "../platform/file-time.ts";
import { exists, readWhole, writeAtomic } from "../platform/files.ts";
import { hashFile } from "../platform/hash-file.ts";
import { moveFolder } from "../platform/move.ts";
import { withoutSecrets } from "../python/direct-url.ts";
import { readHeader, requiresDist } from "../python/dist-info.ts";
import { printRecord, type RecordRow, recordRow, recordSha256 } from "../python/record.ts";
import { relocateScript } from "../python/scripts.ts";
import { machineBoot } from "./durable.ts";
import { printManifest, STORE_FORMAT } from "./manifest.ts";
import { needsOwnCopy } from "./policy.ts";
import type { FileRow, TreeHeader } from "./shapes.ts";
import type { InstalledWheel } from "./split.ts";
import { topOf } from "./tree.ts";

/** What makes a tree of a wheel in a prefix. */
export interface SealRequest {
  readonly wheel: InstalledWheel;
  /** Where the wheel is installed; its files are taken from there. */
  readonly prefix: string;
  /** An empty or missing folder on the same file system, in one of the caller's own. */
  readonly staging: string;
  /** Key, or how to make one of the rows of the finished files. */
  readonly key: string | ((files: readonly FileRow[]) => string);
  /** Folder of trees that the tree goes to. */
  readonly folder: string;
  readonly target: string;
  readonly source: string;
  /** True for programs that scripts of the wheel may start with: the interpreter it was installed for. */
  readonly isInterpreter: (program: string) => boolean;
}

/**
 * Makes a wheel's files final (scripts relocatable, RECORD renewed, hashes checked and taken), moves them to their place
 * in the store and seals them: files get the mode that pip gives them, for whoever copies one copies its mode too, and
 * folders 0555 once they stand at their final name. The manifest is written last. It, its folder entry and the tree's are
 * synced to disk; the files aren't (tens of thousands of syncs): see durable.ts.
 * The caller holds the lease of the key.
 * @returns the key
 * @throws SKE-PKG-BROKEN when a file doesn't have the hash that the wheel's RECORD tells
 */
export function sealTree(request: SealRequest): string {
  const { wheel, prefix, staging, folder } = request;
  const record = `${wheel.sitePackages}/${wheel.distInfo}/RECORD`;
  const folders = new Set<string>();
  const place = (file: string): string => {
    makeFolders(staging, dirname(file), folders);
    return `${staging}/${file}`;
  };
  const files: FileRow[] = [];
  const rows: RecordRow[] = [];
  for (const file of wheel.files) {
    if (file === record) continue;
    const row = wheel.rows.get(file);
    const to = place(file);
    renameSync(`${prefix}/${file}`, to);
    const hash = hashFile(to);
    checkHash(wheel, row, hash);
    const changed = finalContent(to, file, request);
    if (changed) {
      writeFileSync(to, changed);
      if (row) rows.push(recordRow(row.path || rowPath(wheel, file), changed));
    } else if (row) {
      rows.push(row.path === "" ? { ...row, path: rowPath(wheel, file) } : row);
    }
    files.push(sealFile(to, file, changed ? hashFile(to) : hash, wheel.sitePackages));
  }
  rows.push({ path: rowPath(wheel, record) });
  const to = place(record);
  writeFileSync(to, printRecord(rows));
  files.push(sealFile(to, record, hashFile(to), wheel.sitePackages));
  files.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const key = typeof request.key === "string" ? request.key : request.key(files);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What stands there may be a damaged tree, which is needed until the manifest leads to the new one.
  const isTaken = exists(`${folder}/${key}`);
  const name = isTaken ? `${key}.${process.pid}-${Date.now().toString(36)}` : key;
  const root = `${folder}/${name}`;
  moveFolder(staging, root);
  sealFolders(root, folders);
  const requires = requiresDist(readHeader(`${root}/${wheel.sitePackages}/${wheel.distInfo}`));
  const named = isTaken ? { folder: name } : {};
  const manifest = printManifest({ ...header(request, key, files), ...named, requires }, files);
  // No file replaces a folder: what some accident put there goes with the rest of the work.
  if (lstatSync(`${folder}/${key}.json`, { throwIfNoEntry: false })?.isDirectory())
    renameSync(`${folder}/${key}.json`, `${dirname(staging)}/${key}.json`);
  writeAtomic(`${folder}/${key}.json`, manifest, { mode: 0o444, fsync: true, aside: dirname(staging) });
  return key;
}

/** What a file has to have instead of what the installer wrote: scripts find their interpreter, and no address has a secret. */
function finalContent(path: string, file: string, { wheel, isInterpreter }: SealRequest): Uint8Array | undefined {
  if (file.startsWith("bin/")) return relocateScript(readWhole(path, 2 ** 31), isInterpreter);
  if (file !== `${wheel.sitePackages}/${wheel.distInfo}/direct_url.json`) return undefined;
  const text = readWhole(path).toString();
  const bare = withoutSecrets(text);
  return bare === text ? undefined : Buffer.from(bare);
}

/** Makes the folders 0555, the deepest first, the root last. */
export function sealFolders(root: string, folders: Iterable<string>): void {
  for (const folder of [...folders].sort().reverse()) chmodSync(`${root}/${folder}`, 0o555);
  chmodSync(root, 0o555);
}

/** Makes a relative folder and its parents below a root, which exists or not; remembers them in `made`. */
export function makeFolders(root: string, folder: string, made: Set<string>): void {
  if (folder === "." || made.has(folder)) return;
  makeFolders(root, dirname(folder), made);
  mkdirSync(`${root}/${folder}`, { recursive: true });
  made.add(folder);
}

function checkHash(wheel: InstalledWheel, row: RecordRow | undefined, hash: string): void {
  const expected = row && recordSha256(row);
  if (expected === undefined || expected === hash) return;
  const message = `${wheel.name} ${wheel.version} is damaged: ${row?.path} doesn't have the hash that its RECORD tells`;
  throw new SkerryError("SKE-PKG-BROKEN", message, {
    hint: "clear the installer's cache (uv cache clean, pip cache purge) and try again, or take another version",
    details: { package: wheel.name, path: row?.path },
  });
}

/** How RECORD of a wheel calls a file of the prefix. */
function rowPath(wheel: InstalledWheel, file: string): string {
  if (file.startsWith(`${wheel.sitePackages}/`)) return file.slice(wheel.sitePackages.length + 1);
  return `${wheel.sitePackages.replace(/[^/]+/g, "..")}/${file}`;
}

function sealFile(full: string, path: string, hash: string, sitePackages: string): FileRow {
  const executable = (lstatSync(full).mode & 0o111) !== 0;
  chmodSync(full, executable ? 0o755 : 0o644);
  const stat = lstatSync(full);
  const own = needsOwnCopy(path, stat.size, sitePackages) ? 1 : 0;
  return [path, stat.size, fileTime(stat), stat.mode & 0o7777, hash, own];
}

function header(request: SealRequest, key: string, files: readonly FileRow[]): TreeHeader {
  const { wheel, target, source } = request;
  const { name, version, distInfo, sitePackages } = wheel;
  const inside = `${sitePackages}/`;
  return {
    format: STORE_FORMAT,
    key,
    boot: machineBoot(),
    name,
    version,
    distInfo,
    target,
    source,
    sitePackages,
    count: files.length,
    bytes: files.reduce((sum, row) => sum + row[1], 0),
    tops: [...new Set(files.map((row) => topOf(row[0], sitePackages)))],
    apart: files.filter((row) => !row[0].startsWith(inside)),
    pth: files
      .filter((row) => row[0].startsWith(inside) && /^[^/]+\.pth$/.test(row[0].slice(inside.length)))
      .map((row) => row[0].slice(inside.length)),
  };
}
