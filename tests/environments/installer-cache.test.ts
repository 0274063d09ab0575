import { expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf, setUp } from "./setup.ts";

test("a package that somebody damaged in uv's cache, through a hardlink, is installed past it", async () => {
  await using at = await setUp();
  const cache = join(at.rig.root, "uv-cache");
  const env = { ...at.rig.env, UV_DEFAULT_INDEX: at.index.url, UV_CACHE_DIR: cache, UV_LINK_MODE: "hardlink" };
  const venv = join(at.rig.root, "venv");
  await at.rig.run(["uv", "venv", venv], { env });
  await at.rig.run(["uv", "pip", "install", "--python", venv, "gamma", "alpha"], { env });
  const linked = (readdirSync(venv, { recursive: true }) as string[]).find((path) => path.endsWith("/gamma.py"))!;
  const sound = readFileSync(join(venv, linked), "utf8");
  chmodSync(join(venv, linked), 0o644);
  writeFileSync(join(venv, linked), `${sound}DAMAGED = True\n`);
  const told: string[] = [];
  const skerry = await at.again({ env });
  const made = await skerry.create({
    mode: "full",
    requirements: ["gamma", "alpha"],
    onEvent: (event) => event.kind === "progress" && told.push(event.detail ?? ""),
  });
  expect(readFileSync(join(foldersOf(made).site, "gamma.py"), "utf8")).toBe(sound);
  expect((await made.run(["python", "-c", "import gamma, alpha"])).exitCode).toBe(0);
  expect(told.join("\n")).toContain("gamma once more");
  await made.destroy();
});
