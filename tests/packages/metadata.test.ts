import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ASK_INDEX from "../../src/packages/ask-index.py" with { type: "text" };
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

const LINE = `${"x".repeat(79)}\n`;
const many = (count: number) => ({ extras: { all: Array.from({ length: count }, (_, at) => `p${at}`) } });
const long = (megabytes: number) => ({ description: LINE.repeat((megabytes * 1e6) / LINE.length) });

describe("the metadata of a wheel", () => {
  test.each([
    ["uv", "more requirements than any has", many(10_001), /demo-1\.0\.dist-info names 10001 requirements/],
    ["uv", "17 MB of description", long(17), /demo-1\.0\.dist-info has 16\.\d MiB of metadata, and may have/],
    ["pip", "17 MB of description", long(17), /demo-1\.0\.dist-info has 16\.\d MiB of metadata, and may have/],
    ["uv", "70 MB of description", long(70), /demo-1\.0\.dist-info has 66\.\d MiB of metadata, and may have/],
    ["pip", "70 MB of description", long(70), /Could not resolve .*demo.*: what pip tells of the packages is larger/],
  ])("without measure is refused by the wheel's name: %s, %s", async (installer, _, init, says) => {
    await using rig = await Rig.make();
    const { filename, bytes } = buildWheel({ name: "demo", version: "1.0", ...init });
    const file = join(rig.root, filename);
    writeFileSync(file, bytes);
    const args = ["create", "x", "--python", newestPython().path, "--installer", installer, "--with", file];
    const { exitCode, stderr } = await rig.skerry(args);
    const error = stderr.slice(stderr.indexOf("error:"));
    expect({ exitCode, error }).toEqual({ exitCode: 1, error: expect.stringMatching(says) });
    expect(error).toMatch(/^error: .*\n {2}hint: .*\n$/);
    expect((await rig.skerry(["ls", "--json"])).stdout).toContain('"environments":[]');
  });

  test("may be as long as the longest there is", async () => {
    await using rig = await Rig.make();
    const { filename, bytes } = buildWheel({ name: "demo", version: "1.0", ...many(2000), ...long(2) });
    writeFileSync(join(rig.root, filename), bytes);
    const args = [
      "create",
      "x",
      "--python",
      newestPython().path,
      "--installer",
      "uv",
      "--with",
      join(rig.root, filename),
    ];
    expect(await rig.skerry(args)).toMatchObject({ exitCode: 0 });
  });
});

/** Makes the archive named first of the kind named second: its metadata names `one`, and has 1.5 GiB of zeros where told. */
const BOMBS = `
import gzip, io, sys, tarfile, zipfile
path, kind = sys.argv[1:]
HEAD = b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1\\nRequires-Dist: one\\n\\n"
ZEROS = bytes(16 << 20)
SIZE = 3 << 29
if kind == "a wheel":
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("demo-1.dist-info/METADATA", "w") as file:
            file.write(HEAD)
            for _ in range(SIZE // len(ZEROS)):
                file.write(ZEROS)
else:
    member = tarfile.TarInfo("demo-1/PKG-INFO")
    member.size = SIZE
    if kind == "the header of a sdist":
        member.type = tarfile.XHDTYPE
    head = member.tobuf(tarfile.PAX_FORMAT) + (HEAD if kind == "a sdist" else b"").ljust(512, b"x")
    block = gzip.compress(ZEROS, 1)
    with open(path, "wb") as file:
        file.write(gzip.compress(head) + block * (SIZE // len(ZEROS)))
`;

/** Runs a script with what is on standard input. Prints its answer, then how much memory it took, in KiB. */
const MEASURED = `
import resource, subprocess, sys
subprocess.run([sys.executable, "-I", "-c", sys.argv[1]], check=True)
print()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform == "darwin" else 1))
`;

test.each([
  ["a wheel", "demo-1-py3-none-any.whl", ["one"]],
  ["a sdist", "demo-1.tar.gz", ["one"]],
  ["the header of a sdist", "demo-1.tar.gz", null],
])(
  "metadata without end in %s takes little memory to read",
  async (kind, filename, requires) => {
    await using rig = await Rig.make();
    const path = join(rig.root, filename);
    const { path: python } = newestPython();
    execFileSync(python, ["-c", BOMBS, path, kind]);
    const input = JSON.stringify({ indexes: [], requires: [{ path, filename }] });
    const told = execFileSync(python, ["-c", MEASURED, ASK_INDEX], { input, encoding: "utf8" }).trim().split("\n");
    expect(JSON.parse(told[0]!)).toEqual({ requires: [requires] });
    expect(Number(told.at(-1))).toBeLessThan(1 << 20);
  },
  60_000,
);
