import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { git } from "../git/repository.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { type Outcome, Rig } from "../rig/rig.ts";

/** A build backend of the project's own, so that nothing has to be fetched: editable, by a `.pth` file. */
export const BACKEND = `
import os, zipfile
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INFO = "shop-1.0.dist-info"
def build_editable(directory, config_settings=None, metadata_directory=None):
    name = "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr("shop.pth", os.path.join(ROOT, "src") + "\\n")
        wheel.writestr(INFO + "/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\nRequires-Dist: alpha\\n")
        wheel.writestr(INFO + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(INFO + "/RECORD", "")
    return name
build_wheel = build_editable
`;

const PYPROJECT = `[project]
name = "shop"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["alpha>=1"]

[dependency-groups]
dev = ["gamma"]

[build-system]
requires = []
build-backend = "backend"
backend-path = ["backend"]
`;

/** A repository `shop` of a Python project in a rig, whose packages come from an index of the test's own. */
export class Shop implements AsyncDisposable {
  readonly rig: Rig;
  readonly index: TestIndex;
  readonly env: Record<string, string>;
  /** The main checkout. */
  readonly main: string;

  private constructor(rig: Rig, index: TestIndex) {
    this.rig = rig;
    this.index = index;
    this.env = { ...rig.env, PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
    this.main = join(rig.cwd, "shop");
  }

  static async make(): Promise<Shop> {
    const shop = new Shop(await Rig.make(), await startIndex({ distributions: WHEELS }));
    shop.write(shop.main, {
      "pyproject.toml": PYPROJECT,
      "backend/backend.py": BACKEND,
      "src/shop/__init__.py": "import os\nimport alpha\nPLACE = os.path.dirname(__file__)\n",
      "p3.py":
        "#!/usr/bin/env python\nimport sys, shop\nsys.stdout.write(' '.join([shop.PLACE, shop.alpha.VERSION] + sys.argv[1:]) + '\\n')\n",
      ".gitignore": "__pycache__/\n",
    });
    git(shop.main, "init", "-q");
    shop.commit(shop.main);
    return shop;
  }

  write(folder: string, files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }

  commit(folder: string): void {
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "change");
  }

  /** Adds a worktree on a branch of its own. @returns its folder */
  add(name: string, branch = `b-${name.replace(/\W+/g, "")}`): string {
    const folder = join(this.rig.cwd, name);
    git(this.main, "worktree", "add", "-q", "-b", branch, folder);
    return folder;
  }

  /** Runs `skerry worktree` in a folder. */
  worktree(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.rig.skerry(["worktree", ...args], { cwd: folder, env: { ...this.env, ...env } });
  }

  /** The same, which has to succeed. @returns its JSON */
  async json<T = Record<string, unknown>>(folder: string, args: readonly string[], env = {}): Promise<T> {
    const { exitCode, stdout, stderr } = await this.worktree(folder, [...args, "--json"], env);
    if (exitCode !== 0) throw new Error(`worktree ${args.join(" ")}: ${exitCode}\n${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** What `worktree verify` finds wrong. */
  async faults(folder: string, env = {}): Promise<string[]> {
    const { stdout } = await this.worktree(folder, ["verify", "--json"], env);
    const { checks } = JSON.parse(stdout) as { checks: { check: string; ok: boolean; problem: string }[] };
    return checks.filter(({ ok }) => !ok).map(({ check, problem }) => `${check}: ${problem}`);
  }

  /** Runs a program to its end. */
  run(folder: string, argv: readonly [string, ...string[]], env = {}): Promise<Outcome> {
    return this.rig.run(argv, { cwd: folder, env: { ...this.env, ...env } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.index[Symbol.asyncDispose]();
    await this.rig[Symbol.asyncDispose]();
  }
}
