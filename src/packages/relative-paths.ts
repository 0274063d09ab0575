import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Variables of uv and of both installers that name files or folders: one, several between spaces, or several between commas. */
const VARIABLES: Readonly<Record<string, RegExp | undefined>> = {
  UV_CONFIG_FILE: undefined,
  UV_CACHE_DIR: undefined,
  UV_CONSTRAINT: /(\s+)/,
  UV_OVERRIDE: /(\s+)/,
  UV_BUILD_CONSTRAINT: /(\s+)/,
  UV_EXCLUDE: /(\s+)/,
  UV_FIND_LINKS: /(,)/,
  PIP_CONFIG_FILE: undefined,
  SSL_CERT_FILE: undefined,
  SSL_CERT_DIR: undefined,
  SSL_CLIENT_CERT: undefined,
  REQUESTS_CA_BUNDLE: undefined,
  CURL_CA_BUNDLE: undefined,
  NETRC: undefined,
};

/** The same of pip's settings, by variable or file. */
const OF_PIP: typeof VARIABLES = {
  constraint: /(\s+)/,
  "build-constraint": /(\s+)/,
  "find-links": /(\s+)/,
  cert: undefined,
  "client-cert": undefined,
  "cache-dir": undefined,
};

/** The caller's variables with paths that count from the caller's folder, as uv and pip take them: both are run in another one. */
export function absoluteVariables<V extends string | undefined>(env: Readonly<Record<string, V>>, cwd: string) {
  return absolute(env, VARIABLES, cwd);
}

/** The same of pip's settings. */
export function absolutePipConfig(config: Readonly<Record<string, string>>, cwd: string): Record<string, string> {
  return absolute(config, OF_PIP, cwd);
}

/** The path of a file that is named by one of these, which may be an address. */
export function pathNamed(word: string): string {
  try {
    return word.startsWith("file:") ? fileURLToPath(word) : word;
  } catch {
    return word;
  }
}

function absolute<V extends string | undefined>(
  all: Readonly<Record<string, V>>,
  kinds: typeof VARIABLES,
  cwd: string,
) {
  const changed: Record<string, string> = {};
  for (const [name, separator] of Object.entries(kinds)) {
    const value = all[name];
    // What is between the words stays, and so does the odd one out in front of the first.
    if (value)
      changed[name] = (separator ? value.split(separator) : [value]).map((word) => from(cwd, word, separator)).join("");
  }
  return { ...all, ...changed };
}

function from(cwd: string, word: string, separator: RegExp | undefined): string {
  if (word === "" || separator?.test(word) || isAbsolute(word) || /^(~|[a-z][a-z\d+.-]*:)/i.test(word)) return word;
  const path = resolve(cwd, word);
  // A folder's name may have what separates the words.
  return separator && /[\s,]/.test(path) ? pathToFileURL(path).href.replaceAll(",", "%2C") : path;
}
