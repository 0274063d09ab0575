import { describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

const KIT = buildWheel({
  name: "kit",
  version: "1",
  files: { "kit/__init__.py": "", "kit/template/conf.ini": "[a]\n", "kit/template/sub/main.py": "x = 1\n" },
  data: { "scripts/kit-run": "#!/bin/sh\necho kit\n" },
});

/** Runs `work` with a skerry whose index has the wheel, as a user who isn't root. */
async function withKit(work: (rig: Rig, skerry: (...args: string[]) => Promise<string>) => Promise<void>) {
  await using rig = await Rig.ordinary();
  await using index = await startIndex({ distributions: [KIT] });
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  await work(rig, async (...args) => {
    const { exitCode, stdout, stderr } = await rig.skerry(args, { env });
    expect({ args, exitCode, stderr }).toMatchObject({ args, exitCode: 0 });
    return stdout.trim();
  });
}

const COPY = `
import kit, os, shutil, subprocess
source = os.path.dirname(kit.__file__)
shutil.copy(source + "/template/conf.ini", "one.ini")
shutil.copy2(source + "/template/conf.ini", "two.ini")
for name in ("one.ini", "two.ini"):
    with open(name, "a") as file:
        file.write("mine")
    os.remove(name)
for n, name in enumerate(NAMES):
    if n % 2:
        shutil.copytree(source + "/template", name)
    else:
        subprocess.run(["cp", "-rp", source + "/template", name], check=True)
    with open(name + "/sub/main.py", "a") as file:
        file.write("y = 2")
    with open(name + "/sub/more.py", "w") as file:
        file.write("")
    shutil.rmtree(name)
print("fine")
`;

describe("files of packages, for who isn't root", () => {
  test("are their user's to edit when they are copied out, in both kinds; so are folders in a full one", async () => {
    await withKit(async (rig, skerry) => {
      await skerry("create", "thin", "--thin", "--python", rig.python, "--with", "kit");
      await skerry("create", "full", "--python", rig.python, "--with", "kit");
      expect(await skerry("exec", "thin", "--", "python", "-c", `NAMES = []\n${COPY}`)).toBe("fine");
      expect(await skerry("exec", "full", "--", "python", "-c", `NAMES = ["a", "b"]\n${COPY}`)).toBe("fine");
    });
  });

  test("have the modes that pip gives them, in a store that nobody else may enter, whatever the umask", async () => {
    await withKit(async (rig, skerry) => {
      const umask = process.umask(0o077);
      try {
        await skerry("create", "full", "--python", rig.python, "--with", "kit");
      } finally {
        process.umask(umask);
      }
      const trees = join(rig.home, "store/trees");
      const modes = readdirSync(trees, { recursive: true, encoding: "utf8" })
        .map((path) => ({ path, stat: statSync(join(trees, path)) }))
        .filter(({ path, stat }) => path.includes("/") && stat.isFile())
        .map(({ path, stat }) => `${path.includes("/bin/") ? "bin" : "file"} ${(stat.mode & 0o777).toString(8)}`);
      expect([...new Set(modes)].sort()).toEqual(["bin 755", "file 644"]);
      for (const folder of ["", "store"]) expect(statSync(join(rig.home, folder)).mode & 0o777).toBe(0o700);
    });
  });

  test("can't be added to the folders of a layer", async () => {
    await withKit(async (rig, skerry) => {
      await skerry("create", "thin", "--thin", "--python", rig.python, "--with", "kit");
      const code = `import kit, os
for path in ("new.py", "__init__.py/../other"):
    try:
        open(os.path.dirname(kit.__file__) + "/" + path, "w")
    except OSError as error:
        print(type(error).__name__)
try:
    os.remove(kit.__file__)
except OSError as error:
    print(type(error).__name__)`;
      expect(await skerry("exec", "thin", "--", "python", "-c", code)).toBe(
        "PermissionError\nNotADirectoryError\nPermissionError",
      );
    });
  });

  test("are mended for the next environment after one wrote into them", async () => {
    await withKit(async (rig, skerry) => {
      for (const kind of ["thin", "full"]) {
        await skerry("create", kind, `--${kind}`, "--python", rig.python, "--with", "kit");
        const spoil = "import kit; open(kit.__file__, 'a').write('print(1)')";
        await skerry("exec", kind, "--", "python", "-c", spoil);
        expect(await skerry("exec", kind, "--", "python", "-c", "import kit")).toBe("1");
        expect((await rig.skerry(["check", kind])).exitCode).not.toBe(0);
        await skerry("create", `after-${kind}`, "--python", rig.python, "--with", "kit");
        expect(await skerry("exec", `after-${kind}`, "--", "python", "-c", "import kit")).toBe("");
        await skerry("repair", kind);
        expect(await skerry("exec", kind, "--", "python", "-c", "import kit")).toBe("");
      }
    });
  });
});
