import { isErrno, SkerryError } from "../core/error.ts";
import { writeAtomic } from "../platform/files.ts";
import { bootId } from "../platform/identity.ts";
import { verifyTree } from "./damage.ts";
import { damageError, damageTo } from "./damage-error.ts";
import { printManifest, readManifest } from "./manifest.ts";
import type { Sealed, Tree } from "./shapes.ts";

// The files of the store aren't synced one by one: after a power failure, one may be empty, or all zeros with the size and
// time that it should have. So whoever makes a tree or layer notes the boot of the machine. While that runs, what was
// written is read back; in a later one the content is compared once, and the note is taken out.

/** The running boot of the machine, in all containers. */
export function machineBoot(): string {
  return bootId().split("/", 1)[0]!;
}

/** Whether the files of a tree or layer may be taken for what they were, by size and time. */
export function isDurable({ boot }: Sealed): boolean {
  return boot === undefined || boot === machineBoot();
}

/**
 * Takes the note out of the manifest of what was compared in a later boot. The caller holds the lease of its key.
 * @param lines how many the manifest has @param aside a folder for temporary files
 */
export function markDurable(manifest: string, lines: number, aside: string): void {
  const [header, ...rest] = readManifest(manifest, lines) ?? [];
  if (header === undefined) return;
  try {
    const text = printManifest({ ...(header as object), boot: undefined }, ...rest);
    writeAtomic(manifest, text, { mode: 0o444, fsync: true, aside });
  } catch (error) {
    // In a state that can only be read, or on a full disk, it is compared again the next time.
    const { cause = error } = error instanceof SkerryError ? error : {};
    if (!isErrno(cause, "EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT")) throw error;
  }
}

/** Compares a tree if an earlier boot made it, and marks it. The caller holds its lease. @throws SKE-STORE-DAMAGED */
export function compareOnce(tree: Tree, aside: string): void {
  if (isDurable(tree)) return;
  const damage = verifyTree(tree);
  if (damage.length > 0)
    throw damageError([
      damageTo(
        tree,
        damage.map(({ path }) => path),
      ),
    ]);
  markDurable(tree.manifest, 2, aside);
}
