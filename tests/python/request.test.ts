import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { SkerryError } from "../../src/core/error.ts";
import { asksByVersion, matches, parsePythonRequest, type VersionFacts } from "../../src/python/request.ts";

function python(version: string, more: Partial<VersionFacts> = {}): VersionFacts {
  const [major = 0, minor = 0, micro = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return { implementation: "cpython", version, versionInfo: [major, minor, micro], freeThreaded: false, ...more };
}

describe("a request", () => {
  test.each([
    ["3", [3]],
    ["3.12", [3, 12]],
    ["3.12.1", [3, 12, 1]],
    ["312", [3, 12]],
    ["py39", [3, 9]],
    ["python3.12", [3, 12]],
    ["cpython3.12", [3, 12]],
    ["cpython@3.12", [3, 12]],
    ["cpython", []],
  ])("by version: %s", (text, version) => {
    expect(parsePythonRequest(text)).toMatchObject({
      kind: "version",
      version,
      implementation: "cpython",
      freeThreaded: false,
    });
  });

  test("by kind, and free-threaded", () => {
    expect(parsePythonRequest("pypy")).toMatchObject({ implementation: "pypy", version: [] });
    expect(parsePythonRequest("pypy3.10")).toMatchObject({ implementation: "pypy", version: [3, 10] });
    expect(parsePythonRequest("3.13t")).toMatchObject({ version: [3, 13], freeThreaded: true });
  });

  test("by path: absolute, relative to a folder, or in the home folder", () => {
    expect(parsePythonRequest("/opt/x/bin/python")).toMatchObject({ kind: "path", path: "/opt/x/bin/python" });
    expect(parsePythonRequest("./.venv", "/repo")).toMatchObject({ kind: "path", path: "/repo/.venv" });
    expect(parsePythonRequest("~/my python")).toMatchObject({ kind: "path", path: join(homedir(), "my python") });
  });

  test("by the name of a command, or of a version of pyenv", () => {
    for (const name of ["python", "python3-dbg", "miniconda3-4.7.12", "3.14-dev", "pypy3.10-7.3.12"]) {
      expect(parsePythonRequest(name)).toMatchObject({ kind: "name", name });
    }
  });

  test.each(["", "  ", "3.x", "3..1", "3.12.1.2", ">=three", ">=3.10 <3.13 or so", "py thon", "$(id)", "3,12"])(
    "that says nothing is refused: %p",
    (text) => {
      expect(() => parsePythonRequest(text)).toThrow(expect.objectContaining({ code: "SKE-PYTHON-REQUEST" }));
    },
  );

  test("of any text is understood, or refused with the one error", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        try {
          expect(parsePythonRequest(text).text).toBe(text.trim());
        } catch (error) {
          expect(error).toBeInstanceOf(SkerryError);
          expect((error as SkerryError).code).toBe("SKE-PYTHON-REQUEST");
        }
      }),
    );
  });

  test("by any beginning of a version fits it, and fits no other number in its place", () => {
    const number = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 3 }), (minor, micro, length) => {
        const parts = [3, minor, micro];
        const request = parsePythonRequest(parts.slice(0, length).join("."));
        expect(matches(request, python(parts.join(".")))).toBe(true);
        parts[length - 1]! += 1;
        expect(matches(request, python(parts.join(".")))).toBe(false);
      }),
    );
  });
});

describe("a version", () => {
  test.each([
    [">=3.10,<3.13", "3.12.1", true],
    [">=3.10, <3.13", "3.13.0", false],
    ["~=3.11.2", "3.11.9", true],
    ["~=3.11.2", "3.12.0", false],
    ["==3.12.*", "3.12.7", true],
    ["!=3.12.1", "3.12.1", false],
    [">=3.13", "3.14.0rc1", false],
    [">=3.14.0rc1", "3.14.0rc2", true],
    ["3.14.0rc2", "3.14.0rc2", true],
    ["3.14", "3.14.0rc2", true],
    ["3.1", "3.12.0", false],
  ])("for %s: %s is %p", (request, version, fits) => {
    expect(matches(parsePythonRequest(request), python(version))).toBe(fits);
  });

  test("of PyPy or without a global lock fits only who asks for that", () => {
    const pypy = python("3.10.14", { implementation: "pypy" });
    const threaded = python("3.13.0", { freeThreaded: true });
    expect(matches(parsePythonRequest("3.10"), pypy)).toBe(false);
    expect(matches(parsePythonRequest(">=3.8"), pypy)).toBe(false);
    expect(matches(parsePythonRequest("pypy"), pypy)).toBe(true);
    expect(matches(parsePythonRequest("3.13"), threaded)).toBe(false);
    expect(matches(parsePythonRequest("3.13t"), threaded)).toBe(true);
  });
});

test.each([
  ["3.12", true],
  [">=3.10,<3.13", true],
  ["pypy", true],
  [".", false],
  ["..", false],
  ["./python", false],
  ["~", false],
  ["logger", false],
  ["python", false],
  ["3.12-dev", false],
])("asks only by version, or names something that is to be started: %p", (text, only) => {
  expect(asksByVersion(parsePythonRequest(text))).toBe(only);
});
