import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { SkerryError } from "../../src/core/error.ts";
import type { LockedFile, LockedPackage } from "../../src/core/lock.ts";
import { readLockFile } from "../../src/packages/lock-file.ts";
import { lockText } from "../../src/packages/lock-text.ts";
import { byName, readPylock, writePylock } from "../../src/packages/pylock.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { readSources } from "../../src/packages/sources.ts";
import { targetHere } from "../../src/python/target.ts";
import { Rig } from "../rig/rig.ts";
import { failure } from "./setup.ts";

const TARGET = targetHere({
  implementation: "cpython",
  version: "3.12.1",
  abi: "cpython-312",
  platform: "linux-x86_64",
  libc: "glibc 2.36",
  interpreter: "/nowhere/python",
});
const SHA = "a".repeat(64);
const wheel = (name: string, version = "1.0") => ({
  url: `https://x.test/${name}-${version}-py3-none-any.whl`,
  hashes: { sha256: SHA },
});
const alpha = { name: "alpha", version: "1.0", wheels: [wheel("alpha")] };

function read(document: Record<string, unknown>, chosen: { extras?: string[]; groups?: string[] } = {}) {
  const text = stringify({ "lock-version": "1.0", "created-by": "test", packages: [alpha], ...document });
  const { extras = [], groups = [] } = chosen;
  return readLockFile(text, { file: "/repo/pylock.toml", folder: "/repo", target: TARGET, extras, groups });
}
const names = (contents: { packages: readonly LockedPackage[] }) => contents.packages.map(({ name }) => name);
function refusal(action: () => unknown): SkerryError {
  try {
    action();
  } catch (error) {
    if (error instanceof SkerryError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?$/);
const version = fc.stringMatching(/^(0|[1-9]\d?)\.(0|[1-9]\d?)(\.post[1-9])?$/);
const segment = fc.stringMatching(/^[A-Za-z0-9 _+'"#%-]{1,12}$/);
const place: fc.Arbitrary<Pick<LockedFile, "url" | "path">> = fc.oneof(
  fc
    .tuple(segment, segment)
    .map(([a, b]) => ({ url: `https://x.test/${encodeURIComponent(a)}/${encodeURIComponent(b)}` })),
  fc.tuple(segment, segment).map(([a, b]) => ({ path: `/srv/${a}/${b}` })),
);
const sized = fc.record({ size: fc.nat() }, { requiredKeys: [] });
const file = (fileName: fc.Arbitrary<string>): fc.Arbitrary<LockedFile> =>
  fc
    .tuple(fileName, place, hex, sized)
    .map(([called, where, sha256, size]) => ({ name: called, ...where, hashes: { sha256 }, ...size }));
const inside = fc.record({ subdirectory: fc.constantFrom("src", "packages/a b") }, { requiredKeys: [] });
const source = (project: string, release: string): fc.Arbitrary<LockedPackage> => {
  const stem = project.replaceAll("-", "_");
  const indexed = fc.record(
    {
      index: fc.constant("https://x.test/simple"),
      sdist: file(fc.constant(`${stem}-${release}.tar.gz`)),
      wheels: fc.array(
        file(fc.constantFrom(`${stem}-${release}-py3-none-any.whl`, `${stem}-${release}-1-cp312-abi3-any.whl`)),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    },
    { requiredKeys: ["wheels"] },
  );
  const archive = fc.tuple(place, hex, sized, inside).map(([where, sha256, size, sub]) => {
    const last = (where.url ?? where.path)!.split("/").at(-1)!;
    const called = where.url === undefined ? last : decodeURIComponent(last);
    return { archive: { name: called, ...where, hashes: { sha256 }, ...size, ...sub } };
  });
  const vcs = fc
    .tuple(hex, inside, fc.constantFrom("https://x.test/a.git", "ssh://git@x.test/a", "/srv/repo"))
    .map(([commit, sub, url]) => ({ vcs: { type: "git", url, commit: commit.slice(0, 40), ...sub } }));
  const directory = fc
    .tuple(segment, fc.boolean(), inside)
    .map(([folder, editable, sub]) => ({ directory: { path: `/srv/${folder}`, editable, ...sub } }));
  return fc.oneof(
    fc.oneof(indexed, archive, vcs).map((from) => ({ name: project, version: release, ...from })),
    directory.map((from) => ({ name: project, version: null, ...from })),
  );
};
const packages = fc
  .uniqueArray(name, { maxLength: 6 })
  .chain((all) => fc.tuple(...all.map((one) => version.chain((release) => source(one, release)))))
  .map((all) => all.sort(byName));

describe("a lock file", () => {
  test("holds whatever a lock can hold: what is written is read again", () => {
    fc.assert(
      fc.property(packages, fc.constantFrom(undefined, "/srv", "/elsewhere/deep"), (all, folder) => {
        const text = writePylock(all, folder === undefined ? {} : { folder });
        expect(readPylock(text, folder ?? "/unused")).toEqual(all);
        const context = { file: "pylock.toml", folder: folder ?? "/unused", target: TARGET, extras: [], groups: [] };
        expect(readLockFile(text, context).packages).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  test("is read or refused, whatever is in it", () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 2 }),
      fc.constant({}),
    );
    const keys = [
      "name",
      "version",
      "marker",
      "wheels",
      "sdist",
      "archive",
      "vcs",
      "directory",
      "requires-python",
      "index",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...keys), value),
        fc.dictionary(fc.constantFrom("environments", "extras", "requires-python", "lock-version"), value),
        (one, top) => {
          try {
            expect(names(read({ packages: [alpha, { ...alpha, ...one }], ...top }))).toContain("alpha");
          } catch (error) {
            expect(error).toBeInstanceOf(SkerryError);
          }
        },
      ),
    );
  });

  test("counts by what its target says of itself, whatever this machine is", () => {
    const beta = { name: "beta", version: "1.0", marker: "sys_platform == 'nowhere'", wheels: [wheel("beta")] };
    const text = stringify({ "lock-version": "1.0", "created-by": "x", packages: [beta] });
    const target = { ...TARGET, markers: { ...TARGET.markers, sys_platform: "nowhere" } };
    const { packages } = readLockFile(text, { file: "pylock.toml", folder: "/", target, extras: [], groups: [] });
    expect(packages.map((one) => one.name)).toEqual(["beta"]);
  });

  test("counts as far as its markers hold, with the groups and extras that are asked for", () => {
    const packages = [
      alpha,
      { name: "beta", version: "1.0", marker: "sys_platform == 'nowhere'", wheels: [wheel("beta")] },
      { name: "gamma", version: "1.0", marker: "python_full_version < '3.12'", wheels: [wheel("gamma")] },
      { name: "gamma", version: "2.0", marker: "python_full_version >= '3.12'", wheels: [wheel("gamma", "2.0")] },
      { name: "socks", version: "1.0", marker: "'Socks_5' in extras", wheels: [wheel("socks")] },
      { name: "tests", version: "1.0", marker: "'test' in dependency_groups", wheels: [wheel("tests")] },
      { name: "usual", version: "1.0", marker: "'default' in dependency_groups", wheels: [wheel("usual")] },
    ];
    const document = { packages, extras: ["socks-5"], "dependency-groups": ["test"], "default-groups": ["default"] };
    expect(names(read(document))).toEqual(["alpha", "gamma", "usual"]);
    expect(read(document).packages[1]).toMatchObject({ version: "2.0" });
    expect(names(read(document, { extras: ["socks_5"], groups: ["Test"] }))).toContain("socks");
    expect(names(read(document, { groups: ["test"] }))).toContain("tests");
    expect(refusal(() => read(document, { groups: ["tset"] }))).toMatchObject({
      code: "SKE-PKG-REQUIREMENT",
      hint: "did you mean test?",
    });
  });

  test("asks for what was asked for, as far as it tells; its other sources are never looked for on an index", () => {
    const direct = { name: "delta", directory: { path: "../delta", editable: true } };
    expect(read({ packages: [direct, alpha] }).roots).toEqual(["-e /delta", "alpha==1.0"]);
    expect(
      read({ packages: [direct, alpha], tool: { skerry: { requirements: ["alpha>=1", "delta"] } } }).roots,
    ).toEqual(["-e /delta", "alpha>=1"]);
  });

  test.each([
    [{ "lock-version": "2.0" }, "SKE-PKG-LOCK", /lock-version: only versions 1\.x/],
    [{ packages: "x" }, "SKE-PKG-LOCK", /packages: /],
    [{ packages: [{ name: "alpha", version: "1.0" }] }, "SKE-PKG-LOCK", /\(alpha\): expected one source/],
    [{ packages: [{ ...alpha, name: "../alpha" }] }, "SKE-PKG-LOCK", /expected the name of a package/],
    [{ packages: [{ ...alpha, version: "x y" }] }, "SKE-PKG-LOCK", /expected a version/],
    [{ packages: [{ ...alpha, marker: "os_name = 'x'" }] }, "SKE-PKG-LOCK", /part of a marker/],
    [{ packages: [{ ...alpha, wheels: [wheel("beta")] }] }, "SKE-PKG-LOCK", /isn't a wheel of alpha/],
    [{ packages: [{ ...alpha, wheels: [wheel("alpha", "2.0")] }] }, "SKE-PKG-LOCK", /isn't a wheel of alpha 1\.0/],
    [{ packages: [{ ...alpha, wheels: [{ ...wheel("alpha"), name: "../x.whl" }] }] }, "SKE-PKG-LOCK", /name of a file/],
    [{ packages: [{ ...alpha, wheels: [{ ...wheel("alpha"), url: "javascript:x" }] }] }, "SKE-PKG-LOCK", /an address/],
    [
      { packages: [{ ...alpha, wheels: [{ ...wheel("alpha"), hashes: { md5: "0".repeat(32) } }] }] },
      "SKE-PKG-HASH",
      /alpha/,
    ],
    [
      { packages: [{ name: "a", vcs: { type: "git", url: "ext::sh -c x", "commit-id": SHA } }] },
      "SKE-PKG-LOCK",
      /an address/,
    ],
    [
      { packages: [{ name: "a", vcs: { type: "git", url: "https://x.test/a", "commit-id": "--upload-pack=x" } }] },
      "SKE-PKG-LOCK",
      /a commit/,
    ],
    [
      { packages: [{ name: "a", directory: { path: "a", subdirectory: "../b" } }] },
      "SKE-PKG-LOCK",
      /inside of the source/,
    ],
    [{ packages: [alpha, alpha] }, "SKE-PKG-LOCK", /more than one entry for alpha/],
    [{ "requires-python": ">=3.13" }, "SKE-PKG-VERSION", /asks for Python >=3\.13/],
    [{ packages: [{ ...alpha, "requires-python": "<3.12" }] }, "SKE-PKG-VERSION", /alpha 1\.0 asks for Python <3\.12/],
    [{ environments: ["sys_platform == 'nowhere'"] }, "SKE-PKG-VERSION", /is for sys_platform == 'nowhere'/],
  ] as const)("%j is refused", (document, code, said) => {
    const error = refusal(() => read(document as never));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(said);
  });

  test("for others has no passwords, and paths relative to itself", () => {
    const lock = {
      format: 1,
      installer: "uv",
      roots: [],
      packages: [
        {
          ...alpha,
          index: "https://me:secret@x.test/simple",
          wheels: [{ ...wheel("alpha"), name: "x", url: "https://token@x.test/x" }],
        },
        {
          name: "beta",
          version: "1.0",
          vcs: { type: "git", url: "ssh://git:secret@x.test/b", commit: SHA.slice(0, 40) },
        },
        { name: "delta", version: null, directory: { path: "/repo/libs/delta", editable: true } },
      ],
    } as const;
    const graph = new Map([
      [
        "alpha",
        {
          name: "alpha",
          version: "1.0",
          requiresPython: ">=3.8",
          requires: [{ line: "beta", name: "beta", specifier: "" }],
        },
      ],
    ]);
    const asked = ["alpha @ https://me:secret@x.test/alpha.whl"];
    const text = lockText({ lock, markers: TARGET.markers, graph, asked, folder: "/repo/app" });
    expect(text).not.toMatch(/secret|token/);
    expect(parse(text)).toMatchObject({
      "requires-python": "==3.12.*",
      packages: [
        { "requires-python": ">=3.8", dependencies: [{ name: "beta" }], index: "https://x.test/simple" },
        { vcs: { url: "ssh://git@x.test/b" } },
        { directory: { path: "../libs/delta", editable: true } },
      ],
      tool: { skerry: { requirements: ["alpha @ https://x.test/alpha.whl"] } },
    });
  });
});

describe("files that stand beside each other", () => {
  const lockOf = (...all: object[]) => stringify({ "lock-version": "1.0", "created-by": "test", packages: all });
  async function sources(
    files: Record<string, string>,
    spec: { groups?: string[]; extras?: string[] } = {},
    named = Object.keys(files),
  ) {
    await using rig = await Rig.make();
    for (const [path, text] of Object.entries(files)) rig.write(path, text);
    const uv = () => Promise.reject(new Error("uv isn't asked"));
    const requirements = { requirements: [], files: named, constraints: [], editables: [], ...spec };
    const finder = () => Promise.resolve({ name: "uv" as const, settings: installerSettings(rig.env) });
    return await readSources(requirements, { cwd: rig.cwd, target: TARGET, uv, finder }, undefined as never);
  }
  const PROJECT = `
    [project]
    name = "Demo"
    dependencies = ["alpha>=1"]
    [project.optional-dependencies]
    socks = ["beta", "beta2 ; python_version < '3'"]
    all = ["demo[socks]", "gamma"]
    [dependency-groups]
    lint = ["delta"]
    Test_all = ["epsilon", { include-group = "Lint" }]
    round = [{ include-group = "round" }]
    odd = [{ other = "x" }]
  `;

  test("are joined where they agree", async () => {
    const beta = { name: "beta", version: "1.0", wheels: [wheel("beta")] };
    const found = await sources({
      "pylock.toml": lockOf(alpha),
      "pylock.more.toml": lockOf(alpha, beta),
      "r.txt": "gamma\n",
    });
    expect(names(found.locked!)).toEqual(["alpha", "beta"]);
    expect(found.requirements.files).toEqual(["r.txt"]);
    const other = { ...alpha, version: "2.0", wheels: [wheel("alpha", "2.0")] };
    const error = await failure(sources({ "pylock.toml": lockOf(alpha), "pylock.more.toml": lockOf(other) }));
    expect(error).toMatchObject({ code: "SKE-PKG-CONFLICT", message: expect.stringContaining("alpha==2.0") });
  });

  test("can be a project's own, with extras and groups", async () => {
    const lines = async (spec: { groups?: string[]; extras?: string[] }, named = ["pyproject.toml"]) =>
      (await sources({ "pyproject.toml": PROJECT }, spec, named)).requirements.requirements;
    expect(await lines({})).toEqual(["alpha>=1"]);
    expect(await lines({ extras: ["all"] })).toEqual(["alpha>=1", "beta", "beta2 ; python_version < '3'", "gamma"]);
    expect(await lines({ groups: ["test-all"] })).toEqual(["alpha>=1", "epsilon", "delta"]);
    // Without the file, a group is only what it says, an extra adds to the dependencies.
    expect(await lines({ groups: ["lint"] }, [])).toEqual(["delta"]);
    expect(await lines({ extras: ["socks"] }, [])).toEqual(["alpha>=1", "beta", "beta2 ; python_version < '3'"]);
    for (const [spec, said] of [
      [{ groups: ["lin"] }, /no group named lin/],
      [{ groups: ["round"] }, /includes itself/],
      [{ groups: ["odd"] }, /neither a requirement nor an include-group/],
      [{ extras: ["sock"] }, /no extra named sock/],
    ] as const) {
      const error = await failure(lines(spec as never));
      expect(error).toMatchObject({ code: "SKE-PKG-REQUIREMENT", message: expect.stringMatching(said) });
    }
  });

  test.each([
    ["[project]\ndependencies = 'alpha'\n", /isn't a list/],
    ["[project]\ndependencies = [1]\n", /neither a requirement/],
    ["[project]\ndependencies = ['alpha = 1']\n", /version clause/],
    ["[project]\ndependencies = ['./alpha']\n", /only a path/],
    ["[project]\ndynamic = ['dependencies']\n", /only a build tells/],
    ["project = 3\n", /isn't a table/],
    ["[project\n", /line 1 is not valid TOML/],
  ])("a project's file with %j is refused", async (text, said) => {
    const error = await failure(sources({ "pyproject.toml": text }));
    expect(error).toMatchObject({ code: "SKE-PKG-REQUIREMENT", message: expect.stringMatching(said) });
  });
});
