import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fullOnly } from "../../src/environments/packages/full-only.ts";
import { buildWheel } from "../rig/wheel.ts";
import { setUp } from "./setup.ts";

const files = { "coverage/__init__.py": "" };
const DISTRIBUTIONS = [
  buildWheel({ name: "coverage", version: "7.13.9", files }),
  buildWheel({ name: "coverage", version: "7.14.0", files }),
  buildWheel({ name: "measuring", version: "1.0", requires: ["coverage<7.14"] }),
];

test("a package that doesn't work through a layer: create, run and clone make a full environment", async () => {
  await using at = await setUp({ distributions: DISTRIBUTIONS });
  const modeOf = async (requirement: string) => {
    await using env = await at.skerry.create({ mode: "thin", requirements: [requirement] });
    await using copy = await env.clone();
    await using full = await env.clone({ mode: "full" });
    expect(full.record.spec.mode).toBe("full");
    expect(copy.record.spec.mode).toBe(env.record.spec.mode);
    const where = await env.run(["python", "-c", "import coverage; print(coverage.__file__)"]);
    expect(where.stdout.includes("_skerry-layer")).toBe(env.record.spec.mode === "thin");
    return env.record.spec.mode;
  };
  expect(await modeOf("coverage==7.13.9")).toBe("full");
  expect(await modeOf("coverage==7.14.0")).toBe("thin");
  expect(await modeOf("measuring")).toBe("full");
}, 60_000);

test("a package that doesn't work through a layer: isn't installed into a thin environment, and the hint works", async () => {
  await using at = await setUp({ distributions: DISTRIBUTIONS });
  const env = await at.skerry.create({ name: "thin", mode: "thin", requirements: ["coverage>=7.14"], keep: true });
  await expect(env.packages.install(["coverage<7.14"])).rejects.toMatchObject({
    code: "SKE-USAGE",
    message:
      "coverage 7.13.9 needs a full environment, and thin is thin: it measures packages that lie outside of the prefix",
    hint: "make a full one like it: skerry clone thin NEW --full",
  });
  expect((await env.packages.list()).map(({ version }) => version)).toEqual(["7.14.0"]);
  const full = await env.clone({ name: "full", mode: "full", keep: true });
  await full.packages.install(["coverage<7.14"]);
  expect((await full.packages.list()).map(({ version }) => version)).toEqual(["7.13.9"]);
}, 60_000);

test("the packages that don't work through a layer: are those of the documentation", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/concepts/thin-and-full.md"), "utf8");
  const rows = page.slice(page.indexOf("| package | why |")).split("\n\n")[0]!.split("\n").slice(2);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const [, named = "", why = ""] = row.split("|").map((cell) => cell.trim());
    const [name = "", , , before] = named.split(" ");
    expect(fullOnly([{ name, version: "1.0" }])).toEqual({ name, version: "1.0", why });
    if (before) expect(fullOnly([{ name, version: before }])).toBeUndefined();
  }
});
