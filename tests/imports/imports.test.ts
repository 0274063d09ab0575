import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { type ImportRequest, readImport } from "../../src/imports/import.ts";
import { poetrySpecifier } from "../../src/imports/poetry.ts";
import { meets } from "../../src/python/requirement/evaluate.ts";

/** Reads an import from a folder with these files. */
function imported(files: Readonly<Record<string, string>>, request: Omit<ImportRequest, "cwd" | "env">) {
  const cwd = mkdtempSync(join(tmpdir(), "skerry-import-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
    const found = readImport({ ...request, cwd, env: { HOME: cwd } });
    return JSON.parse(JSON.stringify(found).replaceAll(cwd, "/here"));
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

test("requirements.txt is taken as it is", () => {
  expect(imported({ "requirements.txt": "a\n" }, { kind: "requirements" })).toMatchObject({
    files: ["/here/requirements.txt"],
    requirements: [],
  });
});

test("a Pipfile gives its packages, and its lock the versions", () => {
  const files = {
    Pipfile: `
[[source]]
url = "https://packages.example.com/simple"
[packages]
requests = "*"
flask = "==3.0.*"
attrs = {version = ">=23", extras = ["dev"], markers = "python_version < '3.12'"}
colorama = {version = "*", sys_platform = "== 'win32'"}
tool = {git = "https://example.com/tool.git", ref = "v1"}
mine = {path = ".", editable = true}
[dev-packages]
pytest = ">=8, <9"
[requires]
python_version = "3.12"
`,
    "Pipfile.lock": '{"default": {"Requests": {"version": "==2.32.0"}}, "develop": {"pytest": {"version": "==8.1.1"}}}',
  };
  expect(imported(files, { kind: "pipfile", dev: true })).toEqual({
    source: "/here/Pipfile",
    python: "3.12",
    requirements: [
      "requests",
      "flask==3.0.*",
      "attrs[dev]>=23 ; python_version < '3.12'",
      "colorama ; sys_platform == 'win32'",
      "tool @ git+https://example.com/tool.git@v1",
      "pytest>=8,<9",
    ],
    files: [],
    editables: ["/here"],
    versions: { requests: "2.32.0", pytest: "8.1.1" },
    notes: ["packages also come from https://packages.example.com/simple: configure index_url or extra_index_urls"],
  });
  expect(imported(files, { kind: "pipfile" }).requirements).not.toContain("pytest>=8,<9");
});

test("a project of poetry gives its dependencies and groups, and its lock the versions", () => {
  const files = {
    "pyproject.toml": `
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2.31"
tomli = { version = "^2.0", python = "<3.11" }
both = [{ version = "1.0", python = "<3.11" }, { version = "2.0", python = ">=3.11,<3.13" }]
extra = { version = "*", optional = true }
either = "^1 || ^3"
local = { path = "../local", develop = true }
[tool.poetry.group.test.dependencies]
pytest = "~8.1"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
sphinx = "*"
`,
    "poetry.lock": '[[package]]\nname = "Requests"\nversion = "2.31.0"\n',
  };
  expect(imported(files, { kind: "poetry", dev: true })).toEqual({
    source: "/here/pyproject.toml",
    python: ">=3.10,<4",
    requirements: [
      "requests>=2.31,<3",
      "tomli>=2.0,<3 ; python_version < '3.11'",
      "both==1.0 ; python_version < '3.11'",
      "both==2.0 ; python_version >= '3.11' and python_version < '3.13'",
      "either",
      "pytest>=8.1,<8.2",
    ],
    files: [],
    editables: [expect.stringMatching(/local$/)],
    versions: { requests: "2.31.0" },
    notes: ["either: the version ^1 || ^3 can't be written as PEP 440 does; any is taken"],
  });
});

test.each([
  ["^1.2.3", ">=1.2.3,<2"],
  ["^0.2.3", ">=0.2.3,<0.3"],
  ["^0.0.3", ">=0.0.3,<0.0.4"],
  ["^0.0", ">=0.0,<0.1"],
  ["^0", ">=0,<1"],
  ["~1.2.3", ">=1.2.3,<1.3"],
  ["~1", ">=1,<2"],
  ["1.2.*", "==1.2.*"],
  ["*", ""],
  [">= 1.2, < 1.5", ">=1.2,<1.5"],
  [">=1.2 <1.5", ">=1.2,<1.5"],
  ["^1 || ^2", undefined],
])("poetry's %s is %s", (text, expected) => expect(poetrySpecifier(text)).toBe(expected));

test("a caret lets the version itself in, and nothing that changes the first number that isn't zero", () => {
  const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(version, ([a, b, c]) => {
      const bounds = poetrySpecifier(`^${a}.${b}.${c}`)!;
      expect(meets(`${a}.${b}.${c}`, bounds)).toBe(true);
      expect(meets(a > 0 ? `${a + 1}.0.0` : b > 0 ? `0.${b + 1}.0` : `0.0.${c + 1}`, bounds)).toBe(false);
    }),
  );
});

test("conda's environment.yml gives what PyPI can have", () => {
  const text = `
name: x
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy=1.26
  - conda-forge::pandas==2.2.1=py311h320fe9a_0
  - scipy>=1.10,<2
  - pytorch
  - libgcc-ng
  - odd 1.0|2.0
  - pip
  - pip:
      - requests>=2
      - -r more.txt
      - -e ./proj
      - --index-url https://example.com
`;
  expect(imported({ "environment.yml": text }, { kind: "environment.yml" })).toEqual({
    source: "/here/environment.yml",
    python: "3.11",
    requirements: ["numpy==1.26.*", "pandas==2.2.1", "scipy>=1.10,<2", "torch", "odd", "requests>=2"],
    files: ["/here/more.txt"],
    editables: ["/here/proj"],
    versions: {},
    notes: [
      "libgcc-ng is no Python package: install it with the system's package manager if it is needed",
      'odd: "odd 1.0|2.0" can\'t be written as PEP 440 does; any version is taken',
      "the option --index-url of pip isn't carried over: configure it for Skerry",
    ],
  });
});

test("a virtual environment gives what was asked for, and the versions of all", () => {
  const site = ".venv/lib/python3.12/site-packages";
  const files = {
    ".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.1\n",
    [`${site}/requests-2.31.0.dist-info/METADATA`]: "Name: requests\nVersion: 2.31.0\n",
    [`${site}/requests-2.31.0.dist-info/REQUESTED`]: "",
    [`${site}/idna-3.6.dist-info/METADATA`]: "Name: idna\nVersion: 3.6\n",
    [`${site}/mine-1.0.dist-info/METADATA`]: "Name: mine\nVersion: 1.0\n",
    [`${site}/mine-1.0.dist-info/REQUESTED`]: "",
    [`${site}/mine-1.0.dist-info/direct_url.json`]: '{"url": "file:///src/mine", "dir_info": {"editable": true}}',
    [`${site}/pip-24.0.dist-info/METADATA`]: "Name: pip\nVersion: 24.0\n",
    [`${site}/pip-24.0.dist-info/REQUESTED`]: "",
  };
  const expected = {
    python: "3.12",
    requirements: ["requests"],
    editables: ["/src/mine"],
    versions: { requests: "2.31.0", idna: "3.6", mine: "1.0", pip: "24.0" },
  };
  expect(imported(files, { kind: "venv" })).toMatchObject(expected);
  const moved = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace(".venv/", ".virtualenvs/web/"), text]),
  );
  expect(imported(moved, { kind: "virtualenvwrapper", path: "web" })).toMatchObject(expected);
});

describe("what can't be understood is refused", () => {
  const cases: [ImportRequest["kind"], string, string][] = [
    ["pipfile", "Pipfile", "[packages"],
    ["poetry", "pyproject.toml", "[build-system]\n"],
    ["environment.yml", "environment.yml", "- a\n- b\n"],
    ["environment.yml", "environment.yml", "a: [b\n"],
    ["environment.yml", "environment.yml", "dependencies: ['--x']\n"],
    ["venv", "x", ""],
    ["requirements", "x", ""],
  ];
  test.each(cases)("%s from %s: %s", (kind, file, text) => {
    expect(() => imported({ [file]: text }, { kind })).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
  });
});

describe("an environment.yml that is no list of packages", () => {
  const aliases = Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1},`.repeat(10) : "x"}]\n`);
  test.each([
    ["aliases of aliases", `${aliases.join("")}dependencies: *a8\n`, "an alias in it can't be followed"],
    ["an alias of nothing", "dependencies: *a", "an alias in it can't be followed"],
    ["many aliases", `dependencies:\n${"- &a x\n- *a\n".repeat(101)}`, "it has more than 100 aliases"],
    ["deep lists", `a: ${"[".repeat(10_000)}`, "line 1 is not valid YAML"],
    ["deep keys", "? ".repeat(20_000), "can't be imported: "],
    ["many errors", `\na: "${"\\x".repeat(100_000)}`, "line 2 is not valid YAML"],
    ["a list", "- a", "it is not a table of YAML"],
    ["two documents", "a: 1\n---\nb: 1", "line 2 is not valid YAML"],
    ["a name that is none", "dependencies: ['\u001b[2J']", '"\\u001b[2J" is no dependency'],
  ])("is refused for what is wrong: %s", (_, text, why) => {
    expect(() => imported({ "environment.yml": text }, { kind: "environment.yml" })).toThrow(
      expect.objectContaining({ code: "SKE-USAGE", message: expect.stringContaining(why) }),
    );
  });

  test("is read no further than it may be", () => {
    const text = `dependencies: [a] #${"x".repeat(256 * 1024)}`;
    expect(() => imported({ "environment.yml": text }, { kind: "environment.yml" })).toThrow("256 KiB");
  });
});

/** What every object of JavaScript has a member of. */
const MEMBERS = ["constructor", "toString", "valueOf", "hasOwnProperty"];

test.each(MEMBERS)("a package may be named %s", (name) => {
  const files = {
    "environment.yml": `dependencies: [${name}]`,
    Pipfile: `[packages]\n${name} = "*"\n`,
    "Pipfile.lock": "{}",
    "pyproject.toml": `[tool.poetry.dependencies]\n${name} = "*"\n`,
    "poetry.lock": "",
  };
  for (const kind of ["environment.yml", "pipfile", "poetry"] as const) {
    const { requirements, versions } = imported(files, { kind });
    expect([kind, requirements.map((one: string) => one.toLowerCase()), versions]).toEqual([
      kind,
      [name.toLowerCase()],
      {},
    ]);
  }
});
