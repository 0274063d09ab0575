import { basename, isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "smol-toml";
import { SkerryError } from "../core/error.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { parseToml } from "../core/toml.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { PYLOCK, type Pylock } from "./pylock-schema.ts";

type Table = Record<string, unknown>;
type PackageTable = Pylock["packages"][number];
type FileTable = NonNullable<PackageTable["sdist"]>;

/**
 * Parses a `pylock.toml` (PEP 751) and checks its form.
 * @throws an Error that says what is wrong and where
 */
export function parsePylock(text: string): Pylock {
  const document = parseToml(text);
  const checked = PYLOCK.safeParse(document);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0]!;
  const [first, index] = issue.path;
  const named = first === "packages" && typeof index === "number" ? (document.packages as Table[])[index]?.name : "";
  const where = issue.path.map(String).join(".");
  throw new Error(`${where || "the file"}${typeof named === "string" && named ? ` (${named})` : ""}: ${issue.message}`);
}

/**
 * The packages of a `pylock.toml` that uv resolved for one interpreter: markers are left out, they hold. Relative paths
 * count from `folder`. Sorted by name.
 * @throws SKE-PKG-BROKEN
 */
export function readPylock(text: string, folder: string): LockedPackage[] {
  try {
    return parsePylock(text)
      .packages.map((one) => readPackage(one, folder))
      .sort(byName);
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

/** The order of the packages of a lock. */
export function byName(a: LockedPackage, b: LockedPackage): number {
  return a.name < b.name ? -1 : 1;
}

/** One package of a lock file; relative paths count from `folder`. */
export function readPackage(table: PackageTable, folder: string): LockedPackage {
  const { vcs, archive, directory, wheels, sdist, index } = table;
  return {
    name: normalizeName(table.name),
    version: table.version ?? null,
    ...(index === undefined ? {} : { index }),
    ...(wheels?.length ? { wheels: wheels.map((file) => readFile(file, folder)) } : {}),
    ...(sdist ? { sdist: readFile(sdist, folder) } : {}),
    ...(archive ? { archive: { ...readFile(archive, folder), ...subdirectory(archive) } } : {}),
    ...(vcs
      ? {
          vcs: {
            type: vcs.type,
            url: vcs.url ?? resolve(folder, vcs.path ?? ""),
            commit: vcs["commit-id"],
            ...(vcs["requested-revision"] === undefined ? {} : { requestedRevision: vcs["requested-revision"] }),
            ...subdirectory(vcs),
          },
        }
      : {}),
    ...(directory
      ? {
          directory: {
            path: resolve(folder, directory.path),
            editable: directory.editable === true,
            ...subdirectory(directory),
          },
        }
      : {}),
  };
}

function readFile(table: FileTable, folder: string): LockedFile {
  const { name, size, hashes } = table;
  // A local file is a path, however it was written: so it is found again from another folder.
  const local = table.path ?? (/^file:/i.test(table.url ?? "") ? fileURLToPath(table.url!) : undefined);
  const path = local === undefined ? undefined : resolve(folder, local);
  const url = path === undefined ? table.url : undefined;
  return {
    name: name ?? basename(path ?? decodeURIComponent(new URL(url!).pathname)),
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
    hashes: Object.fromEntries(Object.entries(hashes ?? {}).map(([kind, hex]) => [kind, hex.toLowerCase()])),
    ...(size === undefined ? {} : { size }),
  };
}

function subdirectory(table: { readonly subdirectory?: string | undefined }): { subdirectory?: string } {
  return table.subdirectory === undefined ? {} : { subdirectory: table.subdirectory };
}

/** What a lock file says besides its packages. */
export interface PylockExtras {
  /** Keys of the file, before its packages: `environments`, `requires-python`. */
  readonly head?: Readonly<Record<string, unknown>>;
  /** More keys of a package, behind its version. */
  readonly about?: (one: LockedPackage) => Readonly<Record<string, unknown>>;
  /** Keys of the table `tool.skerry`. */
  readonly tool?: Readonly<Record<string, unknown>>;
  /** The folder that paths are written relative to; absent: they stay absolute. */
  readonly folder?: string;
}

/** Writes packages as a `pylock.toml`, in the order of keys of the specification. */
export function writePylock(packages: readonly LockedPackage[], extras: PylockExtras = {}): string {
  const { head = {}, about = () => ({}), tool, folder } = extras;
  const place = (path: string) => (folder === undefined ? path : relative(folder, path) || ".");
  return stringify({
    "lock-version": "1.0",
    ...head,
    "created-by": "skerry",
    packages: packages.map((one) => writePackage(one, about(one), place)),
    ...(tool ? { tool: { skerry: tool } } : {}),
  });
}

function writePackage(one: LockedPackage, about: Table, place: (path: string) => string): Table {
  const { vcs, version, name, archive, directory, index, sdist, wheels } = one;
  const file = <F extends LockedFile>({ path, ...rest }: F) => ({
    ...rest,
    ...(path === undefined ? {} : { path: place(path) }),
  });
  const archived = archive && file(archive);
  return {
    name,
    ...(version === null ? {} : { version }),
    ...about,
    ...(vcs
      ? {
          vcs: {
            type: vcs.type,
            ...(isAbsolute(vcs.url) ? { path: place(vcs.url) } : { url: vcs.url }),
            ...(vcs.requestedRevision === undefined ? {} : { "requested-revision": vcs.requestedRevision }),
            "commit-id": vcs.commit,
            ...subdirectory(vcs),
          },
        }
      : {}),
    ...(directory ? { directory: { ...directory, path: place(directory.path) } } : {}),
    ...(archived ? { archive: { ...archived, name: undefined } } : {}),
    ...(index === undefined ? {} : { index }),
    ...(sdist ? { sdist: file(sdist) } : {}),
    ...(wheels ? { wheels: wheels.map(file) } : {}),
  };
}
