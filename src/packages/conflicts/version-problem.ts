import { explain } from "@renovatebot/pep440";
import type { LayerTarget } from "../../core/layer-target.ts";
import { meets } from "../../python/requirement/evaluate.ts";
import type { Attempts } from "./attempts.ts";
import type { VersionProblem } from "./conflict.ts";
import type { IndexFacts, IndexFile } from "./index-facts.ts";
import { type Item, specifierOf } from "./item.ts";

const SHOWN = 5;

/** Why a requirement finds no version, by what the index says of its files; undefined where it can't be asked. */
export async function problemOf(
  item: Item,
  facts: IndexFacts,
  attempts: Attempts,
): Promise<VersionProblem | undefined> {
  const { name, source } = item.requirement;
  if (name === undefined || source.kind !== "index") return undefined;
  const files = await facts.files(name);
  if (!files) return undefined;
  const target = attempts.request.target.identity;
  const usable = files.filter((one) => !one.yanked && fitsPython(one, target) && fitsPlatform(one, target));
  const finals = usable.filter((one) => !explain(one.version)?.is_prerelease);
  const asked = files.filter((one) => meets(one.version, specifierOf(item)));
  const available = versionsOf(finals.length > 0 ? finals : usable);
  const problem = (
    why: VersionProblem["why"],
    some: readonly IndexFile[],
    says?: string | boolean,
  ): VersionProblem => ({
    why,
    versions: versionsOf(some),
    ...(typeof says === "string" && says !== "" ? { says } : {}),
    available,
  });
  const kept = asked.filter((one) => !one.yanked);
  const python = kept.filter((one) => fitsPython(one, target));
  const platform = python.filter((one) => fitsPlatform(one, target));
  if (asked.length === 0) return problem("none", []);
  if (kept.length === 0) return problem("yanked", asked, asked[0]!.yanked);
  if (python.length === 0) return problem("python", kept, kept[0]!.requiresPython);
  if (platform.length === 0) return problem("platform", python);
  return platform.every((one) => explain(one.version)?.is_prerelease) ? problem("prerelease", platform) : undefined;
}

function versionsOf(files: readonly IndexFile[]): string[] {
  return [...new Set(files.map((one) => one.version))].slice(0, SHOWN);
}

function fitsPython({ requiresPython }: IndexFile, { version }: LayerTarget): boolean {
  try {
    return requiresPython === undefined || meets(version, requiresPython.replace(/\s+/g, ""));
  } catch {
    return true;
  }
}

/**
 * Whether a file might be for an interpreter: source, and wheels whose tags name it. Looked at only once the installer
 * has found none, so what it can't tell (the version of a C library) counts as fitting.
 */
function fitsPlatform({ filename }: IndexFile, { version, implementation, platform }: LayerTarget): boolean {
  const [, tags = ""] = /-([^-]+-[^-]+-[^-]+)\.whl$/.exec(filename) ?? [];
  if (tags === "") return true;
  const [pythons = "", , platforms = ""] = tags.split("-");
  const minor = version.split(".").slice(0, 2).join("");
  const family = platform.startsWith("macosx") ? "macosx" : "linux";
  const machine =
    /(x86_64|aarch64|arm64|i686|armv7l|ppc64le|s390x|riscv64)$/.exec(platform.replaceAll("-", "_"))?.[1] ?? "";
  const short = implementation === "pypy" ? "pp" : "cp";
  const python = pythons.split(".").some((one) => {
    if (/^py\d/.test(one)) return true;
    // A wheel for the stable interface fits later versions too.
    return (
      one === `${short}${minor}` ||
      (tags.includes("-abi3-") && one.startsWith(short) && Number(one.slice(3)) <= Number(minor.slice(1)))
    );
  });
  const place = platforms
    .split(".")
    .some((one) => one === "any" || (one.includes(family) && (one.endsWith(machine) || one.endsWith("universal2"))));
  return python && place;
}
