import { SkerryError } from "../core/error.ts";
import { pipFlag, pipList } from "./pip-config.ts";
import type { InstallerSettings } from "./settings.ts";

/** Settings of uv's that leave something out, and that pip has no word for: the variable, and the key of a uv.toml. */
const ONLY_OF_UV = [
  ["UV_EXCLUDE_NEWER", "exclude-newer"],
  ["UV_EXCLUDE_NEWER_PACKAGE", "exclude-newer-package"],
] as const;
/** Others, which pip is told where a variable says them. */
const ALSO_OF_PIP = ["no-build", "no-build-package", "no-index"] as const;

/**
 * Holds pip to those of uv's settings that leave something out: whoever set them has meant every installer.
 * @param env the variables of pip, which are added to
 * @throws SKE-USAGE for one that pip can't be told: it wouldn't be kept
 */
export function keepStrict({ uv, uvFile, pip }: InstallerSettings, env: Record<string, string>): void {
  const untold =
    pip["uploaded-prior-to"] === undefined ? ONLY_OF_UV.find(([name, key]) => uv[name] || uvFile.has(key)) : undefined;
  const key = untold?.[1] ?? ALSO_OF_PIP.find((one) => uvFile.has(one));
  if (key !== undefined) {
    const named = untold && uv[untold[0]] ? untold[0] : `${key} of uv.toml`;
    throw new SkerryError("SKE-USAGE", `pip can't be held to ${named}, which is set for uv`, {
      hint: "use uv: give --installer uv when the environment is made, or take the setting out",
    });
  }
  const only = [
    ...(pipFlag(uv.UV_NO_BUILD) ? [":all:"] : []),
    ...pipList(uv.UV_NO_BUILD_PACKAGE?.replaceAll(",", " ")),
  ];
  if (only.length > 0) env.PIP_ONLY_BINARY = [env.PIP_ONLY_BINARY, ...only].filter(Boolean).join(",");
  if (pipFlag(uv.UV_NO_INDEX)) env.PIP_NO_INDEX = "1";
}
