import { join } from "node:path";
import { digest, sha256 } from "../core/json.ts";
import { cut, withoutComment } from "../core/scan.ts";
import { readWhole } from "../platform/files.ts";
import { userHomeFolder } from "../platform/paths.ts";
import { type PipConfig, pipConfig, pipList } from "./pip-config.ts";
import { absolutePipConfig, absoluteVariables, pathNamed } from "./relative-paths.ts";
import { readSettingsFile } from "./settings-file.ts";

/** Options of pip that say where and how to find packages; all others would change what is done, and are left out. */
const PIP_KEPT =
  /^(index-url|extra-index-url|find-links|no-index|pre|no-binary|only-binary|prefer-binary|constraint|build-constraint|cert|client-cert|proxy|trusted-host|timeout|default-timeout|retries|resume-retries|keyring-provider|use-feature|use-deprecated|cache-dir|no-cache-dir|no-build-isolation|config-settings|uploaded-prior-to)$/;
/** Those of them that don't change what is found. */
const PIP_TRANSPORT =
  /^(cert|client-cert|proxy|timeout|default-timeout|retries|resume-retries|keyring-provider|cache-dir|no-cache-dir)$/;
/** Variables of uv that contradict what is asked of it here. */
const UV_DROPPED =
  /^UV_(PYTHON|SYSTEM_PYTHON|BREAK_SYSTEM_PACKAGES|PROJECT|PROJECT_ENVIRONMENT|WORKING_DIR|WORKING_DIRECTORY|LINK_MODE|COMPILE_BYTECODE|REQUIRE_HASHES|VERIFY_HASHES|NO_VERIFY_HASHES|NO_EDITABLE|NO_PROGRESS|OFFLINE|MANAGED_PYTHON|NO_MANAGED_PYTHON|PYTHON_PREFERENCE|PYTHON_DOWNLOADS|CUSTOM_COMPILE_COMMAND|ENV_FILE|DRY_RUN|NO_SYNC|FROZEN|LOCKED|ISOLATED)$/;
const UV_FINDING =
  /^UV_.*(INDEX|FIND_LINKS|PRERELEASE|RESOLUTION|EXCLUDE_NEWER|CONSTRAINT|OVERRIDE|EXCLUDE|NO_BINARY|NO_BUILD|NO_SOURCES|TORCH|CONFIG_FILE|NO_CONFIG|FORK_STRATEGY)/;

/** What the caller's configuration says about finding packages, by whom it is said. */
export interface SettingsSources {
  readonly pip: PipConfig;
  /** The caller's `UV_*`, without those that contradict what is asked of uv. */
  readonly uv: Readonly<Record<string, string>>;
  /** Those uv.toml files that are there. */
  readonly uvFiles: readonly { readonly path: string; readonly text: string }[];
  /** Whether one of them asks for a hash of every package. Skerry itself sees to it: what it asks installers for has none. */
  readonly requireHashes: boolean;
  /** Whether uv is never to use the network. */
  readonly offline: boolean;
}

const YES = /^(y|yes|t|true|on|1)$/i;

/** Whether a uv.toml asks for hashes, in whatever table and form. */
function requiresHashes(text: string): boolean {
  return text.split("\n").some((line) => {
    const said = cut(withoutComment(line), "require-hashes")[1]?.replaceAll(/["'\s=]/g, "");
    return said !== undefined && !said.startsWith("false");
  });
}

/** Where the caller's settings count from. */
export interface SettingsPlace {
  /** A Python prefix whose own pip.conf counts. */
  readonly prefix?: string;
  /** The folder that relative paths in them count from; absent: this process's. */
  readonly cwd?: string;
}

/** Reads variables and configuration files. */
export function settingsSources(
  given: NodeJS.ProcessEnv,
  { prefix, cwd = process.cwd() }: SettingsPlace,
): SettingsSources {
  const env = absoluteVariables(given, cwd);
  const pip = absolutePipConfig(pipConfig(env, prefix), cwd);
  const files = uvFiles(env);
  const asked = [env.UV_REQUIRE_HASHES, pip["require-hashes"]];
  return {
    pip: pick(pip, (name) => PIP_KEPT.test(name)),
    uv: pick(env, (name) => name.startsWith("UV_") && !UV_DROPPED.test(name)),
    uvFiles: files,
    requireHashes: asked.some((value) => YES.test(value ?? "")) || files.some(({ text }) => requiresHashes(text)),
    offline: YES.test(env.UV_OFFLINE ?? ""),
  };
}

/** Equal digests: the same packages are found. Secrets are in it only as part of a hash. Cheap: reads a few small files. */
export function settingsDigest(env: NodeJS.ProcessEnv, place: SettingsPlace = {}): string {
  return sourcesDigest(settingsSources(env, place));
}

/** The {@link settingsDigest} of what was read already. */
export function sourcesDigest({ pip, uv, uvFiles, requireHashes, offline }: SettingsSources): string {
  return digest({
    pip: pick(pip, (name) => !PIP_TRANSPORT.test(name)),
    constraints: [pip.constraint, uv.UV_CONSTRAINT, uv.UV_OVERRIDE].flatMap(pipList).map(contentHash),
    uv: pick(uv, (name) => UV_FINDING.test(name)),
    uvFiles,
    requireHashes,
    offline,
  });
}

function uvFiles(env: NodeJS.ProcessEnv): { path: string; text: string }[] {
  if (/^(1|true)$/i.test(env.UV_NO_CONFIG ?? "")) return [];
  const user = join(env.XDG_CONFIG_HOME || join(userHomeFolder(env), ".config"), "uv", "uv.toml");
  const paths = env.UV_CONFIG_FILE ? [env.UV_CONFIG_FILE] : [user, "/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml"];
  return paths.flatMap((path) => {
    const text = readSettingsFile(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

/** The members of a record whose names are wanted. */
export function pick(
  all: Readonly<Record<string, string | undefined>>,
  keep: (name: string) => boolean,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined && keep(name)) kept[name] = value;
  return kept;
}

function contentHash(path: string): string {
  try {
    return sha256(readWhole(pathNamed(path)));
  } catch {
    return path;
  }
}
