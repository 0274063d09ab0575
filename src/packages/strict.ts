import { SkerryError } from "../core/error.ts";
import { pipFlag } from "./pip-config.ts";
import { type InstallerSettings, unbuilt } from "./settings.ts";

/** Settings of uv's that pip has no word for, by variable and by key of a uv.toml: what they leave out, or say of places. */
const ONLY_OF_UV = [
  ["UV_EXCLUDE_NEWER", "exclude-newer"],
  ["UV_EXCLUDE_NEWER_PACKAGE", "exclude-newer-package"],
  ["UV_OVERRIDE", "override-dependencies"],
  ["UV_EXCLUDE", "exclude-dependencies"],
  ["UV_BUILD_CONSTRAINT", "build-constraint-dependencies"],
] as const;
/** Others, which pip is told where a variable says them. */
const ALSO_OF_PIP = ["no-build", "no-build-package", "only-binary", "no-index", "constraint-dependencies"] as const;
/** Where uv looks first. pip asks all its indexes at once and takes the highest version, whoever has it. */
const PLACES_OF_UV = [
  ["UV_INDEX", "index"],
  ["UV_EXTRA_INDEX_URL", "extra-index-url"],
  ["UV_FIND_LINKS", "find-links"],
  ["", "index-url"],
] as const;

/**
 * Holds pip to those of uv's settings that leave something out, or say where packages come from and pip's own don't:
 * whoever set them has meant every installer.
 * @param env the variables of pip, which are added to
 * @throws SKE-USAGE for one that pip can't be told: it wouldn't be kept
 */
export function keepStrict({ uv, uvFile, pip }: InstallerSettings, env: Record<string, string>): void {
  const isPlaced = ["index-url", "extra-index-url", "find-links", "no-index"].some((one) => pip[one] !== undefined);
  const untold = [
    ...ONLY_OF_UV.filter(([name]) => !name.startsWith("UV_EXCLUDE_NEWER") || pip["uploaded-prior-to"] === undefined),
    ...(isPlaced ? [] : PLACES_OF_UV),
  ].find(([name, key]) => uv[name] || uvFile.has(key));
  const key = untold?.[1] ?? ALSO_OF_PIP.find((one) => uvFile.has(one));
  if (key !== undefined) {
    const named = untold && uv[untold[0]] ? untold[0] : `${key} of uv.toml`;
    throw new SkerryError("SKE-USAGE", `pip can't be held to ${named}, which is set for uv`, {
      hint: "use uv: give --installer uv when the environment is made, or take the setting out",
    });
  }
  const only = unbuilt({ uv });
  if (only.length > 0) env.PIP_ONLY_BINARY = [env.PIP_ONLY_BINARY, ...only].filter(Boolean).join(",");
  if (uv.UV_CONSTRAINT) env.PIP_CONSTRAINT = [env.PIP_CONSTRAINT, uv.UV_CONSTRAINT].filter(Boolean).join(" ");
  if (pipFlag(uv.UV_NO_INDEX)) env.PIP_NO_INDEX = "1";
}
