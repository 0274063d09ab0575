import { SkerryError } from "../core/error.ts";
import type { Lock, LockedFile, LockedPackage } from "../core/lock.ts";
import { dropSecrets } from "../core/secrets.ts";
import type { Target } from "../core/target.ts";
import { hashFile } from "../platform/hash-file.ts";
import type { Graph } from "./graph.ts";
import { mapAddresses } from "./locked-secrets.ts";
import { writePylock } from "./pylock.ts";

/** What goes into a lock file for others. */
export interface LockTextInit {
  readonly lock: Lock;
  /** The variables of markers of the interpreter that it was resolved for. */
  readonly markers: Target["markers"];
  /** What is installed, for what requires what. */
  readonly graph: Graph;
  /** Requirement lines that were asked for, without paths of this machine. */
  readonly asked: readonly string[];
  /** The folder of the lock file: paths are written relative to it. */
  readonly folder: string;
}

/**
 * A lock as a `pylock.toml` (https://packaging.python.org/specifications/pylock-toml/) for others: for the interpreter
 * and platform that it was resolved for, without passwords in its addresses.
 * @throws SKE-PKG-HASH
 */
export function lockText({ lock, markers: variables, graph, asked, folder }: LockTextInit): string {
  const names = ["implementation_name", "python_version", "sys_platform", "platform_machine"];
  const locked = new Set(lock.packages.map(({ name }) => name));
  const about = ({ name, version }: LockedPackage) => {
    const found = graph.get(name);
    // Another version that was put there by hand tells nothing of the locked one.
    if (!found || (version !== null && found.version !== version)) return {};
    const required = [...new Set(found.requires.map((one) => one.name))].filter(
      (one) => one !== name && locked.has(one),
    );
    return {
      ...(found.requiresPython === undefined ? {} : { "requires-python": found.requiresPython }),
      ...(required.length === 0 ? {} : { dependencies: required.sort().map((one) => ({ name: one })) }),
    };
  };
  return writePylock(lock.packages.map(publish), {
    head: {
      environments: [names.map((name) => `${name} == '${variables[name]}'`).join(" and ")],
      "requires-python": `==${variables.python_version}.*`,
    },
    about,
    tool: { requirements: asked.map(dropSecrets) },
    folder,
  });
}

/** A package as others may see it. */
function publish(one: LockedPackage): LockedPackage {
  const file = <F extends LockedFile>(from: F): F => ({ ...from, hashes: hashesOf(from, one.name) });
  const shown = mapAddresses(one, dropSecrets);
  return {
    ...shown,
    ...(shown.wheels ? { wheels: shown.wheels.map(file) } : {}),
    ...(shown.sdist ? { sdist: file(shown.sdist) } : {}),
    ...(shown.archive ? { archive: file(shown.archive) } : {}),
  };
}

function hashesOf({ name, path, hashes }: LockedFile, project: string): Readonly<Record<string, string>> {
  if (Object.keys(hashes).length > 0) return hashes;
  if (path !== undefined) return { sha256: hashFile(path) };
  throw new SkerryError("SKE-PKG-HASH", `The hash of ${name} isn't known, and a lock file needs one`, {
    hint: `give the address of ${project} with #sha256=… behind it`,
    details: { package: project },
  });
}
