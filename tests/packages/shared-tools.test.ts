import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { uvPin } from "../../src/packages/tools.ts";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

/** A uv that leaves a mark when it is run, newer than any. */
function trap(mark: string) {
  const program = `#!/bin/sh\ntouch ${mark}\necho "uv 99.0.0"\n`;
  return buildWheel({ name: "uv", version: "99.0.0", data: { "scripts/uv": program } });
}

/** Each way to name a place of packages that isn't the user's own setting for everything. */
const ROADS: Readonly<Record<string, (place: { folder: string; url: string }, rig: Rig) => readonly string[]>> = {
  "--find-links": ({ folder }) => ["--find-links", folder, "--with", "beta"],
  "--index-url": ({ url }) => ["--index-url", url, "--with", "beta"],
  "--extra-index-url": ({ url }) => ["--extra-index-url", url, "--with", "beta"],
  "a requirements file": ({ folder }, rig) => ["-r", rig.write("r.txt", `--find-links ${folder}\nbeta\n`)],
  "a trusted project": ({ url }, rig) => {
    rig.write("skerry.toml", `index_url = "${url}"\n`);
    return ["--with", "beta"];
  },
};

test.each(Object.keys(ROADS))("the uv that all requests share never comes from %s", async (road) => {
  await using rig = await Rig.make();
  const mark = join(rig.root, "mark");
  const distributions = [trap(mark), buildWheel({ name: "beta", version: "1" })];
  await using index = await startIndex({ distributions });
  const folder = join(rig.root, "wheels");
  mkdirSync(folder);
  for (const { filename, bytes } of distributions) writeFileSync(join(folder, filename), bytes);
  const args = ROADS[road]!({ folder, url: index.url }, rig);
  const env = { PATH: "/usr/bin:/bin" };
  if (road === "a trusted project") await rig.skerry(["trust", "--yes"], { env });
  const made = await rig.skerry(["create", "one", "--python", newestPython().path, "--installer", "uv", ...args], {
    env,
  });
  expect({ made: made.exitCode, stderr: made.stderr }).toMatchObject({ made: 0 });
  expect(existsSync(mark)).toBe(false);
  expect(readdirSync(join(rig.home, "tools")).filter((name) => name.startsWith("uv-"))).toEqual([
    `uv-${uvPin().version}`,
  ]);
});
