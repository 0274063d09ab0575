/** Requirements files that are installed without being named. */
export const REQUIREMENTS = [
  "requirements.txt",
  "requirements-dev.txt",
  "requirements-test.txt",
  "dev-requirements.txt",
  "test-requirements.txt",
] as const;

/** Files at a worktree's root that say what its environment should be. */
export const MANIFESTS = [
  "pyproject.toml",
  "uv.lock",
  "pylock.toml",
  "pixi.toml",
  "pixi.lock",
  ...REQUIREMENTS,
  "setup.py",
  "setup.cfg",
  ".python-version",
  "skerry.toml",
] as const;
