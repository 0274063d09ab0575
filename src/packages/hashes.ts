import { SkerryError } from "../core/error.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { cut } from "../core/scan.ts";
import { dropSecrets, hideSecrets } from "../core/secrets.ts";
import { hashFile } from "../platform/hash-file.ts";
import type { ReadRequirements } from "../python/requirement/files.ts";
import { fragmentHash, type Requirement, type RequirementSource } from "../python/requirement/requirement.ts";
import type { InstallerSettings } from "./settings.ts";

/** Whether the user's own settings ask for a hash of every package (`UV_REQUIRE_HASHES`, `require-hashes` of pip.conf). */
type HashSettings = Pick<InstallerSettings, "requireHashes">;

/**
 * Refuses what has no hash where the user's settings ask for one, before any of it is fetched or built.
 * @throws SKE-PKG-HASH
 */
export function refuseUnhashed(read: ReadRequirements, { requireHashes }: HashSettings): void {
  if (!requireHashes) return;
  const isBare = ({ source, hashes }: Requirement) =>
    source.kind !== "path" && hashes.length === 0 && hashOf(source) === undefined;
  const bare = read.requirements.find(isBare)?.text ?? read.remote.requirements[0];
  if (bare === undefined) return;
  const what = "the installer's settings ask for a hash of every package (require-hashes), and it has none";
  throw new SkerryError("SKE-PKG-HASH", `Could not take ${hideSecrets(bare)}: ${what}`, {
    hint: "add --hash=sha256:… behind the requirement, or install from a lock file",
    details: { requirement: hideSecrets(bare) },
  });
}

/** The hash in an address, `sha256:…`. */
function hashOf(source: RequirementSource): string | undefined {
  return source.kind === "path" ? source.hash : source.kind === "url" ? fragmentHash(source.url) : undefined;
}

/** What of a source stands in a lock; empty for what is found by name. */
function placeOf(source: RequirementSource): string {
  if (source.kind === "path") return source.path;
  return source.kind === "url" ? dropSecrets(cut(source.url, "#")[0]) : "";
}

/** Holds archives to the hashes that their addresses name. @throws SKE-PKG-HASH */
function checkFragments(packages: readonly LockedPackage[], read: ReadRequirements): void {
  for (const { name, source, marker, text } of [...read.requirements, ...read.constraints]) {
    const wanted = hashOf(source);
    if (wanted === undefined) continue;
    const place = placeOf(source);
    const isMeant = ({ name: its, archive }: LockedPackage) =>
      name === undefined ? (archive?.path ?? cut(archive?.url ?? "", "#")[0]) === place : its === name;
    const archive = packages.find(isMeant)?.archive;
    const isAbsent = name !== undefined && packages.every((one) => one.name !== name);
    if (archive === undefined && (marker !== undefined || isAbsent)) continue;
    const [algorithm = "", hex = ""] = wanted.split(":");
    const found = archive?.hashes[algorithm] ?? (archive?.path && hashFile(archive.path, algorithm));
    if (found === hex) continue;
    const what = found === undefined ? `its ${algorithm} can't be checked` : `its ${algorithm} is ${found}`;
    throw new SkerryError("SKE-PKG-HASH", `${hideSecrets(text)} isn't what its address says: ${what}`, {
      hint: "if the file was changed on purpose, write its SHA-256 into the address; if not, don't trust it",
      details: { requirement: hideSecrets(text), ...(found === undefined ? {} : { found: `${algorithm}:${found}` }) },
    });
  }
}

/**
 * A file with those of its hashes alone that were asked for; undefined without one. An installer takes a file that has
 * any of its hashes, and the others are the index's own word.
 */
function withOnly<F extends LockedFile>(wanted: ReadonlySet<string>, file: F): F | undefined {
  const hashes = Object.entries(file.hashes).filter(([kind, hex]) => wanted.has(`${kind}:${hex}`));
  return hashes.length === 0 ? undefined : { ...file, hashes: Object.fromEntries(hashes) };
}

/**
 * Holds a lock to the hashes in requirements files: of each package only the files that have one of its hashes stay.
 * As with pip, one hash anywhere, or `--require-hashes`, asks for a hash of every package that isn't a project folder.
 * @throws SKE-PKG-HASH
 */
export function enforceHashes(
  packages: readonly LockedPackage[],
  read: ReadRequirements,
  { requireHashes }: HashSettings,
): readonly LockedPackage[] {
  checkFragments(packages, read);
  const allowed = new Map<string, Set<string>>();
  const byPlace = new Map<string, readonly string[]>();
  for (const { name, source, hashes } of [...read.requirements, ...read.constraints]) {
    if (hashes.length === 0) continue;
    if (name !== undefined) allowed.set(name, new Set([...(allowed.get(name) ?? []), ...hashes]));
    else if (placeOf(source) !== "") byPlace.set(placeOf(source), hashes);
  }
  // A hash in an address is one as well.
  for (const { name, source } of read.requirements) {
    const hash = hashOf(source);
    if (hash === undefined || !(requireHashes || read.options.requireHashes || allowed.size + byPlace.size > 0))
      continue;
    if (name === undefined) byPlace.set(placeOf(source), [hash]);
    else if (!allowed.has(name)) allowed.set(name, new Set([hash]));
  }
  if (allowed.size + byPlace.size === 0 && !read.options.requireHashes && !requireHashes) return packages;
  return packages.map((one) => {
    if (one.directory) return one;
    const place = one.archive?.path ?? one.archive?.url;
    const hashes = allowed.get(one.name) ?? new Set(place === undefined ? [] : byPlace.get(place));
    const what = one.version === null ? one.name : `${one.name} ${one.version}`;
    if (hashes.size === 0) {
      const why = requireHashes ? "the installer's settings ask for hashes" : "others have one: then all need one";
      throw new SkerryError("SKE-PKG-HASH", `No hash is given for ${what}, but ${why}`, {
        hint: `add ${one.name}==${one.version} with its --hash to the requirements file, dependencies included`,
        details: { package: one.name, version: one.version },
      });
    }
    const held = <F extends LockedFile>(file: F | undefined) => file && withOnly(hashes, file);
    const wheels = one.wheels?.flatMap((file) => held(file) ?? []) ?? [];
    const [sdist, archive] = [held(one.sdist), held(one.archive)];
    if (one.archive ? archive : wheels.length > 0 || sdist) {
      const { wheels: _, sdist: __, archive: ___, ...rest } = one;
      return {
        ...rest,
        ...(wheels.length ? { wheels } : {}),
        ...(sdist ? { sdist } : {}),
        ...(archive ? { archive } : {}),
      };
    }
    const found = [...(one.wheels ?? []), one.sdist, one.archive].flatMap((file) =>
      file ? Object.entries(file.hashes).map(([kind, hex]) => `${kind}:${hex} (${file.name})`) : [],
    );
    throw new SkerryError(
      "SKE-PKG-HASH",
      `No file of ${what} has the hash that was asked for:\n  expected ${[...hashes].join("\n           ")}\n  found    ${found.join("\n           ")}`,
      {
        hint: "if the requirements are out of date, write their hashes anew; if not, don't trust the index",
        details: { package: one.name, expected: [...hashes], found },
      },
    );
  });
}
