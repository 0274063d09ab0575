/** Variables of the caller that would change what the tests see, by the beginning of their names. */
const DROPPED = ["PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "CONDA", "PYENV_VERSION", "SKERRY_", "BUN_", "npm_", "XDG_"];

/** What is kept all the same: where packages come from and whom to trust. */
const KEPT = /^(PIP|UV)_((EXTRA_)?INDEX_URL|DEFAULT_INDEX|INDEX|CERT|CLIENT_CERT|PROXY|TRUSTED_HOST)$/;

/** The environment that tests run in: the caller's without what it says of Python and its tools. */
export function testEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => KEPT.test(name) || !DROPPED.some((prefix) => name.startsWith(prefix))),
  );
}
