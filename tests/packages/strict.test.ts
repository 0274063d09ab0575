import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildSdist, buildWheel } from "../rig/wheel.ts";

const pk = buildWheel({ name: "pk", version: "1" });
const pk2 = buildWheel({ name: "pk", version: "2" });
const source = buildSdist({ name: "source", version: "1" });
const ZERO = "0".repeat(64);

/** Creates environments on a machine whose index has packages; answers with what a user sees. */
async function creator(tool: "uv" | "pip") {
  const rig = await Rig.make();
  const index = await startIndex({ distributions: [pk, pk2, source] });
  writeFileSync(join(rig.cwd, pk.filename), pk.bytes);
  const usual = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  let made = 0;
  return {
    rig,
    index,
    usual,
    async create(args: readonly string[], env: Readonly<Record<string, string>> = usual) {
      const name = `e${made++}`;
      const outcome = await rig.skerry(["create", name, "--installer", tool, ...args], { env });
      const listed = outcome.exitCode === 0 ? (await rig.skerry(["packages", name])).stdout : "";
      return {
        exitCode: outcome.exitCode,
        stderr: outcome.stderr,
        found: /^pk +\d/m.exec(listed)?.[0].replace(/ +/, " "),
      };
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

describe.each(["uv", "pip"] as const)("with %s", (tool) => {
  test("create: a hash is held to, in an address, in a file, and where all need one", async () => {
    await using at = await creator(tool);
    const local = pathToFileURL(join(at.rig.cwd, pk.filename)).href;
    const right = at.rig.write("right.txt", `pk==1 --hash=sha256:${pk.sha256}\n`);
    const wrong = at.rig.write("wrong.txt", `pk==1 \\\n  --hash=sha256:${ZERO}\n`);
    const bare = at.rig.write("bare.txt", "pk==1\n");
    const asked = { ...at.usual, [tool === "uv" ? "UV_REQUIRE_HASHES" : "PIP_REQUIRE_HASHES"]: "1" };
    expect(await at.create(["--with", `pk @ ${local}#sha256=${ZERO}`])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/isn't what its address says: its sha256 is \w{64}/),
    });
    expect(await at.create(["-r", wrong])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/No file of pk 1 has the hash/),
    });
    const before = at.index.requests.length;
    expect(await at.create(["-r", bare], asked)).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/Could not take pk==1: .*require-hashes/),
    });
    expect(at.index.requests.length).toBe(before);
    expect(await at.create(["-r", right], asked)).toMatchObject({ exitCode: 0, found: "pk 1" });
    expect(await at.create(["--with", `pk @ ${local}#sha256=${pk.sha256}`], asked)).toMatchObject({ exitCode: 0 });
  }, 90_000);

  test("create: a hash that is asked for beside a lock file holds for the files that the lock file names", async () => {
    await using at = await creator(tool);
    const files = at.index.url.replace("/simple", "/files");
    const lock = (sha256: string) => `lock-version = "1.0"
created-by = "test"
[[packages]]
name = "pk"
version = "1"
wheels = [{ url = "${files}/${pk.filename}", hashes = { sha256 = "${sha256}" } }]
`;
    const asked = at.rig.write("asked.txt", `pk==1 --hash=sha256:${pk.sha256}\n`);
    const right = at.rig.write("right/pylock.toml", lock(pk.sha256));
    expect(await at.create(["-r", asked, "-r", right])).toMatchObject({ exitCode: 0, found: "pk 1" });
    const wrong = at.rig.write("wrong/pylock.toml", lock(ZERO));
    expect(await at.create(["-r", asked, "-r", wrong])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/No file of pk 1 has the hash that was asked for/),
    });
  }, 60_000);

  test("create: what leaves something out is kept, whichever installer it was set for", async () => {
    await using at = await creator(tool);
    const below = at.rig.write("below.txt", "pk<2\n");
    // Its own variables pip keeps by itself.
    const isTried = (variable: string) => tool === "uv" || variable.startsWith("UV_");
    for (const variable of ["PIP_CONSTRAINT", "UV_CONSTRAINT"].filter(isTried)) {
      const outcome = await at.create(["--with", "pk"], { ...at.usual, [variable]: below });
      expect([variable, outcome]).toMatchObject([variable, { exitCode: 0, found: "pk 1" }]);
    }
    for (const [variable, value, asked] of [
      ["UV_NO_BUILD", "1", "source"],
      ["UV_NO_BUILD_PACKAGE", "source", "source"],
      ["PIP_ONLY_BINARY", ":all:", "source"],
      ["UV_NO_INDEX", "1", "pk"],
      ["PIP_NO_INDEX", "1", "pk"],
    ] as const) {
      if (!isTried(variable)) continue;
      const outcome = await at.create(["--with", asked], { ...at.usual, [variable]: value });
      expect([variable, outcome.exitCode === 0]).toEqual([variable, false]);
    }
  }, 120_000);
});

test("create: pip is refused what only uv can be told, by name, and nothing is fetched", async () => {
  await using at = await creator("pip");
  let files = 0;
  const file = (text: string) => ({ UV_CONFIG_FILE: at.rig.write(`${files++}.toml`, text) });
  const { UV_DEFAULT_INDEX, PIP_INDEX_URL } = at.usual;
  /** Nothing that the machine is set up with. */
  const none = { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: "", PIP_EXTRA_INDEX_URL: "", UV_DEFAULT_INDEX: "" };
  for (const [env, named] of [
    [{ UV_EXCLUDE_NEWER: "2020-01-01" }, "UV_EXCLUDE_NEWER"],
    [{ UV_OVERRIDE: at.rig.write("o.txt", "pk==1\n") }, "UV_OVERRIDE"],
    [file('exclude-newer = "2020-01-01"\n'), "exclude-newer of uv.toml"],
    [file("no-build = true\n"), "no-build of uv.toml"],
    [file('[pip]\nonly-binary = [":all:"]\n'), "only-binary of uv.toml"],
  ] as const) {
    const outcome = await at.create(["--with", "pk"], { PIP_INDEX_URL, UV_DEFAULT_INDEX, ...env });
    expect([named, outcome]).toMatchObject([named, { exitCode: 2, stderr: expect.stringContaining(named) }]);
  }
  for (const [env, named] of [
    [{ UV_INDEX: at.index.url }, "UV_INDEX"],
    [file(`[[index]]\nurl = "${at.index.url}"\n`), "index of uv.toml"],
  ] as const) {
    const outcome = await at.create(["--with", "pk"], { ...none, ...env });
    expect([named, outcome]).toMatchObject([named, { exitCode: 2, stderr: expect.stringContaining(named) }]);
  }
  expect(at.index.requests).toEqual([]);
  // One index in the place of the usual one means the same to both.
  expect(await at.create(["--with", "pk"], { ...none, UV_DEFAULT_INDEX })).toMatchObject({
    exitCode: 0,
    found: "pk 2",
  });
}, 60_000);
