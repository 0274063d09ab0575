import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { installerSettings } from "../../src/packages/settings.ts";
import { targetHere } from "../../src/python/target.ts";
import { closedIndex, startIndex, type TestIndex } from "../rig/index.ts";
import { pythons, Rig } from "../rig/rig.ts";
import { buildSdist, buildWheel, type Distribution, projectFiles } from "../rig/wheel.ts";
import { bench, failure, HERE, TARGET, targetOf, versions } from "./setup.ts";

let rig: Rig;
let index: TestIndex;
beforeEach(async () => {
  rig = await Rig.make();
  index = await startIndex({
    distributions: [
      buildWheel({
        name: "Alpha",
        version: "1.0",
        requires: ["beta>=1", 'gamma; sys_platform == "nowhere"'],
        extras: { more: ["delta"] },
        scripts: { alpha: "alpha:main" },
        data: { "data/etc/alpha.conf": "x", "scripts/alpha-tool": "#!python\nprint(1)\n" },
        files: { "alpha/__init__.py": "def main():\n    print('alpha')\n" },
      }),
      buildWheel({ name: "beta", version: "1.0" }),
      buildWheel({ name: "beta", version: "1.1" }),
      buildWheel({ name: "beta", version: "2.0" }),
      buildWheel({ name: "delta", version: "3", requires: ["beta<2"] }),
      buildSdist({ name: "epsilon", version: "1.0" }),
      buildSdist({ name: "zeta", version: "1.0", failing: "cc: no such compiler" }),
      buildWheel({ name: "eta", version: "1.0", requiresPython: ">=4" }),
    ],
  });
});
afterEach(async () => {
  await index[Symbol.asyncDispose]();
});

const site = (prefix: string) =>
  join(prefix, "lib", `python${TARGET.version.split(".").slice(0, 2).join(".")}`, "site-packages");
function put(path: string, content: string | Uint8Array): string {
  const file = join(rig.cwd, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}
function project(path: string, init: Parameters<typeof projectFiles>[0]): string {
  for (const [name, bytes] of Object.entries(projectFiles(init))) put(join(path, name), bytes);
  return join(rig.cwd, path);
}
const local = () => ({ PIP_INDEX_URL: index.url });

for (const name of ["uv", "pip"] as const) {
  describe(name, () => {
    test("starts everything where its target lives", async () => {
      const started: string[] = [];
      const run: typeof HERE.run = (argv, request) => {
        started.push(basename(argv[0]));
        return HERE.run(argv, request);
      };
      const { resolve, install } = bench(rig, name, local(), { ...HERE, run });
      await install(await resolve({ requirements: ["alpha"] }));
      expect((await failure(resolve({ requirements: ["alpha==99"] }))).details.available).toEqual(["1.0"]);
      // uv doesn't tell which versions there are: the interpreter asks.
      const asking = ["uv", "uv", "uv", basename(TARGET.interpreter)];
      expect(started).toEqual(name === "uv" ? asking : ["python", "python", "python"]);
    });

    test("resolves for the interpreter and installs what was locked, with bytecode, scripts and data", async () => {
      const { resolve, install, progress } = bench(rig, name, local());
      const lock = await resolve({ requirements: ["alpha"] });
      expect(lock.installer).toBe(name);
      expect(lock.roots).toEqual(["alpha"]);
      expect(versions(lock)).toEqual(["alpha==1.0", "beta==2.0"]);
      const [file] = lock.packages[0]!.wheels!;
      expect(file!.name).toBe("alpha-1.0-py3-none-any.whl");
      expect(file!.hashes.sha256).toHaveLength(64);

      const prefix = await install(lock);
      expect(readdirSync(prefix).sort()).toEqual(["bin", "etc", "lib"]);
      expect(readdirSync(join(prefix, "bin")).sort()).toEqual(["alpha", "alpha-tool"]);
      expect(
        readdirSync(site(prefix))
          .filter((one) => one !== "__pycache__")
          .sort(),
      ).toEqual(["alpha", "alpha-1.0.dist-info", "beta-2.0.dist-info", "beta.py"]);
      expect(existsSync(join(site(prefix), "alpha-1.0.dist-info", "direct_url.json"))).toBe(false);
      const source = statSync(join(site(prefix), "alpha", "__init__.py"));
      expect(source.nlink).toBe(1);
      const [pyc] = readdirSync(join(site(prefix), "alpha", "__pycache__"));
      const head = readFileSync(join(site(prefix), "alpha", "__pycache__", pyc!));
      // PEP 552: flags 0 stand for time stamps; then the source's mtime and size.
      expect(head.readUInt32LE(4)).toBe(0);
      expect(head.readUInt32LE(8)).toBe(Math.floor(source.mtimeMs / 1000));
      expect(new Set(progress.map((one) => one.phase))).toContain("install");
      expect(readdirSync(join(rig.home, "tmp"))).toEqual([]);
    });

    test("takes extras, constraints and preferences into account", async () => {
      const { resolve } = bench(rig, name, local());
      expect(versions(await resolve({ requirements: ["alpha[more]"] }))).toEqual([
        "alpha==1.0",
        "beta==1.1",
        "delta==3",
      ]);
      const constraints = [put("c.txt", "beta==1.0\nunused==7\n")];
      const old = await resolve({ requirements: ["alpha"], constraints });
      expect(versions(old)).toEqual(["alpha==1.0", "beta==1.0"]);
      expect(versions(await resolve({ requirements: ["alpha"] }, { preferences: old }))).toEqual(versions(old));
      const upgraded = await resolve({ requirements: ["alpha"] }, { preferences: old, upgrade: ["Beta"] });
      expect(versions(upgraded)).toEqual(["alpha==1.0", "beta==2.0"]);
      expect(versions(await resolve({ requirements: ["beta>=1.1"] }, { preferences: old }))).toEqual(["beta==2.0"]);
      expect(versions(await resolve({ requirements: ["alpha"] }, { dependencies: false }))).toEqual(["alpha==1.0"]);
    });

    test("leaves out what a marker excludes; nothing may be left", async () => {
      const { resolve, install } = bench(rig, name, local());
      const lock = await resolve({ requirements: ['beta ; python_version < "3"'] });
      expect(lock.packages).toEqual([]);
      expect(readdirSync(await install(lock))).toEqual([]);
    });

    test("installs projects, editable ones too, archives and repositories", async () => {
      const { resolve, install } = bench(rig, name, local());
      project("my project", { name: "Work.Here", version: "0.1", requires: ["beta<2"] });
      project("other", { name: "other", version: "0.2" });
      const wheel = buildWheel({ name: "loose", version: "5" });
      put(wheel.filename, wheel.bytes);
      const repository = project("repository", { name: "versioned", version: "0.3" });
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
          env: rig.env,
          encoding: "utf8",
        });
      git("init", "--quiet");
      git("add", "-A");
      git("commit", "--quiet", "-m", "one");
      const commit = git("rev-parse", "HEAD").trim();

      const lock = await resolve({
        requirements: [
          "./other",
          `./${wheel.filename}`,
          `versioned @ git+file://${repository}@${commit.slice(0, 10)}`,
          `epsilon @ ${index.url.replace("simple", "files")}/epsilon-1.0.tar.gz`,
        ],
        editables: ["./my project"],
      });
      expect(lock.packages.map((one) => one.name)).toEqual([
        "beta",
        "epsilon",
        "loose",
        "other",
        "versioned",
        "work-here",
      ]);
      const [, epsilon, loose, other, versioned, work] = lock.packages;
      expect(epsilon!.archive).toMatchObject({ name: "epsilon-1.0.tar.gz" });
      expect(epsilon!.archive!.hashes.sha256).toHaveLength(64);
      expect(loose!.archive).toMatchObject({ path: join(rig.cwd, wheel.filename), hashes: { sha256: wheel.sha256 } });
      expect(other!).toEqual({
        name: "other",
        version: null,
        directory: { path: join(rig.cwd, "other"), editable: false },
      });
      expect(versioned!.vcs).toMatchObject({ type: "git", url: `file://${repository}`, commit });
      expect(work!.directory).toEqual({ path: join(rig.cwd, "my project"), editable: true });

      const prefix = await install(lock);
      const direct = (dist: string) => JSON.parse(readFileSync(join(site(prefix), dist, "direct_url.json"), "utf8"));
      expect(direct("Work.Here-0.1.dist-info".toLowerCase().replace(".", "_"))).toMatchObject({
        dir_info: { editable: true },
      });
      expect(direct("versioned-0.3.dist-info")).toMatchObject({ vcs_info: { commit_id: commit } });
      expect(existsSync(join(site(prefix), "epsilon.py"))).toBe(true);
    });

    test("builds from source what the index has no wheel of", async () => {
      const { resolve, install } = bench(rig, name, local());
      const lock = await resolve({ requirements: ["epsilon"] });
      expect(lock.packages[0]!.sdist!.name).toBe("epsilon-1.0.tar.gz");
      expect(existsSync(join(site(await install(lock)), "epsilon.py"))).toBe(true);
    });

    test("holds to the hashes of a requirements file", async () => {
      const { resolve } = bench(rig, name, local());
      const beta = buildWheel({ name: "beta", version: "1.1" });
      const right = put("right.txt", `beta==1.1 --hash=sha256:${beta.sha256}\n`);
      expect((await resolve({ files: [right] })).packages[0]!.wheels![0]!.hashes).toEqual({ sha256: beta.sha256 });
      const wrong = await failure(
        resolve({ files: [put("wrong.txt", `beta==1.1 --hash=sha256:${"0".repeat(64)}\n`)] }),
      );
      expect(wrong.code).toBe("SKE-PKG-HASH");
      expect(wrong.message).toContain(beta.sha256);
      const partly = await failure(
        resolve({ files: [put("partly.txt", `alpha\nbeta==1.1 --hash=sha256:${beta.sha256}\n`)] }),
      );
      expect(partly.code).toBe("SKE-PKG-HASH");
      expect(partly.message).toContain("alpha 1.0");
    });

    test("refuses a file whose bytes aren't the locked ones", async () => {
      const { resolve, install } = bench(rig, name, { ...local(), UV_NO_CACHE: "1", PIP_NO_CACHE_DIR: "1" });
      const lock = await resolve({ requirements: ["beta==1.0"] });
      const [file] = lock.packages[0]!.wheels!;
      const packages = [{ ...lock.packages[0]!, wheels: [{ ...file!, hashes: { sha256: "1".repeat(64) } }] }];
      const error = await failure(install({ ...lock, packages }));
      expect(error.code).toBe("SKE-PKG-HASH");
      expect(error.message).toContain("beta");
    });

    test("says which package doesn't exist", async () => {
      const error = await failure(bench(rig, name, local()).resolve({ requirements: ["alpha", "omega>=2"] }));
      expect(error.code).toBe("SKE-PKG-NOT-FOUND");
      expect(error.message).toContain("omega");
      expect(error.details.package).toBe("omega");
    });

    test("says which versions there are when the wanted one isn't", async () => {
      const error = await failure(bench(rig, name, local()).resolve({ requirements: ["beta==9"] }));
      expect(error.code).toBe("SKE-PKG-VERSION");
      expect(error.message).toContain("beta");
      expect(error.hint).toContain("2.0, 1.1, 1.0");
      const python = await failure(bench(rig, name, local()).resolve({ requirements: ["eta"] }));
      expect(python.code).toBe("SKE-PKG-VERSION");
      expect(python.message).toContain(TARGET.version);
    });

    test("tells the chain of a conflict", async () => {
      const error = await failure(bench(rig, name, local()).resolve({ requirements: ["delta", "beta>=2"] }));
      expect(error.code).toBe("SKE-PKG-CONFLICT");
      expect(error.message).toMatch(/delta.*\n?.*beta<2/s);
      expect(error.message).toContain("beta>=2");
      expect(error.details.chain).toBeString();
      const own = await failure(bench(rig, name, local()).resolve({ requirements: ["beta>=2", "beta<2"] }));
      expect(own.code).toBe("SKE-PKG-CONFLICT");
    });

    test("shows the end of a failed build", async () => {
      const { resolve, install } = bench(rig, name, local());
      const error = await failure(resolve({ requirements: ["zeta"] }).then(install));
      expect(error.code).toBe("SKE-PKG-BUILD");
      expect(error.message).toContain("cc: no such compiler");
      expect(error.message).toContain("zeta");
    });

    test("calls a damaged wheel broken", async () => {
      const bytes = new TextEncoder().encode("this is no zip file");
      const { createHash } = await import("node:crypto");
      const broken: Distribution = {
        project: "theta",
        version: "1.0",
        filename: "theta-1.0-py3-none-any.whl",
        bytes,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      };
      index.add(broken);
      const { resolve, install } = bench(rig, name, local());
      const error = await failure(resolve({ requirements: ["theta"] }).then(install));
      expect(error.code).toBe("SKE-PKG-BROKEN");
      expect(error.message).toContain("theta");
    });

    test("tells a network that fails from a package that is missing", async () => {
      const fast = { PIP_RETRIES: "0", UV_HTTP_RETRIES: "0", PIP_TIMEOUT: "5" };
      const closed = await closedIndex();
      const refused = await failure(
        bench(rig, name, { PIP_INDEX_URL: closed, ...fast }).resolve({ requirements: ["alpha"] }),
      );
      expect(refused.code).toBe("SKE-NETWORK");
      expect(refused.message).toContain(new URL(closed).host);
      await using sick = await startIndex({ status: 503 });
      const failed = await failure(
        bench(rig, name, { PIP_INDEX_URL: sick.url, ...fast }).resolve({ requirements: ["alpha"] }),
      );
      expect(failed.code).toBe("SKE-NETWORK");
      const resolver = await failure(
        bench(rig, name, { PIP_INDEX_URL: "http://no-such-host.invalid/simple", ...fast }).resolve({
          requirements: ["alpha"],
        }),
      );
      expect(resolver.code).toBe("SKE-NETWORK");
    });

    test("tells what an address, a revision or a slow index is to blame for", async () => {
      const { resolve } = bench(rig, name, { ...local(), PIP_RETRIES: "0", UV_HTTP_RETRIES: "0" });
      const gone = await failure(resolve({ requirements: [`x @ ${index.url.replace("simple", "files")}/x-1.tar.gz`] }));
      expect(gone.code).toBe("SKE-PKG-NOT-FOUND");
      expect(gone.message).toContain("/files/x-1.tar.gz");
      const repository = project("repository", { name: "versioned", version: "0.3" });
      execFileSync("git", ["init", "--quiet", repository], { env: rig.env });
      const revision = await failure(resolve({ requirements: [`versioned @ git+file://${repository}@v9`] }));
      expect(revision.code).toBe("SKE-PKG-VERSION");
      const nowhere = await failure(resolve({ requirements: [`versioned @ git+file://${rig.cwd}/none@v9`] }));
      expect(nowhere.code).toBe("SKE-NETWORK");
      await using slow = await startIndex({ delayMs: 20_000 });
      const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: slow.url }, { timeoutMs: 1500 });
      const late = await failure(resolve({ requirements: ["alpha"] }, { settings }));
      expect(late.code).toBe("SKE-TIMEOUT");
      const offline = await failure(resolve({ requirements: ["never-seen-anywhere"] }, { offline: true }));
      expect(offline.code).toBe("SKE-NETWORK");
      expect(offline.hint).toContain("--offline");
    });

    test("signs in with the password of the index address and never shows it", async () => {
      const beta = buildWheel({ name: "beta", version: "1.0" });
      await using closed = await startIndex({ distributions: [beta], auth: { user: "me", password: "s3cret/word" } });
      const { resolve, install } = bench(rig, name, { PIP_INDEX_URL: closed.urlWithAuth });
      const lock = await resolve({ requirements: ["beta"] });
      expect(JSON.stringify(lock)).not.toContain("s3cret");
      expect(existsSync(join(site(await install(lock)), "beta.py"))).toBe(true);
      const error = await failure(
        bench(rig, name, { PIP_INDEX_URL: closed.url.replace("//", "//me:wr0ngword@"), PIP_RETRIES: "0" }).resolve({
          requirements: ["beta"],
        }),
      );
      expect(error.code).toBe("SKE-NETWORK");
      expect(`${error.message}${JSON.stringify(error.toJSON())}`).not.toContain("wr0ngword");
    });

    test("reads pip.conf and the options in requirements files", async () => {
      mkdirSync(join(rig.user, ".config", "pip"), { recursive: true });
      writeFileSync(
        join(rig.user, ".config", "pip", "pip.conf"),
        `[global]\nindex-url = ${index.url}\n[install]\nno-binary = :none:\nuser = true\n`,
      );
      const env = { PIP_INDEX_URL: "", UV_DEFAULT_INDEX: "" };
      expect(versions(await bench(rig, name, env).resolve({ requirements: ["beta"] }))).toEqual(["beta==2.0"]);
      await using other = await startIndex({
        distributions: [buildWheel({ name: "beta", version: "7" }), buildWheel({ name: "beta", version: "8rc1" })],
      });
      const file = put("r.txt", `--index-url ${other.url}\nbeta\n`);
      expect(versions(await bench(rig, name, env).resolve({ files: [file] }))).toEqual(["beta==7"]);
      const pre = put("pre.txt", `-i ${other.url}\n--pre\nbeta\n`);
      expect(versions(await bench(rig, name, env).resolve({ files: [pre] }))).toEqual(["beta==8rc1"]);
      mkdirSync(join(rig.cwd, "wheel house"));
      const theta = buildWheel({ name: "theta", version: "1.0" });
      put(`wheel house/${theta.filename}`, theta.bytes);
      const links = put("links.txt", `--no-index\n--find-links "wheel house"\ntheta\n`);
      const { resolve, install } = bench(rig, name, env);
      const lock = await resolve({ files: [links] });
      expect(versions(lock)).toEqual(["theta==1.0"]);
      expect(existsSync(join(site(await install(lock)), "theta.py"))).toBe(true);
    });

    test("ignores what would redirect it: a project's uv configuration, PYTHONPATH, other environments", async () => {
      put("pyproject.toml", `[tool.uv]\nindex-url = "${await closedIndex()}"\n`);
      put("json.py", "raise SystemExit('taken from PYTHONPATH')");
      const hostile = {
        PYTHONPATH: rig.cwd,
        PYTHONHOME: rig.cwd,
        VIRTUAL_ENV: rig.cwd,
        PIP_TARGET: rig.cwd,
        PIP_REQUIRE_VIRTUALENV: "1",
        UV_PROJECT: rig.cwd,
        UV_PYTHON: "2.7",
        UV_LINK_MODE: "hardlink",
      };
      const { resolve, install } = bench(rig, name, { ...local(), ...hostile });
      const prefix = await install(await resolve({ requirements: ["beta"] }));
      expect(existsSync(join(site(prefix), "beta.py"))).toBe(true);
    });
  });
}

test("every Python of this machine, a distribution's own too, gets the plain layout from both installers", async () => {
  for (const python of pythons()) {
    const target = targetHere(targetOf(python.path));
    const folder = `${python.implementation === "pypy" ? "pypy" : "python"}${python.minor}`;
    // The pip that the tests have is too new for older Pythons.
    for (const name of Number(python.minor.split(".")[1]) >= 10 ? (["uv", "pip"] as const) : (["uv"] as const)) {
      const { resolve, install } = bench(rig, name, local(), target);
      const prefix = await install(await resolve({ requirements: ["alpha"] }));
      expect(readdirSync(prefix).sort()).toEqual(["bin", "etc", "lib"]);
      expect(readdirSync(join(prefix, "lib"))).toEqual([folder]);
      const files = readdirSync(join(prefix, "lib", folder, "site-packages"));
      expect(files).toContain("beta.py");
      expect(files).toContain("__pycache__");
      expect(readdirSync(join(prefix, "bin")).sort()).toEqual(["alpha", "alpha-tool"]);
    }
  }
});

test("uv and pip lock the same versions of real packages", async () => {
  const requirements = ["requests[socks]", "rich"];
  const [one, other] = await Promise.all(
    (["uv", "pip"] as const).map((name) => bench(rig, name).resolve({ requirements })),
  );
  expect(versions(one!)).toEqual(versions(other!));
  expect(one!.packages.map((entry) => entry.name)).toContain("pysocks");
  const hash = (lock: typeof one) => lock!.packages.find((entry) => entry.name === "rich")!.wheels![0]!.hashes;
  expect(hash(one)).toEqual(hash(other));
  const prefix = await bench(rig, "uv").install(one!);
  const script = `import sys; sys.path.insert(0, ${JSON.stringify(site(prefix))}); import requests, rich; print(requests.__file__)`;
  const { stdout } = await rig.run([TARGET.interpreter, "-I", "-c", script]);
  expect(stdout).toContain(prefix);
});
