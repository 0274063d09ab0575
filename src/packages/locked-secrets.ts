import type { Credentials } from "../core/credentials.ts";
import type { LockedFile, LockedPackage } from "../core/lock.ts";

/** A locked package whose addresses are changed; `files` for those of its files only. */
export function mapAddresses(
  one: LockedPackage,
  change: (address: string) => string,
  { files = false }: { readonly files?: boolean } = {},
): LockedPackage {
  const file = <F extends LockedFile>(from: F): F =>
    from.url === undefined ? from : { ...from, url: change(from.url) };
  return {
    ...one,
    ...(one.index === undefined || files ? {} : { index: change(one.index) }),
    ...(one.wheels ? { wheels: one.wheels.map(file) } : {}),
    ...(one.sdist ? { sdist: file(one.sdist) } : {}),
    ...(one.archive ? { archive: file(one.archive) } : {}),
    ...(one.vcs && !files ? { vcs: { ...one.vcs, url: change(one.vcs.url) } } : {}),
  };
}

/** Packages as a lock has them: without passwords, which are remembered for the installation. */
export function withoutCredentials(packages: readonly LockedPackage[], credentials: Credentials): LockedPackage[] {
  return packages.map((one) => mapAddresses(one, (address) => credentials.strip(address)));
}

/** A locked package as an installer is told of it, in a file of its own: what was given for its files is back. */
export function withCredentials(one: LockedPackage, credentials: Credentials): LockedPackage {
  return mapAddresses(one, (address) => credentials.forFile(address), { files: true });
}
