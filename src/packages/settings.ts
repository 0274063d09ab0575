import { Credentials } from "../core/credentials.ts";
import { quotePosix } from "../core/quote.ts";
import { dropSecrets, hideSecrets, secretsIn } from "../core/secrets.ts";
import type { FileOptions } from "../python/requirement/files.ts";
import { checkNamedFiles } from "./named-files.ts";
import { pipFlag, pipList } from "./pip-config.ts";
import { absoluteVariables } from "./relative-paths.ts";
import { pick, type SettingsPlace, type SettingsSources, settingsSources, sourcesDigest } from "./settings-digest.ts";

/**
 * What of the user's own configuration reaches the installers, so that uv and pip look in the same places:
 *
 * - pip's: `PIP_*` and pip.conf, with pip's precedence. uv reads neither, so they are translated for it.
 * - uv's: `UV_*` and the uv.toml of the user and of the machine. Where they say something, they win in uv; what they
 *   leave out holds for pip too, see `keepStrict`.
 * - proxies, certificates, netrc and keyrings by their usual variables and files.
 *
 * A `uv.toml` or `[tool.uv]` of the folder one happens to be in is not read: it could redirect an install without
 * having been trusted. `UV_CONFIG_FILE` names one on purpose. With several indexes uv keeps its own rule (the first
 * that has the package), which `UV_INDEX_STRATEGY` changes: pip's rule lets any index answer for any name.
 */
export interface InstallerSettings extends Pick<SettingsSources, "pip" | "uv" | "requireHashes"> {
  /** All of the caller's, for `${NAME}` in requirements files. */
  readonly variables: NodeJS.ProcessEnv;
  /** Variables of every installer process: the caller's, without those that would redirect Python, pip or git. */
  readonly env: Readonly<Record<string, string>>;
  /** Keys that a uv.toml sets. */
  readonly uvFile: ReadonlySet<string>;
  /** Equal digests: the same packages are found. */
  readonly digest: string;
  /** Use only what is in caches and on this machine. */
  readonly offline: boolean;
  /** How long one run of an installer may take. */
  readonly timeoutMs: number;
  /** Of the addresses that were given: what is made of these settings remembers them, and gives them to the installers. */
  readonly credentials: Credentials;
  /** Takes passwords and tokens out of a text. */
  redact(text: string): string;
}

// Those of git's that are of one repository (git rev-parse --local-env-vars), but not the settings for fetching.
const ENV_DROPPED =
  /^(PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|VIRTUAL_ENV_PROMPT|CONDA_PREFIX|CONDA_DEFAULT_ENV|__PYVENV_LAUNCHER__|GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|(ALTERNATE_)?OBJECT_DIRECTOR(Y|IES)|GRAFT_FILE|SHALLOW_FILE|NAMESPACE|REPLACE_REF_BASE)|BUN_OPTIONS|BUN_BE_BUN|NODE_OPTIONS)$/;

const TIMEOUT_MS = 30 * 60_000;

/**
 * Reads the settings from variables and configuration files.
 * @throws SKE-IO for a file of theirs that is no regular one, or too large
 */
export function installerSettings(
  given: NodeJS.ProcessEnv,
  options: SettingsPlace & {
    readonly offline?: boolean;
    readonly timeoutMs?: number;
    readonly credentials?: Credentials;
  } = {},
): InstallerSettings {
  const env = absoluteVariables(given, options.cwd ?? process.cwd());
  const sources = settingsSources(env, options);
  const { pip, uv } = sources;
  checkNamedFiles(env, pip);
  const keys = sources.uvFiles.flatMap(({ text }) => [
    ...text.matchAll(/^[ \t]*(?:\[\[?)?([a-z-]+)(?:\]\]|[ \t]*=)/gm),
  ]);
  const { credentials = new Credentials() } = options;
  for (const value of [...Object.values(pip), ...Object.values(uv)].flatMap((all) => all.split(/[\s,]+/)))
    credentials.hide(value);
  const secrets: string[] = [];
  const texts = sources.uvFiles.map(({ path, text }) => [path, text] as const);
  for (const [name, value = ""] of [...texts, ...Object.entries(pip), ...Object.entries(env)]) {
    secrets.push(...secretsIn(value));
    if (/^UV_INDEX_.*_PASSWORD$|^UV_PUBLISH_TOKEN$/.test(name)) secrets.push(value);
  }
  const redact = (text: string) =>
    [...new Set([...secrets, ...credentials.secrets()])]
      .filter((secret) => secret.length > 3)
      .sort((a, b) => b.length - a.length)
      .reduce((rest, secret) => rest.replaceAll(secret, "****"), hideSecrets(text));
  return {
    variables: env,
    pip,
    uv,
    uvFile: new Set(keys.map((found) => found[1]!)),
    requireHashes: sources.requireHashes,
    offline: options.offline || sources.offline,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    env: {
      ...pick(env, (name) => !ENV_DROPPED.test(name)),
      PYTHONNOUSERSITE: "1",
      PYTHONIOENCODING: "utf-8",
      PYC_INVALIDATION_MODE: "TIMESTAMP",
      NO_COLOR: "1",
      // A question for a password would be asked where nobody can answer.
      GIT_TERMINAL_PROMPT: "0",
    },
    digest: sourcesDigest(sources),
    credentials,
    redact,
  };
}

/** How to call uv: variables (addresses, which may hold passwords) and flags. */
export function uvInvocation(
  settings: InstallerSettings,
  file?: FileOptions,
): { env: Record<string, string>; args: string[] } {
  const { pip } = settings;
  const env: Record<string, string> = { ...environmentOf(settings), ...settings.uv, UV_PYTHON_DOWNLOADS: "never" };
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
  if (
    file?.noIndex ||
    pipFlag(settings.uv.UV_NO_INDEX) ||
    (pipFlag(pip["no-index"]) && open(["UV_NO_INDEX"], "no-index"))
  )
    args.push("--no-index");
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
  // uv reads these for projects only.
  for (const name of unbuilt(settings)) args.push("--only-binary", name);
  fallback("UV_EXCLUDE_NEWER", pip["uploaded-prior-to"], "exclude-newer");
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

/** What uv's variables say is never to be built: names, `:all:`. */
export function unbuilt({ uv }: Pick<InstallerSettings, "uv">): string[] {
  return [...(pipFlag(uv.UV_NO_BUILD) ? [":all:"] : []), ...pipList(uv.UV_NO_BUILD_PACKAGE?.replaceAll(",", " "))];
}

/**
 * How to call pip: variables, which are the kept settings and nothing of the configuration files, which could redirect
 * the install; and lines for its requirements file. What may hold a password is never on its command line.
 */
export function pipInvocation(
  settings: InstallerSettings,
  file?: FileOptions,
): { env: Record<string, string>; lines: string[] } {
  const env: Record<string, string> = environmentOf(settings);
  for (const [name, value] of Object.entries(settings.pip))
    env[`PIP_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  const set = (name: string, more: readonly string[] | undefined, separator = " ") => {
    if (more?.length) env[name] = [...(env[name] ? [env[name]] : []), ...more].join(separator);
  };
  const index = file?.indexUrl ?? env.PIP_INDEX_URL ?? settings.uv.UV_DEFAULT_INDEX ?? settings.uv.UV_INDEX_URL;
  if (index) env.PIP_INDEX_URL = index;
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
  // A path may have a space, which the variable would split at; pip splits these options as a shell does.
  return { env, lines: (file?.findLinks ?? []).map((place) => `--find-links ${quotePosix(place)}`) };
}

/** Variables of either installer, with those by which git gets what was given for repositories. */
function environmentOf({ env, credentials }: InstallerSettings): Record<string, string> {
  return { ...env, ...credentials.gitVariables(env) };
}

/** Where packages come from while nothing else is set. */
export const DEFAULT_INDEX = "https://pypi.org/simple";

/**
 * The only place that an installer can have a package from that was asked for by name, without user and password;
 * undefined where there are several, or where a uv.toml says which.
 */
export function soleIndex(tool: "uv" | "pip", settings: InstallerSettings, file?: FileOptions): string | undefined {
  const { env, ...words } = (tool === "uv" ? uvInvocation : pipInvocation)(settings, file);
  const places = "lines" in words ? words.lines : words.args.filter((word) => word === "--no-index");
  const [first, ...more] =
    tool === "uv"
      ? [env.UV_DEFAULT_INDEX ?? env.UV_INDEX_URL, env.UV_INDEX, env.UV_EXTRA_INDEX_URL, env.UV_FIND_LINKS]
      : [env.PIP_INDEX_URL, env.PIP_EXTRA_INDEX_URL, env.PIP_FIND_LINKS, env.PIP_NO_INDEX];
  const elsewhere = ["index", "index-url", "extra-index-url", "find-links"].some((key) => settings.uvFile.has(key));
  if (more.some(Boolean) || (tool === "uv" && elsewhere) || places.length > 0) return undefined;
  const index = URL.parse(dropSecrets(first ?? DEFAULT_INDEX));
  return index?.protocol.startsWith("http") ? index.href : undefined;
}
