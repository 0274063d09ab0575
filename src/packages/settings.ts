import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { digest, sha256 } from "../core/json.ts";
import { hideSecrets } from "../python/requirement.ts";
import type { FileOptions } from "../python/requirements.ts";
import { type PipConfig, pipConfig, pipFlag, pipList } from "./pip-config.ts";

/**
 * What of the user's own configuration reaches the installers, so that uv and pip look in the same places:
 *
 * - pip's: `PIP_*` and pip.conf, with pip's precedence. uv reads neither, so they are translated for it.
 * - uv's: `UV_*` and the uv.toml of the user and of the machine. Where they say something, they win in uv.
 * - proxies, certificates, netrc and keyrings by their usual variables and files.
 *
 * A `uv.toml` or `[tool.uv]` of the folder one happens to be in is not read: it could redirect an install without
 * having been trusted. `UV_CONFIG_FILE` names one on purpose. With several indexes uv keeps its own rule (the first
 * that has the package), which `UV_INDEX_STRATEGY` changes: pip's rule lets any index answer for any name.
 */
export interface Settings {
  readonly pip: PipConfig;
  /** Variables of every installer process: the caller's, without those that would redirect Python, pip or git. */
  readonly env: Readonly<Record<string, string>>;
  /** The caller's `UV_*`, without those that contradict what is asked of uv. */
  readonly uv: Readonly<Record<string, string>>;
  /** Keys that a uv.toml sets. */
  readonly uvFile: ReadonlySet<string>;
  /** Equal digests: the same packages are found. Secrets are in it only as part of a hash. */
  readonly digest: string;
  /** Takes passwords and tokens out of a text. */
  redact(text: string): string;
}

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
const ENV_DROPPED =
  /^(PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|VIRTUAL_ENV_PROMPT|CONDA_PREFIX|CONDA_DEFAULT_ENV|__PYVENV_LAUNCHER__|GIT_DIR|GIT_WORK_TREE|GIT_INDEX_FILE|GIT_PREFIX|GIT_COMMON_DIR|BUN_OPTIONS|BUN_BE_BUN|NODE_OPTIONS)$/;

/**
 * Reads the settings from variables and configuration files.
 * @param options.prefix a Python prefix whose own pip.conf counts
 */
export function installerSettings(env: NodeJS.ProcessEnv, options: { readonly prefix?: string } = {}): Settings {
  const pip = pick(pipConfig(env, options.prefix), (name) => PIP_KEPT.test(name));
  const uv = pick(env, (name) => name.startsWith("UV_") && !UV_DROPPED.test(name));
  const files = uvFiles(env);
  const uvFile = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/^\s*(?:\[\[?)?([a-z-]+)(?:\]\]|\s*=)/gm)].map((found) => found[1]!)),
  );
  const secrets = new Set<string>();
  for (const [name, value] of [...Object.entries(pip), ...Object.entries(env)]) {
    for (const found of (value ?? "").matchAll(/:\/\/(?:[^:@/\s]*:)?([^@/\s]+)@/g))
      secrets.add(found[1]!).add(decode(found[1]!));
    if (/^UV_INDEX_.*_PASSWORD$|^UV_PUBLISH_TOKEN$/.test(name) && value) secrets.add(value);
  }
  const long = [...secrets].filter((secret) => secret.length > 3).sort((a, b) => b.length - a.length);
  return {
    pip,
    uv,
    uvFile,
    env: {
      ...pick(env, (name) => !ENV_DROPPED.test(name)),
      PYTHONNOUSERSITE: "1",
      PYTHONIOENCODING: "utf-8",
      PYC_INVALIDATION_MODE: "TIMESTAMP",
      NO_COLOR: "1",
      // A question for a password would be asked where nobody can answer.
      GIT_TERMINAL_PROMPT: "0",
    },
    digest: digest({
      pip: pick(pip, (name) => !PIP_TRANSPORT.test(name)),
      constraints: [pip.constraint, uv.UV_CONSTRAINT, uv.UV_OVERRIDE].flatMap(pipList).map(contentHash),
      uv: pick(uv, (name) => UV_FINDING.test(name)),
      files,
    }),
    redact: (text) => long.reduce((rest, secret) => rest.replaceAll(secret, "****"), hideSecrets(text)),
  };
}

/** How to call uv: variables (addresses, which may hold passwords) and flags. */
export function uvInvocation(settings: Settings, file?: FileOptions): { env: Record<string, string>; args: string[] } {
  const { pip } = settings;
  const env: Record<string, string> = { ...settings.env, ...settings.uv, UV_PYTHON_DOWNLOADS: "never" };
  const args: string[] = [];
  /** True when uv's own configuration leaves it open. */
  const open = (variables: readonly string[], ...keys: readonly string[]) =>
    !variables.some((name) => env[name]) && !keys.some((key) => settings.uvFile.has(key));
  const fallback = (name: string, value: string | undefined, ...keys: readonly string[]) => {
    if (value && open([name], ...keys)) env[name] = value;
  };
  if (file?.indexUrl) {
    delete env.UV_INDEX_URL;
    env.UV_DEFAULT_INDEX = file.indexUrl;
  } else if (pip["index-url"] && open(["UV_DEFAULT_INDEX", "UV_INDEX_URL"], "index", "index-url")) {
    env.UV_DEFAULT_INDEX = pip["index-url"];
  }
  const extra = open(["UV_INDEX", "UV_EXTRA_INDEX_URL"], "index", "extra-index-url")
    ? pipList(pip["extra-index-url"])
    : [];
  const indexes = [...(file?.extraIndexUrls ?? []), ...extra];
  if (indexes.length) env.UV_INDEX = [...pipList(env.UV_INDEX), ...indexes].join(" ");
  const links = open(["UV_FIND_LINKS"], "find-links") ? pipList(pip["find-links"]) : [];
  const places = [...(env.UV_FIND_LINKS?.split(",") ?? []), ...(file?.findLinks ?? []), ...links];
  if (places.length) env.UV_FIND_LINKS = places.join(",");
  if (file?.noIndex || (pipFlag(pip["no-index"]) && open(["UV_NO_INDEX"], "no-index"))) args.push("--no-index");
  if (file?.pre) env.UV_PRERELEASE = "allow";
  else if (pipFlag(pip.pre)) fallback("UV_PRERELEASE", "allow", "prerelease");
  const hosts = [...(file?.trustedHosts ?? []), ...pipList(pip["trusted-host"])];
  if (hosts.length) env.UV_INSECURE_HOST = [...pipList(env.UV_INSECURE_HOST), ...hosts].join(" ");
  for (const [flag, own] of [
    ["no-binary", file?.noBinary],
    ["only-binary", file?.onlyBinary],
  ] as const) {
    const names = [...(open([], flag) ? (pip[flag] ?? "").split(",") : []), ...(own ?? [])].filter(Boolean);
    for (const name of names) args.push(`--${flag}`, name.trim());
  }
  fallback("UV_CONSTRAINT", pip.constraint);
  fallback("UV_BUILD_CONSTRAINT", pip["build-constraint"]);
  fallback(
    "UV_KEYRING_PROVIDER",
    pip["keyring-provider"] === "subprocess" ? "subprocess" : undefined,
    "keyring-provider",
  );
  fallback("UV_HTTP_TIMEOUT", pip.timeout ?? pip["default-timeout"]);
  fallback("UV_HTTP_RETRIES", pip.retries);
  fallback("SSL_CERT_FILE", pip.cert ?? env.REQUESTS_CA_BUNDLE ?? env.CURL_CA_BUNDLE);
  fallback("SSL_CLIENT_CERT", pip["client-cert"]);
  if (pip.proxy && open(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])) {
    const proxy = /:\/\//.test(pip.proxy) ? pip.proxy : `http://${pip.proxy}`;
    Object.assign(env, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy });
  }
  return { env, args };
}

/** Variables for pip: the kept settings and nothing of the configuration files, which could redirect the install. */
export function pipInvocation(settings: Settings, file?: FileOptions): { env: Record<string, string>; args: string[] } {
  const env: Record<string, string> = { ...settings.env };
  for (const [name, value] of Object.entries(settings.pip))
    env[`PIP_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  const set = (name: string, more: readonly string[] | undefined, separator = " ") => {
    if (more?.length) env[name] = [...(env[name] ? [env[name]] : []), ...more].join(separator);
  };
  if (file?.indexUrl) env.PIP_INDEX_URL = file.indexUrl;
  set("PIP_EXTRA_INDEX_URL", file?.extraIndexUrls);
  set("PIP_TRUSTED_HOST", file?.trustedHosts);
  set("PIP_NO_BINARY", file?.noBinary, ",");
  set("PIP_ONLY_BINARY", file?.onlyBinary, ",");
  if (file?.noIndex) env.PIP_NO_INDEX = "1";
  if (file?.pre) env.PIP_PRE = "1";
  if (file?.preferBinary) env.PIP_PREFER_BINARY = "1";
  const cert = env.PIP_CERT ?? env.REQUESTS_CA_BUNDLE ?? env.CURL_CA_BUNDLE ?? env.SSL_CERT_FILE;
  if (cert) env.PIP_CERT = cert;
  Object.assign(env, {
    PIP_CONFIG_FILE: "/dev/null",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    PIP_ROOT_USER_ACTION: "ignore",
  });
  // A path may have a space, which the variable would split at.
  return { env, args: (file?.findLinks ?? []).flatMap((place) => ["--find-links", place]) };
}

function uvFiles(env: NodeJS.ProcessEnv): { path: string; text: string }[] {
  if (/^(1|true)$/i.test(env.UV_NO_CONFIG ?? "")) return [];
  const user = join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "uv", "uv.toml");
  const paths = env.UV_CONFIG_FILE ? [env.UV_CONFIG_FILE] : [user, "/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml"];
  return paths.flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, "utf8") }];
    } catch {
      return [];
    }
  });
}

function pick(
  all: Readonly<Record<string, string | undefined>>,
  keep: (name: string) => boolean,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined && keep(name)) kept[name] = value;
  return kept;
}

function contentHash(path: string): string {
  try {
    return sha256(readFileSync(path));
  } catch {
    return path;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
