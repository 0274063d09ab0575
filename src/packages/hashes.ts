import { SkerryError } from "../core/error.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";
import { cut } from "../core/scan.ts";
import { dropSecrets } from "../core/secrets.ts";
import type { ReadRequirements } from "../python/requirements.ts";

/**
 * Holds a lock to the hashes in requirements files: of each package only the files that have one of its hashes stay.
 * As with pip, one hash anywhere, or `--require-hashes`, asks for a hash of every package that isn't a project folder.
 * @throws SKE-PKG-HASH
 */
export function enforceHashes(packages: readonly LockedPackage[], read: ReadRequirements): readonly LockedPackage[] {
  const allowed = new Map<string, Set<string>>();
  const byPlace = new Map<string, readonly string[]>();
  for (const { name, source, hashes } of [...read.requirements, ...read.constraints]) {
    if (hashes.length === 0) continue;
    if (name !== undefined) allowed.set(name, new Set([...(allowed.get(name) ?? []), ...hashes]));
    else if (source.kind === "path") byPlace.set(source.path, hashes);
    else if (source.kind === "url") byPlace.set(dropSecrets(cut(source.url, "#")[0]), hashes);
  }
  if (allowed.size + byPlace.size === 0 && !read.options.requireHashes) return packages;
  return packages.map((one) => {
    if (one.directory) return one;
    const place = one.archive?.path ?? one.archive?.url;
    const hashes = allowed.get(one.name) ?? new Set(place === undefined ? [] : byPlace.get(place));
    const what = one.version === null ? one.name : `${one.name} ${one.version}`;
    if (hashes.size === 0) {
      throw new SkerryError("SKE-PKG-HASH", `No hash is given for ${what}, but others have one: then all need one`, {
        hint: `add ${one.name}==${one.version} with its --hash to the requirements file, dependencies included`,
        details: { package: one.name, version: one.version },
      });
    }
    const fits = (file: LockedFile) => Object.entries(file.hashes).some(([kind, hex]) => hashes.has(`${kind}:${hex}`));
    const wheels = one.wheels?.filter(fits) ?? [];
    const sdist = one.sdist && fits(one.sdist) ? one.sdist : undefined;
    if (one.archive ? fits(one.archive) : wheels.length > 0 || sdist) {
      const { wheels: _, sdist: __, ...rest } = one;
      return { ...rest, ...(wheels.length ? { wheels } : {}), ...(sdist ? { sdist } : {}) };
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
