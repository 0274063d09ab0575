import { basename, resolve } from "node:path";
import { parse, stringify } from "smol-toml";
import { SkerryError } from "../core/error.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { normalizeName } from "../python/requirement.ts";

type Table = Record<string, unknown>;

/**
 * Reads the packages of a `pylock.toml` (PEP 751) that was resolved for one interpreter: markers are left out, they
 * hold. Relative paths count from `folder`. Sorted by name.
 * @throws SKE-PKG-BROKEN
 */
export function readPylock(text: string, folder: string): LockedPackage[] {
  try {
    const packages = (parse(text).packages ?? []) as Table[];
    return packages.map((one) => readPackage(one, folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new SkerryError(
      "SKE-PKG-BROKEN",
      `The lock that the installer wrote can't be read: ${(error as Error).message}`,
      {
        hint: "upgrade uv, or choose pip with --installer pip",
        cause: error,
      },
    );
  }
}

function readPackage(table: Table, folder: string): LockedPackage {
  const vcs = table.vcs as Table | undefined;
  const archive = table.archive as Table | undefined;
  const directory = table.directory as Table | undefined;
  return {
    name: normalizeName(String(table.name)),
    version: table.version === undefined ? null : String(table.version),
    ...(table.wheels ? { wheels: (table.wheels as Table[]).map((file) => readFile(file, folder)) } : {}),
    ...(table.sdist ? { sdist: readFile(table.sdist as Table, folder) } : {}),
    ...(archive ? { archive: { ...readFile(archive, folder), ...subdirectory(archive) } } : {}),
    ...(vcs
      ? {
          vcs: {
            type: String(vcs.type),
            url: String(vcs.url ?? (vcs.path === undefined ? "" : resolve(folder, String(vcs.path)))),
            commit: String(vcs["commit-id"]),
            ...(vcs["requested-revision"] === undefined
              ? {}
              : { requestedRevision: String(vcs["requested-revision"]) }),
            ...subdirectory(vcs),
          },
        }
      : {}),
    ...(directory
      ? {
          directory: {
            path: resolve(folder, String(directory.path)),
            editable: directory.editable === true,
            ...subdirectory(directory),
          },
        }
      : {}),
  };
}

function readFile(table: Table, folder: string): LockedFile {
  const url = table.url === undefined ? undefined : String(table.url);
  const path = table.path === undefined ? undefined : resolve(folder, String(table.path));
  const last = path === undefined ? decodeURIComponent(new URL(url ?? "").pathname) : path;
  return {
    name: table.name === undefined ? basename(last) : String(table.name),
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
    hashes: { ...(table.hashes as Record<string, string> | undefined) },
    ...(table.size === undefined ? {} : { size: Number(table.size) }),
  };
}

function subdirectory(table: Table): { subdirectory?: string } {
  return table.subdirectory === undefined ? {} : { subdirectory: String(table.subdirectory) };
}

/** Writes packages as a `pylock.toml`; paths stay absolute. */
export function writePylock(packages: readonly LockedPackage[]): string {
  return stringify({ "lock-version": "1.0", "created-by": "skerry", packages: packages.map(writePackage) });
}

function writePackage(one: LockedPackage): Table {
  const { vcs, version, name, ...files } = one;
  return {
    name,
    ...(version === null ? {} : { version }),
    ...files,
    ...(vcs
      ? {
          vcs: {
            type: vcs.type,
            url: vcs.url,
            "commit-id": vcs.commit,
            ...(vcs.requestedRevision === undefined ? {} : { "requested-revision": vcs.requestedRevision }),
            ...subdirectory(vcs),
          },
        }
      : {}),
  };
}
