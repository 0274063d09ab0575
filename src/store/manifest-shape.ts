import { STORE_FORMAT } from "./manifest.ts";
import type { FileRow, TreeHeader } from "./shapes.ts";

// What vouches for a manifest is its digest. This keeps one that something else wrote from naming files elsewhere.

/** Whether a value has the shape of a row, and its path stays in the prefix. */
export function isFileRow(value: unknown): value is FileRow {
  if (!Array.isArray(value) || value.length !== 6) return false;
  const [path, size, time, mode, sha256, own] = value as unknown[];
  const areNumbers = [size, time, mode, own].every(Number.isFinite);
  return isInside(path) && areNumbers && typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
}

/** Whether a value has the shape of a tree's header, and is of this key. */
export function isTreeHeader(value: unknown, key: string): value is TreeHeader {
  if (typeof value !== "object" || value === null) return false;
  const header = value as Partial<Record<keyof TreeHeader, unknown>>;
  const { name, version, target, source, distInfo, sitePackages, folder = key, count, bytes, boot = "" } = header;
  return (
    header.format === STORE_FORMAT &&
    header.key === key &&
    [name, version, target, source, boot].every((text) => typeof text === "string") &&
    isName(distInfo) &&
    isInside(sitePackages) &&
    isName(folder) &&
    folder.startsWith(key) &&
    [count, bytes].every(Number.isFinite) &&
    isListOf(header.tops, isInside) &&
    isListOf(header.apart, isFileRow) &&
    isListOf(header.pth, isName) &&
    (header.requires === undefined || isListOf(header.requires, (line) => typeof line === "string"))
  );
}

/** Whether a value is a list of what a test allows. */
export function isListOf(value: unknown, test: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(test);
}

/** A path below something, that says so plainly. */
export function isInside(path: unknown): path is string {
  return typeof path === "string" && path !== "" && !/^\/|\0|(^|\/)\.{0,2}(\/|$)/.test(path);
}

/** A path of one component. */
export function isName(name: unknown): name is string {
  return isInside(name) && !name.includes("/");
}
