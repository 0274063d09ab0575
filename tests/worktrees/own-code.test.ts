import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newestPython, pythons, SKERRY } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { BACKEND, Shop } from "./shop.ts";

/** Modules that Python, and what looks at an environment, look for by themselves and don't always find in the library. */
const LOOKED_FOR = ["sitecustomize", "usercustomize", "tomllib", "importlib_metadata", "apport_python_hook"];

/** Lets the source of the project bring them. @returns what is there once one of them ran */
function bringModules(shop: Shop, folder: string): string {
  const ran = join(shop.rig.root, "ran");
  const code = `open(${JSON.stringify(ran)}, "a").write(__name__ + "\\n")\n`;
  shop.write(folder, Object.fromEntries(LOOKED_FOR.map((name) => [`src/${name}.py`, code])));
  return ran;
}

describe("modules in the source of an editable project that Python imports as it starts", () => {
  test.each(pythons().map(({ path }) => path))("are not run by looking at the worktree, with %s", async (path) => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init", "--python", path, "--entry", "p3.py"]);
    const ran = bringModules(shop, shop.main);
    await shop.run(shop.main, [".venv/bin/python", "-c", "pass"]);
    // That of the interpreter may come first, and look for more.
    expect(readFileSync(ran, "utf8")).toMatch(/sitecustomize|apport_python_hook/);
    rmSync(ran);
    expect(await shop.faults(shop.main)).toEqual([]);
    expect(await shop.json(shop.main, ["status"])).toMatchObject({ isolated: true });
    const byFile = await shop.run(shop.main, [newestPython().path, "_skerry_entry.py", "status"]);
    expect(byFile).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Isolated +yes/) });
    expect(existsSync(ran)).toBe(false);
  });

  test("are not run by entering a worktree whose files are known, with auto_sync=always", async () => {
    await using shop = await Shop.make();
    const flit = buildWheel({
      name: "flit_core",
      version: "3.12.0",
      files: {
        "flit_core/__init__.py": "",
        "flit_core/buildapi.py": BACKEND.replace(/^ROOT = .*$/m, "ROOT = os.getcwd()"),
      },
    });
    writeFileSync(join(shop.rig.tmp, flit.filename), flit.bytes);
    const env = { SKERRY_AUTO_SYNC: "always", PIP_FIND_LINKS: shop.rig.tmp };
    rmSync(join(shop.main, "backend"), { recursive: true });
    shop.write(shop.main, {
      "pyproject.toml":
        '[project]\nname = "shop"\nversion = "1.0"\ndescription = "sells"\ndependencies = ["alpha"]\n\n' +
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n',
    });
    shop.commit(shop.main);
    await shop.json(shop.main, ["init"], env);
    const feature = shop.add("feature");
    const ran = bringModules(shop, feature);
    shop.commit(feature);
    const entered = await shop.run(feature, [SKERRY, "__hook", "bash", "more"], env);
    expect(entered).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("feature: created") });
    expect(existsSync(ran)).toBe(false);
    await shop.run(feature, [".venv/bin/python", "-c", "pass"]);
    expect(existsSync(ran)).toBe(true);
  });
});
