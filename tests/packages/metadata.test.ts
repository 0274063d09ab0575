import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
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
