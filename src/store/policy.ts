/** Files of at most this size outside of site-packages are copied: they are likely to be edited, and cost little. */
const SMALL_DATA = 64 * 1024;

const WRITTEN_BY_INSTALLERS = /^[^/]+\.dist-info\/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$/;

/** Whether a file of a prefix is metadata that each installer writes in its own way. */
export function isInstallersNote(path: string, sitePackages: string): boolean {
  return path.startsWith(`${sitePackages}/`) && WRITTEN_BY_INSTALLERS.test(path.slice(sitePackages.length + 1));
}

/**
 * Whether an environment gets its own writable copy of a file rather than a link to the store's: the metadata that
 * installers write themselves (the rest comes with the wheel; a copy costs many times what a link does), `.pth` files,
 * certificates (people append to them), `etc/`, and small data outside of site-packages.
 */
export function needsOwnCopy(path: string, size: number, sitePackages: string): boolean {
  if (/\.(pem|crt)$/i.test(path)) return true;
  if (path.startsWith(`${sitePackages}/`)) {
    const inside = path.slice(sitePackages.length + 1);
    return (
      /^[^/]+\.(pth|start)$/.test(inside) || /^[^/]+\.egg-info(\/|$)/.test(inside) || WRITTEN_BY_INSTALLERS.test(inside)
    );
  }
  if (path.startsWith("bin/")) return false;
  return path.startsWith("etc/") || size <= SMALL_DATA;
}
