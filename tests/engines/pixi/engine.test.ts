import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { newestPython } from "../../rig/pythons.ts";
import { manifest, PIXI, PixiRig } from "./setup.ts";

const HELLO = 'python = "*"\nhello = "1.0"';
const IMPORT = ["python", "-c", "import hello, sys; print(hello.VERSION, sys.prefix)"];

describe("without pixi", () => {
  test("says how to get it, and makes nothing", async () => {
    await using pixi = await PixiRig.make();
    pixi.rig.write("pixi.toml", '[project]\nname = "x"\nchannels = []\nplatforms = []\n');
    const found = await pixi.skerry(["create", "app", "--engine", "pixi"], { env: pixi.without });
    expect(found.exitCode).toBe(6);
    expect(found.stderr).toMatch(/there is no pixi on PATH\n.*https:\/\/pixi\.sh/s);
    expect(await pixi.ok(["ls", "--json"])).toContain('"environments":[]');
    expect(readdirSync(pixi.rig.cwd)).toEqual(["pixi.toml"]);
  });

  test("doesn't take another program of this name for it", async () => {
    await using pixi = await PixiRig.make();
    pixi.rig.write("pixi.toml", '[project]\nname = "x"\nchannels = []\nplatforms = []\n');
    pixi.rig.write("bin/pixi", "#!/bin/sh\necho pixi, a viewer of pixels\n", 0o755);
    const env = { PATH: `${pixi.rig.cwd}/bin:${pixi.rig.env.PATH}` };
    const { exitCode, stderr } = await pixi.skerry(["create", "app", "--engine", "pixi"], { env });
    expect(exitCode).toBe(6);
    expect(stderr).toContain("is another program of this name");
  });

  test("says what is no project, and which environments there are", async () => {
    await using pixi = await PixiRig.make();
    const create = (...more: string[]) => pixi.skerry(["create", "app", "--engine", "pixi", ...more]);
    expect((await create()).stderr).toContain("is no pixi project");
    pixi.rig.write("pixi.toml", "[environments]\ntest = []\n");
    expect((await create("--prefix", "elsewhere")).stderr).toContain(".pixi/envs/NAME");
    expect((await create("--prefix", ".pixi/envs/tst")).stderr).toContain("did you mean test?");
    pixi.rig.write("pixi.toml", "[environments\n");
    expect((await create()).stderr).toContain("is not valid TOML");
    pixi.rig.write("pixi.toml", "");
    expect((await create("--python", "3.12")).stderr).toContain('pixi add "python=3.12"');
    expect((await create("--with", "attrs")).stderr).toContain("pixi add NAME");
  });
});

test("what pixi builds of the project itself is followed as well", async () => {
  await using pixi = await PixiRig.make();
  const env = pixi.empty();
  const toml = '[project]\nname = "x"\n[pypi-dependencies]\nx = { path = ".", editable = true }\n';
  pixi.rig.write("pixi.toml", `${toml}[feature.more.pypi-dependencies]\nlib = { path = "libs/lib" }\n`);
  pixi.rig.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = []\n');
  await pixi.ok(["create", "app", "--engine", "pixi"], { env });
  const run = () => pixi.skerry(["run", "--", "true"], { env });
  expect((await run()).exitCode).toBe(0);
  for (const [path, text] of [
    ["pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["attrs"]\n'],
    ["libs/lib/setup.py", "import setuptools\n"],
  ] as const) {
    pixi.rig.write(path, text);
    expect(await run()).toMatchObject({ exitCode: 125, stderr: expect.stringContaining(path) });
    await pixi.ok(["repair", "app"], { env });
    expect((await run()).exitCode).toBe(0);
  }
});

if (PIXI === undefined) test.skip("environments of a real pixi", () => {});
else
  describe("environments of a real pixi", () => {
    test("are made of the manifest, start warm, and leave the manifest when they go", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      pixi.project(manifest(HELLO, '[activation]\nscripts = ["enter.sh"]\n'));
      pixi.rig.write("enter.sh", 'export ENTERED="yes indeed"\n');
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      expect(await pixi.ok(["exec", "app", "--", ...IMPORT])).toBe(`1.0 ${cwd}/.pixi/envs/default\n`);
      // No pixi is needed, nor any of its variables, and what activating sets is there.
      const bare = { ...pixi.without, RATTLER_CACHE_DIR: undefined, PIXI_HOME: undefined };
      const shown = ["sh", "-c", 'echo "$HELLO_HOME $ENTERED $CONDA_PREFIX"; command -v hello'];
      const prefix = `${cwd}/.pixi/envs/default`;
      expect(await pixi.ok(["exec", "app", "--", ...shown], { env: bare })).toBe(
        `${prefix}/share/hello yes indeed ${prefix}\n${prefix}/bin/hello\n`,
      );
      pixi.rig.write("enter.sh", "export ENTERED=again\n");
      expect((await pixi.skerry(["exec", "app", "--", "true"])).exitCode).toBe(125);
      await pixi.ok(["repair", "app"]);
      expect(await pixi.ok(["exec", "app", "--", "sh", "-c", "echo $ENTERED"])).toBe("again\n");
      const installed = await pixi.skerry(["install", "app", "attrs"]);
      expect(installed.exitCode).toBe(6);
      expect(installed.stderr).toContain("pixi add NAME");
      expect((await pixi.skerry(["packages", "app"])).exitCode).toBe(6);
      expect(await pixi.ok(["doctor", "--json"])).not.toContain("prefix-gone");
      await pixi.ok(["check", "app"]);
      await pixi.ok(["rm", "app"]);
      expect(readdirSync(cwd).sort()).toEqual(["enter.sh", "pixi.lock", "pixi.toml"]);
    });

    test("notice an edit of the manifest, and follow it by repair", async () => {
      await using pixi = await PixiRig.make();
      const path = pixi.project(manifest(HELLO));
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      const python = ["exec", "app", "--", ...IMPORT];
      expect(await pixi.ok(python)).toStartWith("1.0 ");
      utimesSync(path, 1, 1);
      expect(await pixi.ok(python)).toStartWith("1.0 ");
      pixi.project(manifest(HELLO.replace("1.0", "1.1")));
      const refused = await pixi.skerry(python);
      expect(refused.exitCode).toBe(125);
      expect(refused.stderr).toMatch(/pixi\.toml is gone or was changed.*skerry repair app/s);
      expect(await pixi.ok(["repair", "app", "--json"])).toContain('"project-changed"');
      expect(await pixi.ok(python)).toStartWith("1.1 ");
      expect(await pixi.ok(["repair", "app", "--json"])).toContain('"mended":[]');
    });

    test("are made anew by repair when files of them are gone", async () => {
      await using pixi = await PixiRig.make();
      pixi.project(manifest(HELLO));
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      for (const gone of [".pixi", ".pixi/envs/default/bin/python"]) {
        rmSync(join(pixi.rig.cwd, gone), { recursive: true });
        expect((await pixi.skerry(["exec", "app", "--", ...IMPORT])).exitCode).toBe(125);
        await pixi.ok(["repair", "app"]);
        expect(await pixi.ok(["exec", "app", "--", ...IMPORT])).toStartWith("1.0 ");
      }
      expect((await pixi.skerry(["repair", "app", "--python", "3.12"])).stderr).toContain('pixi add "python=3.12"');
    });

    test("have names, each with its own features, and a prefix is one environment's alone", async () => {
      await using pixi = await PixiRig.make();
      const rest = '[feature.more.dependencies]\ntool = "*"\n\n[environments]\nmore = ["more"]\n';
      pixi.project(manifest(HELLO, rest));
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      await pixi.ok(["create", "more", "--engine", "pixi", "--prefix", ".pixi/envs/more"]);
      const prefix = `${pixi.rig.cwd}/.pixi/envs/more`;
      expect(await pixi.ok(["exec", "more", "--", "tool"])).toBe(`tool of ${prefix}\n`);
      expect((await pixi.skerry(["exec", "app", "--", "tool"])).exitCode).toBe(127);
      const again = await pixi.skerry(["create", "third", "--engine", "pixi", "--prefix", prefix]);
      expect(again.exitCode).toBe(4);
      expect(again.stderr).toContain("it is another one's");
      await pixi.ok(["rm", "app"]);
      expect(readdirSync(join(pixi.rig.cwd, ".pixi/envs"))).toEqual(["more"]);
      expect(await pixi.ok(["exec", "more", "--", "tool"])).toBe(`tool of ${prefix}\n`);
    });

    test("are what run means in a project, as long as nothing else is asked for", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      pixi.project(manifest(HELLO));
      mkdirSync(join(cwd, "deep/er"), { recursive: true });
      const prefix = ["python", "-c", "import sys; print(sys.prefix)"];
      expect(await pixi.ok(["run", "--", ...prefix])).not.toContain(cwd);
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      for (const from of [cwd, join(cwd, "deep/er"), cwd])
        expect(await pixi.ok(["run", "--", ...prefix], { cwd: from })).toBe(`${cwd}/.pixi/envs/default\n`);
      const asked = ["run", "--python", newestPython().path, "--", ...prefix];
      expect(await pixi.ok(asked)).not.toContain(cwd);
      pixi.project(manifest(HELLO.replace("1.0", "1.1")));
      expect((await pixi.skerry(["run", "--", ...IMPORT])).stderr).toContain("skerry repair app");
      await pixi.ok(["repair", "."]);
      expect(await pixi.ok(["run", "--", ...IMPORT])).toStartWith("1.1 ");
      await pixi.ok(["rm", "app"]);
      expect(await pixi.ok(["run", "--", ...prefix])).not.toContain(cwd);
      const none = await pixi.skerry(["run", "--", ...prefix], { env: { SKERRY_ENGINE: "pixi" } });
      expect(none.stderr).toContain("The pixi project here has no environment yet");
    });

    test("take up what pixi made itself, and leave it when installing fails", async () => {
      await using pixi = await PixiRig.make();
      const path = pixi.project(manifest(HELLO));
      await pixi.pixi(["install"]);
      writeFileSync(path, manifest(`${HELLO}\nnosuch = "*"`));
      const failed = await pixi.skerry(["create", "app", "--engine", "pixi"]);
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toMatch(/pixi install failed.*nosuch/s);
      expect(existsSync(join(pixi.rig.cwd, ".pixi/envs/default/bin/python"))).toBe(true);
      pixi.project(manifest(HELLO));
      // What git passes over there is the project's to say.
      writeFileSync(join(pixi.rig.cwd, ".pixi/.gitignore"), "envs\n");
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      expect(await pixi.ok(["exec", "app", "--", ...IMPORT])).toStartWith("1.0 ");
      await pixi.ok(["rm", "app"]);
      expect(readFileSync(join(pixi.rig.cwd, ".pixi/.gitignore"), "utf8")).toBe("envs\n");
    });

    test("leave what pixi made itself also when activating fails", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      pixi.project(manifest(HELLO));
      await pixi.pixi(["install"]);
      pixi.rig.write(".pixi/envs/default/mine", "");
      const fail = `#!/bin/sh\n[ "$1" = shell-hook ] && echo no activation && exit 1\nexec ${PIXI} "$@"\n`;
      pixi.rig.write("fail/pixi", fail, 0o755);
      const env = { PATH: `${cwd}/fail:${pixi.env.PATH}` };
      const failed = await pixi.skerry(["create", "app", "--engine", "pixi"], { env });
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toMatch(/shell-hook failed.*no activation/s);
      expect(existsSync(join(cwd, ".pixi/envs/default/mine"))).toBe(true);
      expect(await pixi.ok(["ls", "--json"])).toContain('"environments":[]');
    });

    test("are apart in copies of a project", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      const at = (name: string) => ({ cwd: join(cwd, name) });
      mkdirSync(join(cwd, "a"));
      pixi.project(manifest(HELLO), "a");
      await pixi.ok(["create", "a", "--engine", "pixi"], at("a"));
      expect((await pixi.rig.run(["cp", "-a", "a", "b"])).exitCode).toBe(0);
      await pixi.ok(["create", "b", "--engine", "pixi"], at("b"));
      for (const name of ["a", "b"])
        expect(await pixi.ok(["exec", name, "--", ...IMPORT])).toBe(`1.0 ${cwd}/${name}/.pixi/envs/default\n`);
      await pixi.ok(["rm", "b"]);
      expect(await pixi.ok(["exec", "a", "--", ...IMPORT])).toStartWith("1.0 ");
      // Moved, it is another project's until it is repaired where it is now.
      renameSync(join(cwd, "a"), join(cwd, "c"));
      expect((await pixi.skerry(["exec", "a", "--", ...IMPORT])).exitCode).toBe(125);
    });

    test("are out of date at once when the manifest was edited while pixi installed", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      pixi.project(manifest(HELLO));
      const edit = `#!/bin/sh\n${PIXI} "$@" || exit\n[ "$1" = install ] && echo '# edited' >> pixi.toml\nexit 0\n`;
      pixi.rig.write("edit/pixi", edit, 0o755);
      const env = { PATH: `${cwd}/edit:${pixi.env.PATH}` };
      await pixi.ok(["create", "app", "--engine", "pixi"], { env });
      const python = ["exec", "app", "--", ...IMPORT];
      expect((await pixi.skerry(python)).exitCode).toBe(125);
      await pixi.ok(["repair", "app"]);
      expect(await pixi.ok(python)).toStartWith("1.0 ");
    });

    test("killed while pixi installs, are taken back and made the next time", async () => {
      await using pixi = await PixiRig.make();
      const { cwd } = pixi.rig;
      pixi.project(manifest(HELLO));
      // The real one, but for a moment in which it can be killed.
      pixi.rig.write(
        "slow/pixi",
        `#!/bin/sh\n[ "$1" = install ] && touch begun && sleep 20\nexec ${PIXI} "$@"\n`,
        0o755,
      );
      const env = { ...pixi.env, PATH: `${cwd}/slow:${pixi.env.PATH}` };
      const { SKERRY } = await import("../../rig/rig.ts");
      const program = pixi.rig.start([SKERRY, "create", "app", "--engine", "pixi"], { env });
      while (!existsSync(join(cwd, "begun"))) await Bun.sleep(20);
      program.kill("SIGKILL");
      await program.exit;
      expect(await pixi.ok(["ls", "--json"])).toContain('"environments":[]');
      expect(existsSync(join(cwd, ".pixi"))).toBe(false);
      await pixi.ok(["create", "app", "--engine", "pixi"]);
      expect(await pixi.ok(["exec", "app", "--", ...IMPORT])).toStartWith("1.0 ");
      expect(readFileSync(join(cwd, "pixi.toml"), "utf8")).toBe(manifest(HELLO));
    });
  });
