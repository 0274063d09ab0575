/** Variables of the caller that never reach what runs in an environment. A `*` at the end stands for any ending. */
export const SCRUBBED: readonly { readonly pattern: string; readonly why: string }[] = [
  { pattern: "PYTHONPATH", why: "puts folders of another Python in front of the environment's packages" },
  { pattern: "PYTHONHOME", why: "makes an interpreter take its standard library from elsewhere" },
  { pattern: "PYTHONPLATLIBDIR", why: "renames the folder in which the standard library is looked for" },
  { pattern: "PYTHONEXECUTABLE", why: "makes the interpreter believe that it is another program" },
  { pattern: "PYTHONUSERBASE", why: "names a folder of packages outside the environment" },
  { pattern: "PYTHONSTARTUP", why: "runs a file of the user in each interactive Python" },
  {
    pattern: "PYTHONPYCACHEPREFIX",
    why: "hides the bytecode that comes with shared packages, and mixes that of environments",
  },
  { pattern: "__PYVENV_LAUNCHER__", why: "tells a macOS interpreter that it was started from another environment" },
  { pattern: "VIRTUAL_ENV", why: "names the environment that the caller is in; its bin folder leaves PATH too" },
  { pattern: "VIRTUAL_ENV_PROMPT", why: "names the environment that the caller is in" },
  { pattern: "_OLD_VIRTUAL_*", why: "holds what a caller's deactivate would restore" },
  { pattern: "CONDA_*", why: "makes tools install into the caller's conda environment" },
  { pattern: "_CONDA_*", why: "belongs to the caller's conda environment" },
  { pattern: "_CE_*", why: "belongs to the caller's conda environment" },
  { pattern: "PIP_TARGET", why: "makes pip install outside the environment" },
  { pattern: "PIP_PREFIX", why: "makes pip install outside the environment" },
  { pattern: "PIP_ROOT", why: "makes pip install outside the environment" },
  { pattern: "PIP_USER", why: "makes pip install outside the environment" },
  { pattern: "PIP_PYTHON", why: "makes pip work on another interpreter" },
  { pattern: "UV_PYTHON", why: "makes uv work on another interpreter" },
  { pattern: "UV_SYSTEM_PYTHON", why: "makes uv install outside the environment" },
  { pattern: "UV_PROJECT_ENVIRONMENT", why: "makes uv change another environment" },
  { pattern: "LD_PRELOAD", why: "loads a library of the caller into every process" },
  { pattern: "LD_AUDIT", why: "loads a library of the caller into every process" },
  { pattern: "DYLD_INSERT_LIBRARIES", why: "loads a library of the caller into every process" },
];

/** Variables that look as if they should go, and why they stay. */
export const KEPT: readonly { readonly pattern: string; readonly why: string }[] = [
  { pattern: "PYTHONNOUSERSITE", why: "can only make the path shorter" },
  { pattern: "PYTHONDONTWRITEBYTECODE", why: "is a choice about speed and files, and brings nothing in from outside" },
  { pattern: "PYTHONSAFEPATH", why: "can only make the path shorter" },
  {
    pattern: "PYTHONOPTIMIZE, PYTHONWARNINGS, PYTHONUNBUFFERED, PYTHONUTF8, PYTHONHASHSEED, …",
    why: "say how code runs, not which",
  },
  { pattern: "VIRTUAL_ENV_DISABLE_PROMPT", why: "is a choice about the shell's prompt" },
  { pattern: "LD_LIBRARY_PATH, DYLD_LIBRARY_PATH", why: "some interpreters and drivers can't start without them" },
  { pattern: "PIP_INDEX_URL, UV_INDEX, proxies, certificates, …", why: "say where packages come from" },
];

const patterns = SCRUBBED.map(({ pattern }) => pattern);
const names = new Set(patterns);
const beginnings = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
const begins = new RegExp(`^(?:${beginnings.join("|")})`);

/** Variables that say what runs, and where it finds its files: nobody's secret, and many are set on every start. */
const STEERING = /^(PATH|HOME|TMPDIR|SKERRY_.*|PYTHON.*|LD_.*|DYLD_.*|__proto__)$/;

/** Whether a variable of this name can be a secret of an environment. */
export function isSecretName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name) && !isScrubbed(name) && !STEERING.test(name);
}

function isScrubbed(name: string): boolean {
  return names.has(name) || begins.test(name);
}

/**
 * The caller's variables without those of {@link SCRUBBED}. The bin folder of the virtual environment that the caller is
 * in leaves PATH, so that its programs aren't found from within another one.
 */
export function scrub(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in env) {
    const value = env[name];
    if (value !== undefined && !isScrubbed(name)) kept[name] = value;
  }
  const active = env.VIRTUAL_ENV;
  if (active && kept.PATH !== undefined) {
    kept.PATH = kept.PATH.split(":")
      .filter((folder) => folder !== `${active}/bin`)
      .join(":");
  }
  return kept;
}
