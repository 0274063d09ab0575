import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Variables that say how to reach the network and whom to trust, and nothing else. */
const NETWORK =
  /^((https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(PIP|UV)_((EXTRA_)?INDEX_URL|DEFAULT_INDEX|INDEX|CERT|PROXY|TRUSTED_HOST))$/i;

/** The folder of pyenv, where the machine has it. */
export function pyenvRoot(): string | undefined {
  const root = process.env.PYENV_ROOT || join(homedir(), ".pyenv");
  return existsSync(join(root, "versions")) ? root : undefined;
}

/**
 * The variables of a user who has set nothing of their own: PATH, a locale, and how the network is reached.
 * Downloads are kept for all tests; HOME and the temporary folder are the caller's to add.
 */
export function cleanEnvironment(cache: string): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env.PATH || "/usr/local/bin:/usr/bin:/bin",
    LANG: "C.UTF-8",
    TERM: "xterm",
    UV_CACHE_DIR: join(cache, "uv"),
    PIP_CACHE_DIR: join(cache, "pip"),
  };
  for (const [name, value] of Object.entries(process.env)) if (value && NETWORK.test(name)) env[name] = value;
  const pyenv = pyenvRoot();
  if (pyenv) env.PYENV_ROOT = pyenv;
  return env;
}
