import { valid } from "@renovatebot/pep440";
import { z } from "zod";
import { PACKAGE_NAME } from "../python/requirement/requirement.ts";

/** The largest lock file, in bytes. */
export const LOCK_FILE_LIMIT = 32 * 1024 * 1024;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\x00-\x1f\x7f]*$/, "expected text without control characters");
const name = text(200).regex(PACKAGE_NAME, "expected the name of a package");
const names = z.array(name).max(1000).optional();
const fileName = text(500).regex(/^(?!\.\.?$)[^/\\]+$/, "expected the name of a file, without folders");
const url = (schemes: RegExp, expected: string) =>
  text(16_384).refine((value) => URL.canParse(value) && schemes.test(value), `expected an address (${expected})`);
const path = text(4096);
const inside = path.refine(
  (value) => !/^[/\\]|^[A-Za-z]:/.test(value) && !value.split(/[/\\]/).includes(".."),
  "expected a folder inside of the source tree",
);
const size = z.int().nonnegative().optional();
const hashes = z
  .record(text(40).regex(/^[a-z0-9_]+$/), text(256).regex(/^[0-9A-Fa-f]{8,}$/, "expected hexadecimal digits"))
  .optional();

const place = { url: url(/^(https?|file):/i, "http, https or file").optional(), path: path.optional() };
const placed = (value: { readonly url?: string | undefined; readonly path?: string | undefined }) =>
  value.url !== undefined || value.path !== undefined;
const UNPLACED = "expected url or path";

const file = z.object({ name: fileName.optional(), ...place, size, hashes }).refine(placed, UNPLACED);

const lockedPackage = z
  .object({
    name,
    version: text(100)
      .refine((value) => valid(value) !== null, "expected a version")
      .optional(),
    marker: text(16_384).optional(),
    "requires-python": text(500).optional(),
    index: url(/^(https?|file):/i, "http, https or file").optional(),
    wheels: z.array(file).max(5000).optional(),
    sdist: file.optional(),
    archive: z
      .object({ ...place, size, hashes, subdirectory: inside.optional() })
      .refine(placed, UNPLACED)
      .optional(),
    vcs: z
      .object({
        type: z.enum(["git", "hg", "svn", "bzr"]),
        // No transport of git's that names a program to run.
        url: url(/^(https?|ssh|git|file|svn|bzr):/i, "https, http, ssh, git or file").optional(),
        path: path.optional(),
        "commit-id": text(200).regex(/^[A-Za-z0-9][A-Za-z0-9@:._-]*$/, "expected a commit"),
        "requested-revision": text(500).optional(),
        subdirectory: inside.optional(),
      })
      .refine(placed, UNPLACED)
      .optional(),
    directory: z.object({ path, editable: z.boolean().optional(), subdirectory: inside.optional() }).optional(),
  })
  .refine(
    ({ wheels = [], sdist, archive, vcs, directory }) =>
      [wheels.length > 0 || sdist, archive, vcs, directory].filter(Boolean).length === 1,
    "expected one source: wheels and sdist, or archive, or vcs, or directory",
  );

/**
 * What of a lock file is read (https://packaging.python.org/specifications/pylock-toml/); keys that say nothing of what
 * is installed are left out. Names aren't normalised yet, and paths are as they were written.
 */
export const PYLOCK = z.object({
  "lock-version": text(20).regex(/^1(\.\d+)*$/, "only versions 1.x of the format are known"),
  environments: z.array(text(16_384)).max(1000).optional(),
  "requires-python": text(500).optional(),
  extras: names,
  "dependency-groups": names,
  "default-groups": names,
  packages: z.array(lockedPackage).max(20_000),
  tool: z
    .object({ skerry: z.object({ requirements: z.array(text(65_536)).max(10_000).optional() }).optional() })
    .optional(),
});

/** A lock file whose form is right. */
export type Pylock = z.infer<typeof PYLOCK>;
