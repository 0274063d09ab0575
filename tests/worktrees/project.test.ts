import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Project } from "../../src/project/project.ts";
import { projectIn } from "../../src/python/pyproject.ts";

function inFolder<T>(files: Readonly<Record<string, string>>, look: (root: string) => T): T {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-project-")));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    return look(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What is asked of a project of these files, with paths relative to it. */
const asked = (files: Readonly<Record<string, string>>) =>
  inFolder(files, (root) => {
    const { python, isPackage, isDeclared, defaultGroups, dependencies, passedOver } = projectIn(root);
    const where = { in: dependencies.in, files: dependencies.files.map((path) => basename(path)) };
    return { python, isPackage, isDeclared, defaultGroups, dependencies: where, passedOver };
  });

const NOTHING = {
  python: undefined,
  isPackage: false,
  isDeclared: false,
  defaultGroups: [],
  dependencies: { in: "requirements", files: [] },
  passedOver: [],
};

const CASES: readonly [title: string, files: Record<string, string>, says: object][] = [
  ["an empty folder says nothing", {}, {}],
  [
    "requirements files of known names count, others are passed over",
    { "requirements.txt": "", "requirements-dev.txt": "", "requirements-docs.txt": "" },
    {
      dependencies: { in: "requirements", files: ["requirements.txt", "requirements-dev.txt"] },
      passedOver: ["requirements-docs.txt"],
    },
  ],
  [
    "dependencies of pyproject.toml go before requirements files",
    { "pyproject.toml": "[project]\ndependencies = []\n", "requirements.txt": "" },
    {
      isDeclared: true,
      dependencies: { in: "pyproject", files: ["pyproject.toml"] },
      passedOver: ["requirements.txt"],
    },
  ],
  [
    "a pyproject.toml that requires nothing leaves it to requirements files",
    { "pyproject.toml": "[tool.black]\n", "requirements.txt": "" },
    { dependencies: { in: "requirements", files: ["requirements.txt"] } },
  ],
  [
    "a lock goes before what it was made from, uv's before others",
    { "pyproject.toml": "[project]\ndependencies = []\n", "pylock.toml": "", "uv.lock": "" },
    { isDeclared: true, dependencies: { in: "lock", files: ["uv.lock"] } },
  ],
  ["requires-python counts", { "pyproject.toml": '[project]\nrequires-python = ">=3.11"\n' }, { python: ">=3.11" }],
  [
    "a .python-version is more exact than requires-python",
    { "pyproject.toml": '[project]\nrequires-python = ">=3.11"\n', ".python-version": "3.12\n" },
    {},
  ],
  ["a setup.py makes a package", { "setup.py": "" }, { isPackage: true }],
  ["a build system makes a package", { "pyproject.toml": "[build-system]\nrequires = []\n" }, { isPackage: true }],
  [
    "the group dev is a default one, with uv's older list",
    { "pyproject.toml": '[dependency-groups]\nlint = []\n[tool.uv]\ndev-dependencies = ["ruff"]\n' },
    { isDeclared: true, defaultGroups: ["dev"], dependencies: { in: "pyproject", files: ["pyproject.toml"] } },
  ],
  [
    "uv's default groups count",
    { "pyproject.toml": '[dependency-groups]\nlint = []\ntypes = []\n[tool.uv]\ndefault-groups = "all"\n' },
    {
      isDeclared: true,
      defaultGroups: ["lint", "types"],
      dependencies: { in: "pyproject", files: ["pyproject.toml"] },
    },
  ],
];

describe("what a project's manifests say", () => {
  test.each(CASES)("%s", (_, files, says) => {
    expect<object>(asked(files)).toEqual({ ...NOTHING, ...says });
  });

  test("is parsed once, whoever asks how often", () => {
    const files = { "pyproject.toml": "[project]\ndependencies = []\n", "requirements.txt": "" };
    const read = inFolder(files, (root) => {
      const paths: string[] = [];
      const text = (path: string) => {
        paths.push(basename(path));
        return readFileSync(path, "utf8");
      };
      const project = new Project(root, () => ({ text, refuse: (_, error) => error }));
      for (let n = 0; n < 3; n++) {
        expect(project.dependencies.in).toBe("pyproject");
        expect([project.python, project.defaultGroups]).toEqual([undefined, []]);
        expect(project.passedOver).toEqual(["requirements.txt"]);
      }
      return paths;
    });
    expect(read).toEqual(["pyproject.toml"]);
  });

  test("is refused in the words of who asks", () => {
    inFolder({ "pyproject.toml": "[project\n", "pixi.toml": "[tasks\n" }, (root) => {
      const project = projectIn(root);
      expect(() => project.pyproject).toThrow(expect.objectContaining({ code: "SKE-PKG-REQUIREMENT" }));
      expect(() => project.table(project.pathOf("pixi.toml"))).toThrow(
        expect.objectContaining({ code: "SKE-PIXI-PROJECT" }),
      );
    });
  });
});
