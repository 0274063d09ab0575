import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectIn } from "../../src/python/pyproject.ts";
import { runsNothing } from "../../src/worktrees/runs-nothing.ts";

/** Asks of a project of these files. */
function asked(files: Readonly<Record<string, string>>, isBuilt: boolean): boolean {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-runs-")));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const paths = Object.keys(files).map((name) => join(root, name));
    return runsNothing(projectIn(root), paths, isBuilt);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const project = (rest: string, dependencies = '"attrs"') =>
  `[project]\nname = "shop"\nversion = "1"\ndescription = "sells"\ndependencies = [${dependencies}]\n${rest}`;
const build = (backend: string, requires: string, rest = "") =>
  project(`[build-system]\nrequires = [${requires}]\nbuild-backend = "${backend}"\n${rest}`);
const pixi = (rest: string, channels = '"conda-forge"') =>
  `[workspace]\nchannels = [${channels}]\nplatforms = ["linux-64"]\n[dependencies]\npython = "*"\n${rest}`;
const locked = (source: string) => `[[package]]\nname = "foo"\nversion = "1"\nsource = ${source}\n`;

describe("installing runs nothing of the project", () => {
  test.each<[string, Record<string, string>]>([
    [
      "packages of an index",
      { "requirements.txt": "attrs>=23 ; python_version > '3'  # x\n--hash-ignored \\\n\n".split("--")[0]! },
    ],
    [
      "an address",
      { "requirements.txt": "foo @ https://example.com/foo-1-py3-none-any.whl\ngit+ssh://git@example.com/x.git\n" },
    ],
    ["another index", { "requirements.txt": "--index-url https://example.com/simple\nattrs\n" }],
    [
      "a pyproject.toml that only lists",
      { "pyproject.toml": project('[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\nx = []\n') },
    ],
    [
      "sources of another place",
      { "pyproject.toml": project('[tool.uv.sources]\nattrs = { git = "https://example.com/a.git", rev = "1" }\n') },
    ],
    [
      "an index of another place",
      { "pyproject.toml": project('[[tool.uv.index]]\nurl = "https://example.com/simple"\n') },
    ],
    [
      "a lock of an index",
      {
        "uv.lock":
          locked('{ registry = "https://pypi.org/simple" }') +
          locked('{ virtual = "." }') +
          'wheels = [{ url = "https://example.com/foo.whl" }]\n',
      },
    ],
    [
      "settings of worktrees",
      { "skerry.toml": 'worktree_links = ["data"]\n[tasks]\na = "b"\n', "requirements.txt": "attrs\n" },
    ],
    [
      "conda packages",
      { "pixi.toml": pixi('[feature.x.pypi-dependencies]\nattrs = ">=1"\n', '"conda-forge", "https://example.com/c"') },
    ],
    ["a version of Python", { ".python-version": "3.12\n", "requirements.txt": "attrs\n" }],
    ["a path in .python-version, which is no version", { ".python-version": "./tools/python3\n" }],
  ])("by %s", (_, files) => {
    expect(asked(files, false)).toBe(true);
  });

  test.each<[string, string]>([
    ["uv's own", build("uv_build", '"uv_build>=0.8,<1"')],
    ["flit's, which is told all", build("flit_core.buildapi", '"flit_core>=3.11"')],
  ])("of a project that is built by %s", (_, text) => {
    expect(asked({ "pyproject.toml": text }, true)).toBe(true);
  });
});

describe("installing may run what lies in the project", () => {
  test.each<[string, Record<string, string>]>([
    ...[
      "libs/foo  # ours",
      'libs/foo ; python_version > "3"',
      "foo @ libs/foo",
      "-elibs/foo",
      "-e .",
      ".",
      "file:///x",
      "foo @ ${PWD}/libs/foo",
    ].map((line): [string, Record<string, string>] => [line, { "requirements.txt": `${line}\n` }]),
    ["an archive", { "requirements.txt": "./libfoo-1.tar.gz\n" }],
    ["a folder of archives", { "requirements.txt": "--find-links=./wheels\nlibfoo\n" }],
    ["the same in short", { "requirements.txt": "-f wheels\nlibfoo\n" }],
    ["an index in a folder", { "requirements.txt": "-i file:///index\nlibfoo\n" }],
    ["a file elsewhere", { "requirements.txt": "-r https://example.com/r.txt\n" }],
    ["a dependency in a folder", { "pyproject.toml": project("", '"foo @ file:///libs/foo"') }],
    ["one of a group", { "pyproject.toml": project('[dependency-groups]\ndev = ["foo @ file:./libs/foo"]\n') }],
    ["a source in a folder", { "pyproject.toml": project('[tool.uv.sources]\nfoo = { "path" = "libs/foo" }\n') }],
    [
      "one of several",
      { "pyproject.toml": project('[tool.uv.sources]\nfoo = [{ index = "x" }, { workspace = true }]\n') },
    ],
    ...[
      '[[tool.uv.index]]\nname = "x"\nurl = "wheels"\nexplicit = true\n',
      '[tool.uv]\nfind-links = ["./wheels"]\n',
    ].map((table): [string, Record<string, string>] => [
      `${table.trim()} of packages`,
      { "pyproject.toml": project(table) },
    ]),
    ["a workspace", { "pyproject.toml": project('[tool.uv.workspace]\nmembers = ["libs/*"]\n') }],
    ["settings of packages", { "pyproject.toml": project('[tool.skerry]\nrequirements = ["./libs/foo"]\n') }],
    ["requirements in skerry.toml", { "skerry.toml": 'requirements = ["./libs/foo"]\n' }],
    ["a Python in the project", { "skerry.toml": 'python = "tools/python3"\n' }],
    ["a member in uv.lock", { "uv.lock": locked('{ editable = "libs/foo" }') }],
    ["an editable one in uv.lock, where nothing says how it is built", { "uv.lock": locked('{ editable = "." }') }],
    [
      "a wheel in uv.lock",
      {
        "uv.lock": `${locked('{ registry = "https://pypi.org/simple" }')}wheels = [{ path = "foo-1-py3-none-any.whl" }]\n`,
      },
    ],
    [
      "an archive in uv.lock",
      {
        "uv.lock": `${locked('{ registry = "https://pypi.org/simple" }')}sdist = { url = "file:///libs/foo-1.tar.gz" }\n`,
      },
    ],
    ["an index in a folder in uv.lock", { "uv.lock": locked('{ registry = "../wheels" }') }],
    ["a folder in pylock.toml", { "pylock.toml": '[[packages]]\nname = "a"\n[packages.directory]\npath = "."\n' }],
    ["an archive in pylock.toml", { "pylock.toml": '[[packages]]\nname = "a"\n[packages.sdist]\npath = "a.tar.gz"\n' }],
    ["pixi's activation", { "pixi.toml": pixi('[target.unix.activation]\nscripts = ["a.sh"]\n') }],
    [
      "pixi's projects in folders",
      { "pixi.toml": pixi('[pypi-dependencies]\nshop = { path = ".", editable = true }\n') },
    ],
    ["a channel in the project", { "pixi.toml": pixi("", '"./channel"') }],
    ["a package of pixi's", { "pixi.toml": pixi('[package]\nname = "x"\n') }],
    ["a requirements file named like something that every object has", { toString: "./libs/foo\n" }],
    ["what is no TOML", { "pixi.toml": "<<<<" }],
    ["what is no requirement", { "requirements.txt": "a b c\n" }],
  ])("by %s", (_, files) => {
    expect(asked(files, false)).toBe(false);
  });

  test.each<[string, Record<string, string>]>([
    ["setup.py", { "setup.py": "" }],
    ["setup.cfg", { "setup.cfg": "" }],
    ...(["hatchling.build", "pdm.backend", "poetry.core.masonry.api", "setuptools.build_meta", "mesonpy"] as const).map(
      (backend): [string, Record<string, string>] => [backend, { "pyproject.toml": build(backend, '"x"') }],
    ),
    ["a backend in the project", { "pyproject.toml": build("uv_build", '"uv_build"', 'backend-path = ["."]\n') }],
    ["more than the backend", { "pyproject.toml": build("uv_build", '"uv_build", "foo @ ./libs/foo"') }],
    [
      "another package that is named almost as the backend",
      { "pyproject.toml": build("uv_build", '"uv_build-extras"') },
    ],
    ["a backend in a folder", { "pyproject.toml": build("uv_build", '"uv_build @ ./libs/uv_build"') }],
    [
      "a version that flit looks for",
      {
        "pyproject.toml": build("flit_core.buildapi", '"flit_core"').replace('version = "1"', 'dynamic = ["version"]'),
      },
    ],
    [
      "flit's older way",
      { "pyproject.toml": build("flit_core.buildapi", '"flit_core"', '[tool.flit.metadata]\nmodule = "shop"\n') },
    ],
    ["no backend at all", { "pyproject.toml": project("") }],
  ])("where it is built by %s", (_, files) => {
    expect(asked(files, true)).toBe(false);
  });
});
