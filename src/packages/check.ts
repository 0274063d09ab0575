import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LayerTarget } from "../core/engine.ts";
import { isErrno } from "../core/error.ts";
import { listDistributions } from "../python/dist-info.ts";
import { evaluateMarker, type MarkerEnvironment, meets } from "../python/markers.ts";
import { normalizeName, parseRequirement } from "../python/requirement.ts";

/** A requirement of an installed package that isn't met. */
export interface UnmetRequirement {
  readonly package: string;
  readonly requirement: string;
  /** The version that is installed of what is required; undefined when none is. */
  readonly installed: string | undefined;
}

interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
}

/**
 * Requirements of installed packages that nothing installed meets: `Requires-Dist` of each METADATA
 * (https://packaging.python.org/specifications/core-metadata/), with the markers of the interpreter. Starts no process.
 * @param folders site-packages folders; a package in a later one hides the same in an earlier one
 */
export function checkRequirements(folders: readonly string[], target: LayerTarget): UnmetRequirement[] {
  const installed = new Map<string, Distribution>();
  for (const folder of folders) {
    for (const { name, version, folder: info } of listDistributions(folder))
      installed.set(name, { name, version, requires: requires(join(folder, info)) });
  }
  const environment = markerEnvironment(target);
  const extras = wantedExtras(installed, environment);
  const problems: UnmetRequirement[] = [];
  for (const distribution of installed.values()) {
    for (const line of distribution.requires) {
      const found = applies(line, environment, extras.get(distribution.name));
      if (!found) continue;
      const there = installed.get(found.name);
      if (there && meets(there.version, found.specifier)) continue;
      problems.push({
        package: `${distribution.name} ${distribution.version}`,
        requirement: line,
        installed: there?.version,
      });
    }
  }
  return problems.sort((a, b) => (a.package + a.requirement < b.package + b.requirement ? -1 : 1));
}

/** Which extras of which packages are asked for by others, followed through extras that ask for extras. */
function wantedExtras(
  installed: ReadonlyMap<string, Distribution>,
  environment: MarkerEnvironment,
): Map<string, Set<string>> {
  const extras = new Map<string, Set<string>>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const { name, requires: lines } of installed.values()) {
      for (const line of lines) {
        const found = applies(line, environment, extras.get(name));
        for (const extra of found?.extras ?? []) {
          const known = extras.get(found!.name) ?? new Set();
          grew ||= !known.has(extra);
          extras.set(found!.name, known.add(extra));
        }
      }
    }
  }
  return extras;
}

function applies(
  line: string,
  environment: MarkerEnvironment,
  extras: ReadonlySet<string> = new Set(),
): { name: string; specifier: string; extras: readonly string[] } | undefined {
  const { name, marker, source, extras: asked } = parseRequirement(line, { cwd: "/" });
  if (name === undefined) return undefined;
  const holds =
    marker === undefined || ["", ...extras].some((extra) => evaluateMarker(marker, { ...environment, extra }));
  return holds
    ? { name, specifier: source.kind === "index" ? source.specifier : "", extras: asked.map(normalizeName) }
    : undefined;
}

function requires(info: string): string[] {
  let text: string;
  try {
    text = readFileSync(join(info, "METADATA"), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
  const header = text.split(/\r?\n\r?\n/, 1)[0]!;
  return [...header.matchAll(/^Requires-Dist:[ \t]*(.+?)[ \t]*\r?$/gm)].map((found) => found[1]!);
}

function markerEnvironment({ implementation, version }: LayerTarget): MarkerEnvironment {
  const { platform, arch } = process;
  const machine = arch === "x64" ? "x86_64" : arch === "arm64" && platform === "linux" ? "aarch64" : arch;
  return {
    python_version: version.split(".").slice(0, 2).join("."),
    python_full_version: version,
    implementation_name: implementation,
    implementation_version: version,
    platform_python_implementation: implementation === "pypy" ? "PyPy" : "CPython",
    os_name: "posix",
    sys_platform: platform,
    platform_system: platform === "darwin" ? "Darwin" : "Linux",
    platform_machine: machine,
    platform_release: "",
    platform_version: "",
    extra: "",
  };
}
