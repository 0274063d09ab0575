import { describe, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { buildWheel } from "../rig/wheel.ts";
import { foldersOf, setUp, WHEELS } from "./setup.ts";

const packOf = (version: string) =>
  buildWheel({
    name: "pack",
    version,
    scripts: { pack: "pack:main" },
    files: { "pack/__init__.py": `VERSION = "${version}"\n`, "pack/deep/own.py": `# ${version}\n` },
  });
const distributions = [...WHEELS, packOf("1.0"), packOf("2.0")];

/** Everything below a folder, with its content. */
function contentsOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths.flatMap((path) => {
      const stat = lstatSync(join(folder, path));
      return stat.isFile() ? [[path, `${stat.nlink} ${readFileSync(join(folder, path), "latin1")}`]] : [];
    }),
  );
}

/** Places of folders in a prefix, those below site-packages from there. */
const PLACES = {
  full: ["pack", "pack/deep", "pack-1.0.dist-info", "../../../bin", "..", "../../../lib"],
  thin: ["../../../bin", "..", "../../../lib"],
} as const;

describe("a link in the place of a folder of packages", () => {
  for (const mode of ["full", "thin"] as const) {
    for (const place of PLACES[mode]) {
      test(`${place} of a ${mode} environment: nothing behind it is written or removed`, async () => {
        await using at = await setUp({ distributions });
        const env = await at.skerry.create({ name: "app", mode, requirements: ["pack==1.0", "gamma"], keep: true });
        const { site } = foldersOf(env);
        const folder = join(site, place);
        const outside = join(at.rig.root, "outside", basename(folder));
        mkdirSync(dirname(outside));
        renameSync(folder, outside);
        symlinkSync(outside, folder);
        if (place.startsWith("pack")) {
          for (const path of Object.keys(contentsOf(outside))) {
            unlinkSync(join(outside, path));
            writeFileSync(join(outside, path), "mine\n");
          }
        }
        const before = contentsOf(outside);
        const [records, history] = [env.record.lock, (await env.packages.history()).length];

        const changes = [
          () => env.packages.install(["pack==2.0"]),
          () => env.packages.uninstall(["pack"]),
          () => env.packages.sync({ requirements: ["gamma"] }),
        ];
        for (const change of changes) {
          await expect(change()).rejects.toMatchObject({
            code: "SKE-IO",
            message: expect.stringMatching(/ is a link/),
          });
        }
        expect(contentsOf(outside)).toEqual(before);
        const now = await at.skerry.open("app");
        expect([now.record.status, now.record.lock, (await now.packages.history()).length]).toEqual([
          "ready",
          records,
          history,
        ]);
        if (mode === "full" && place.startsWith("pack")) await env.packages.uninstall(["gamma"]);
        expect(contentsOf(outside)).toEqual(before);

        if (!place.startsWith("pack")) return;
        unlinkSync(folder);
        await env.repair();
        expect((await env.check()).healthy).toBe(true);
        await env.packages.install(["pack==2.0"]);
        expect((await env.run(["python", "-c", "import pack; print(pack.VERSION)"])).stdout).toBe("2.0\n");
        expect(contentsOf(outside)).toEqual(before);
      }, 120_000);
    }
  }
});

test("a folder for copies that is a link: is removed, and nothing is put behind it", async () => {
  await using at = await setUp({ distributions });
  const env = await at.skerry.create({ name: "app", mode: "full", link: "copy", requirements: ["gamma"], keep: true });
  const outside = join(at.rig.root, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "mine"), "mine\n");
  for (const change of [() => env.packages.install(["pack"]), () => env.repair({ exact: true })]) {
    symlinkSync(join(outside, "more"), join(foldersOf(env).prefix, ".skerry-stage"));
    await change();
    expect(readdirSync(outside)).toEqual(["mine"]);
  }
}, 60_000);
