import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { bench, failure, versions } from "./setup.ts";

const pk = buildWheel({ name: "pk", version: "1" });
const other = buildWheel({ name: "other", version: "1" });
const digestOf = (algorithm: string) => createHash(algorithm).update(pk.bytes).digest("hex");
const ZERO = "0".repeat(64);

describe.each(["uv", "pip"] as const)("with %s", (tool) => {
  test("a hash in an address is held to: file and http, whatever the algorithm", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: [pk] });
    const file = join(rig.cwd, pk.filename);
    writeFileSync(file, pk.bytes);
    const { resolve, install } = bench(rig, tool);
    const ask = (line: string) => resolve({ requirements: [line] });
    // uv takes the word of an http address for the lock, and compares when it installs.
    const take = async (line: string) => install(await ask(line));
    const local = pathToFileURL(file).href;
    const remote = `${index.url.replace("/simple", "/files")}/${pk.filename}`;
    for (const address of [local, remote]) {
      expect(versions(await ask(`pk @ ${address}#sha256=${pk.sha256}`))).toEqual(["pk==1"]);
      for (const wrong of [`sha256=${ZERO}`, `sha512=${ZERO}${ZERO}`, `egg=pk&sha256=${ZERO}`]) {
        const error = await failure(take(`pk @ ${address}#${wrong}`));
        expect([wrong, error.code]).toEqual([wrong, "SKE-PKG-HASH"]);
      }
    }
    expect(versions(await ask(`${local}#md5=${digestOf("md5")}`))).toEqual(["pk==1"]);
    for (const wrong of [`md5=${"0".repeat(32)}`, `sha1=${"0".repeat(40)}`])
      expect([wrong, (await failure(ask(`${local}#${wrong}`))).code]).toEqual([wrong, "SKE-PKG-HASH"]);
  }, 120_000);

  test("--hash holds for what is taken from an address too", async () => {
    await using rig = await Rig.make();
    writeFileSync(join(rig.cwd, pk.filename), pk.bytes);
    const { resolve } = bench(rig, tool);
    const ask = (line: string) => resolve({ files: [rig.write("r.txt", line)] });
    expect(versions(await ask(`./${pk.filename} --hash=sha256:${pk.sha256}`))).toEqual(["pk==1"]);
    expect((await failure(ask(`./${pk.filename} --hash=sha256:${ZERO}`))).code).toBe("SKE-PKG-HASH");
  }, 60_000);

  test("a file isn't taken for another hash that the index tells beside the one asked for", async () => {
    await using rig = await Rig.make();
    const evil = Buffer.from(buildWheel({ name: "pk", version: "1", files: { "pk.py": "raise SystemExit\n" } }).bytes);
    const sha512 = createHash("sha512").update(evil).digest("hex");
    await using index = await startIndex({
      distributions: [{ ...pk, bytes: evil }],
      told: { [pk.filename]: { sha512 } },
    });
    const { resolve, install } = bench(rig, tool, { PIP_INDEX_URL: index.url });
    const take = async (line: string, more = "") =>
      install(await resolve({ files: [rig.write("r.txt", line + more)] }));
    const wanted = `--hash=sha256:${pk.sha256}`;
    for (const line of [`pk==1 ${wanted}`, `pk ${wanted}`, `pk==1 ${wanted} --hash=sha256:${ZERO}`])
      expect([line, (await failure(take(line))).code]).toEqual([line, "SKE-PKG-HASH"]);
    const constraint = rig.write("c.txt", `pk==1 ${wanted}`);
    expect((await failure(take("pk", `\n-c ${constraint}\n`))).code).toBe("SKE-PKG-HASH");
  }, 60_000);

  test.each([
    ["UV_REQUIRE_HASHES", {}],
    ["PIP_REQUIRE_HASHES", {}],
    ["pip.conf", { PIP_CONFIG_FILE: "[install]\nrequire-hashes = true\n" }],
    ["uv.toml", { UV_CONFIG_FILE: "[pip]\nrequire-hashes = true\n" }],
  ])(
    "%s asks for a hash of every package, and nothing is fetched without",
    async (by, files: object) => {
      await using rig = await Rig.make();
      await using index = await startIndex({ distributions: [pk, other] });
      const named = Object.entries(files).map(([name, text]) => [name, rig.write(`${name}.conf`, text)]);
      const env = { PIP_INDEX_URL: index.url, ...(named.length ? Object.fromEntries(named) : { [by]: "1" }) };
      const { resolve } = bench(rig, tool, env);
      const error = await failure(resolve({ requirements: ["pk==1"] }));
      expect(error).toMatchObject({ code: "SKE-PKG-HASH", message: expect.stringContaining("pk==1") });
      expect(index.requests).toEqual([]);
      const hashed = await resolve({ requirements: [`pk==1 --hash=sha256:${pk.sha256}`] });
      expect(versions(hashed)).toEqual(["pk==1"]);
      const wrong = failure(resolve({ requirements: [`pk==1 --hash=sha256:${ZERO}`] }));
      expect((await wrong).code).toBe("SKE-PKG-HASH");
    },
    60_000,
  );
});
