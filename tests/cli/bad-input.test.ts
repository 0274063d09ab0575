import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROBE_MARK } from "../../src/python/probe.ts";
import { closedIndex, type IndexInit, startIndex } from "../rig/index.ts";
import { newestPython, Rig, SKERRY } from "../rig/rig.ts";
import { buildSdist, buildWheel, type Distribution, zip } from "../rig/wheel.ts";
import { everythingOf, expectRefusal, type Refusal } from "./refusal.ts";
import { packagesFrom, rigWithWeb } from "./setup.ts";

const PYTHON = newestPython();

/** A file of the name of a good wheel that holds other bytes. */
function notAsItShould(name: string, change: (good: Distribution) => Uint8Array): Distribution {
  const good = buildWheel({ name, version: "1.0" });
  const bytes = change(good);
  return { ...good, bytes, sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex") };
}

const text = (content: string) => new TextEncoder().encode(content);
const TRUNCATED = notAsItShould("truncated", ({ bytes }) => bytes.slice(0, bytes.length / 2));
const NO_METADATA = notAsItShould("bare", () => zip([{ path: "bare.py", bytes: text("x = 1\n") }]));
const LYING = notAsItShould("lying", () =>
  zip([
    { path: "lying.py", bytes: text("x = 1\n") },
    { path: "lying-1.0.dist-info/METADATA", bytes: text("Metadata-Version: 2.1\nName: other\nVersion: 7\n") },
    {
      path: "lying-1.0.dist-info/WHEEL",
      bytes: text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    },
    { path: "lying-1.0.dist-info/RECORD", bytes: text("../../../../outside.py,,\n") },
  ]),
);

const DISTRIBUTIONS = [
  buildWheel({ name: "alpha", version: "1.0", requires: ["beta<2"] }),
  buildWheel({ name: "beta", version: "1.0" }),
  buildWheel({ name: "beta", version: "2.0" }),
  buildWheel({ name: "gamma", version: "1.0", requires: ["beta>=2"] }),
  buildWheel({ name: "future", version: "1.0", requiresPython: ">=4" }),
  buildSdist({ name: "zeta", version: "1.0", failing: "cc: no such compiler" }),
  TRUNCATED,
  NO_METADATA,
  LYING,
];

type Said = Pick<Refusal, "code" | "exit" | "message" | "hint">;

describe("a Python that can't be had", () => {
  test.each([
    ["3.99", "SKE-PYTHON-NOT-FOUND", 3, /^No Python here fits "3\.99"/, /install one.*or ask for \d/],
    [
      "/nowhere/python",
      "SKE-PYTHON-NOT-FOUND",
      3,
      /^Can't use \/nowhere\/python .*doesn't exist/,
      /skerry python list/,
    ],
    ["foo bar", "SKE-PYTHON-REQUEST", 2, /^"foo bar" doesn't say which Python/, /by version \(3\.12\)/],
  ] as const)("%s", async (python, code, exit, message, hint) => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    await expectRefusal(rig, { args: ["create", "x", "--python", python], code, exit, message, hint });
    await expectRefusal(rig, { args: ["run", "--python", python, "--", "true"], code, exit: 125, message, hint });
  });

  test("is older than any that is supported", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    const facts = { implementation: "cpython", versionInfo: [3, 7, 9], releaseLevel: "final", serial: 0 };
    const made = rig.write("python3.7", `#!/bin/sh\necho; echo '${PROBE_MARK}${JSON.stringify(facts)}'\n`, 0o755);
    const versions = join(rig.env.PYENV_ROOT ?? "/nowhere", "versions");
    const old = existsSync(versions) ? readdirSync(versions).filter((name) => /^(2\.7|3\.[67])\./.test(name)) : [];
    for (const python of [made, ...old.map((name) => join(versions, name, "bin/python"))]) {
      await expectRefusal(rig, {
        args: ["create", "x", "--python", python],
        code: "SKE-PYTHON-UNSUPPORTED",
        exit: 6,
        message: /^Can't use \/.*: it is Python (2\.7|3\.6|3\.7)\.\d+$/,
        hint: /^environments need Python 3\.8 or newer$/,
      });
    }
  });
});

describe.each(["uv", "pip"])("packages that can't be had, by %s", (installer) => {
  const said: readonly (readonly [string, readonly string[], Said])[] = [
    [
      "unknown",
      ["alpah"],
      {
        code: "SKE-PKG-NOT-FOUND",
        exit: 3,
        message: /^Could not resolve alpah: the index has no package called alpah$/,
        hint: /spelling of alpah/,
      },
    ],
    [
      "in no such version",
      ["beta==9"],
      { code: "SKE-PKG-VERSION", exit: 3, message: /^Could not resolve beta==9: there is no/, hint: /2\.0|exists/ },
    ],
    [
      "not for this Python",
      ["future"],
      {
        code: "SKE-PKG-VERSION",
        exit: 3,
        message: /^Could not resolve future: no version.* fits Python 3\.\d+\.\d+ on/,
        hint: /--python/,
      },
    ],
    [
      "in conflict",
      ["alpha", "gamma"],
      {
        code: "SKE-PKG-CONFLICT",
        exit: 4,
        message:
          /^Could not resolve alpha, gamma: the requirements exclude each other, on beta:\n(?=[\s\S]*alpha[\s\S]*beta\s?<\s?2)(?=[\s\S]*gamma[\s\S]*beta\s?>=\s?2)/,
        hint: /^skerry install web gamma\n/,
      },
    ],
    [
      "of a build that fails",
      ["zeta"],
      {
        code: "SKE-PKG-BUILD",
        exit: 1,
        message: /zeta[\s\S]*source failed\n[\s\S]*cc: no such compiler/,
        hint: /wheel/,
      },
    ],
    [
      "truncated",
      ["truncated"],
      { code: "SKE-PKG-BROKEN", exit: 1, message: /truncated[\s\S]*damaged/, hint: /another version/ },
    ],
    [
      "without metadata",
      ["bare"],
      { code: "SKE-PKG-BROKEN", exit: 1, message: /bare[\s\S]*damaged/, hint: /another version/ },
    ],
    [
      "lying about itself",
      ["lying"],
      { code: "SKE-PKG-BROKEN", exit: 1, message: /lying[\s\S]*damaged/, hint: /another version/ },
    ],
  ];

  test.each(said)("%s", async (_, packages, expected) => {
    await using rig = await rigWithWeb();
    await using index = await startIndex({ distributions: DISTRIBUTIONS });
    const env = { ...packagesFrom(index.url), SKERRY_INSTALLER: installer };
    await expectRefusal(rig, { args: ["install", "web", ...packages], env, ...expected });
    expect(existsSync(join(rig.root, "outside.py"))).toBe(false);
  });

  test("of another hash than asked for", async () => {
    await using rig = await rigWithWeb();
    await using index = await startIndex({ distributions: DISTRIBUTIONS });
    rig.write("requirements.txt", `beta==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    await expectRefusal(rig, {
      args: ["install", "web", "-r", "requirements.txt"],
      env: { ...packagesFrom(index.url), SKERRY_INSTALLER: installer },
      code: "SKE-PKG-HASH",
      exit: 5,
      message: /^No file of beta 1\.0 has the hash that was asked for:\n +expected sha256:0{64}\n +found/,
      hint: /don't trust the index/,
    });
  });

  const answers: readonly (readonly [string, IndexInit, RegExp, RegExp])[] = [
    ["answers 500", { status: 500 }, /127\.0\.0\.1:\d+ could not be reached[\s\S]*500/, /address of the index/],
    ["wants a password", { auth: { user: "u", password: "p" } }, /127\.0\.0\.1:\d+ refused access[\s\S]*401/, /netrc/],
  ];
  test.each(answers)("from an index that %s", async (_, init, message, hint) => {
    await using rig = await rigWithWeb();
    await using index = await startIndex({ distributions: DISTRIBUTIONS, ...init });
    const env = { ...packagesFrom(index.url), SKERRY_INSTALLER: installer, UV_HTTP_RETRIES: "0", PIP_RETRIES: "0" };
    await expectRefusal(rig, { args: ["install", "web", "beta"], env, code: "SKE-NETWORK", exit: 1, message, hint });
  });

  test("where there is no network", async () => {
    await using rig = await rigWithWeb();
    await expectRefusal(rig, {
      args: ["install", "web", "beta"],
      env: {
        ...packagesFrom(await closedIndex()),
        SKERRY_INSTALLER: installer,
        UV_HTTP_RETRIES: "0",
        PIP_RETRIES: "0",
      },
      code: "SKE-NETWORK",
      exit: 1,
      message: /^Could not resolve beta: 127\.0\.0\.1:\d+ could not be reached\n[\s\S]*refused/,
      hint: /check the network, the proxy/,
    });
  });
});

describe("requirements that can't be understood", () => {
  test.each([
    [["-r", "missing.txt"], /project\/missing\.txt: the file can't be read: no such file$/, /path/],
    [["-r", "bad.txt"], /project\/bad\.txt:2: "==bad==" is not a requirement/, /names/],
    [["-r", "nested.txt"], /nested\.txt:1: the file .*gone\.txt can't be read/, /path/],
    [["a b c"], /"a b c" is not a requirement/, /requests==2/],
  ] as const)("%j", async (packages, message, hint) => {
    await using rig = await rigWithWeb();
    rig.write("bad.txt", "rich\n==bad==\n");
    rig.write("nested.txt", "-r gone.txt\n");
    const code = "SKE-PKG-REQUIREMENT";
    await expectRefusal(rig, { args: ["install", "web", ...packages], code, exit: 2, message, hint });
  });
});

describe("names", () => {
  const LONG = "n".repeat(300);
  test.each(["", "..", ".", "a/b", "../../etc", "a\nb", "\u{1F600}", LONG, "a b", "a:b", "$HOME", "\x1b[31mred"])(
    "%j can't be that of an environment",
    async (name) => {
      await using rig = await Rig.make();
      await rig.skerry(["ls"]);
      const hint = /^a name has 1 to 64 letters/;
      const message = /^"[^\n\x1b]{0,90}" can't be the name of an environment$/;
      await expectRefusal(rig, { args: ["create", "--", name], code: "SKE-ENV-NAME", exit: 2, message, hint });
      const missing = {
        code: "SKE-ENV-NOT-FOUND",
        message:
          name === "."
            ? /^There is no environment of this folder, \/[^\n\x1b]+$/
            : /^There is no environment named "[^\n\x1b]{0,90}"$/,
      } as const;
      const list = /skerry ls lists/;
      await expectRefusal(rig, { args: ["rm", "--", name], exit: 3, hint: list, ...missing });
      await expectRefusal(rig, { args: ["exec", name, "--", "true"], exit: 125, hint: list, ...missing });
    },
  );

  test("that begin with a dash are options, unless -- says that they aren't", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    const message = /^skerry create has no option -x$/;
    await expectRefusal(rig, {
      args: ["create", "-x"],
      code: "SKE-USAGE",
      exit: 2,
      message,
      hint: /--help lists them/,
    });
    const name = { code: "SKE-ENV-NAME", exit: 2, message: /^"-x" can't/, hint: /for example x$/ } as const;
    await expectRefusal(rig, { args: ["create", "--", "-x"], ...name });
  });
});

describe("a place that can't be used", () => {
  test("a prefix that is there and not empty", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    rig.write(".venv/mine", "precious");
    await expectRefusal(rig, {
      args: ["create", "x", "--prefix", ".venv"],
      code: "SKE-ENV-EXISTS",
      exit: 4,
      message: /^Could not create an environment in .*\/project\/\.venv: it exists and isn't empty$/,
      hint: /name another folder with --prefix/,
    });
  });

  test("a prefix below a file", async () => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    rig.write("file", "");
    await expectRefusal(rig, {
      args: ["create", "x", "--prefix", "file/venv"],
      code: "SKE-IO",
      exit: 1,
      message: /^Could not create the environment in .*file\/venv: not a directory \(ENOTDIR\)$/,
      hint: /a part of it is a file/,
    });
  });

  test("a state folder that others may write to, or that is a file", async () => {
    await using rig = await Rig.make();
    mkdirSync(rig.home);
    chmodSync(rig.home, 0o770);
    await expectRefusal(rig, {
      args: ["ls"],
      code: "SKE-STATE-UNSAFE",
      exit: 5,
      message: /^Others may write to .*\/state, and could make you run their code$/,
      hint: /^chmod go-w .*\/state$/,
    });
    const home = rig.write("file", "");
    const hint = /a part of it is a file/;
    const message = /^Could not look at .*file.*: not a directory \(ENOTDIR\)$/;
    await expectRefusal(rig, { args: ["ls", "--home", home], code: "SKE-IO", exit: 1, message, hint });
  });

  test("a state folder of another user", async () => {
    await using rig = await Rig.make();
    mkdirSync(rig.home, { mode: 0o700 });
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(rig.home, 65534, 65534);
    await expectRefusal(rig, {
      args: ["ls", "--home", isRoot ? rig.home : "/usr"],
      code: "SKE-STATE-UNSAFE",
      exit: 5,
      message: /^\/\S+ belongs to user \d+, and this is user \d+$/,
      hint: /--home or SKERRY_HOME/,
    });
  });

  test("a state folder and a prefix where nothing may be written", async () => {
    await using rig = await Rig.make();
    const skerry = await bound(rig);
    const run = async (...args: string[]) => JSON.parse((await skerry([...args, "--json"])).stdout);
    mkdirSync(join(rig.cwd, "locked"), { mode: 0o555 });
    const io = (what: RegExp) => ({
      error: { code: "SKE-IO", message: expect.stringMatching(what), hint: expect.any(String) },
    });
    expect(await run("create", "x", "--prefix", "locked/venv", "--python", "/usr/bin/python3")).toMatchObject(
      io(/^Could not create .*locked\/venv: permission denied \(EACCES\)$/),
    );
    expect(await run("ls")).toMatchObject({ environments: [] });
    expect(readdirSync(join(rig.home, "envs"))).toEqual([]);
    chmodSync(rig.home, 0o500);
    const before = everythingOf(rig);
    const asked = await skerry(["create", "x", "--json"]);
    expect(JSON.parse(asked.stdout)).toMatchObject(io(/^Could not write to .*\/state: permission denied \(EACCES\)$/));
    expect(asked.exitCode).toBe(1);
    chmodSync(rig.home, 0o700);
    expect(everythingOf(rig)).toEqual(before);
    expect(await run("ls", "--home", "locked/state")).toMatchObject(
      io(/^Could not create .*locked\/state: permission denied/),
    );
  });
});

/** Runs skerry as a user whom permissions bind: the caller, or for root a user without any rights. */
async function bound(rig: Rig) {
  if (process.getuid?.() !== 0) return (args: readonly string[]) => rig.skerry(args);
  const own = join(rig.tmp, "skerry");
  await rig.run(["cp", SKERRY, own]);
  await rig.run(["chown", "-R", "65534:65534", rig.root]);
  const drop =
    "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.execv(sys.argv[1], sys.argv[1:])";
  return (args: readonly string[]) => rig.run([PYTHON.path, "-I", "-c", drop, own, ...args]);
}

describe("a state that can't be read", () => {
  const damages: Record<string, (db: string) => void> = {
    "has bytes of something else": (db) => writeFileSync(db, "not a database, ".repeat(3000)),
    "is all zeros": (db) => writeFileSync(db, Buffer.alloc(16_384)),
    "is cut short": (db) => truncateSync(db, 5000),
  };
  test.each(Object.keys(damages))("%s", async (how) => {
    await using rig = await rigWithWeb();
    await closed(rig);
    damages[how]?.(join(rig.home, "state.db"));
    const said = {
      code: "SKE-STATE-CORRUPT",
      message: /^Could not \w+ .*\/state\.db: /,
      hint: /^move .*\/state\.db aside \(keep it\), with state\.db-wal and -shm.*skerry doctor/,
    } as const;
    await expectRefusal(rig, { args: ["ls"], exit: 1, ...said });
    await expectRefusal(rig, { args: ["exec", "web", "--", "true"], exit: 125, ...said });
    await expectRefusal(rig, { args: ["create", "x"], exit: 1, ...said });
    for (const end of ["", "-wal", "-shm"]) rmSync(join(rig.home, `state.db${end}`), { force: true });
    expect((await rig.skerry(["ls"])).exitCode).toBe(0);
    expect((await rig.skerry(["doctor"])).stdout).toMatch(/belongs to no recorded environment/);
  });

  test("comes from a newer Skerry", async () => {
    await using rig = await rigWithWeb();
    using db = new Database(join(rig.home, "state.db"));
    db.run("PRAGMA user_version = 9999");
    // It may have something else by these names.
    rmSync(join(rig.home, "logs"), { recursive: true });
    rmSync(join(rig.home, "reserve"));
    writeFileSync(join(rig.home, "tasks"), "");
    const names = readdirSync(rig.home).sort();
    const message = /state\.db was written by a newer Skerry \(schema 9999, this one knows \d+\)$/;
    const said = { code: "SKE-STATE-NEWER", message, hint: /^update Skerry/ } as const;
    await expectRefusal(rig, { args: ["ls"], exit: 1, ...said });
    await expectRefusal(rig, { args: ["exec", "web", "--", "true"], exit: 125, ...said });
    expect(readdirSync(rig.home).sort()).toEqual(names);
  });

  test("comes from before the first release; to move it away, as the hint says, begins anew", async () => {
    await using rig = await rigWithWeb();
    // As its first ledgers were: with a count of their own, and without the mark of a format.
    {
      using db = new Database(join(rig.home, "state.db"));
      db.run("PRAGMA application_id = 0");
      db.run("PRAGMA user_version = 7");
    }
    const message = /state\.db was written by a Skerry from before the first release$/;
    const said = {
      code: "SKE-STATE-OLDER",
      message,
      hint: /^move it away .*: mv \S+ \S+\.old; or name another/,
    } as const;
    await expectRefusal(rig, { args: ["ls"], exit: 1, ...said });
    await expectRefusal(rig, { args: ["exec", "web", "--", "true"], exit: 125, ...said });
    await expectRefusal(rig, { args: ["create", "x"], exit: 1, ...said });
    expect((await rig.skerry(["ls", "--home", join(rig.root, "another")])).exitCode).toBe(0);
    const [, move = ""] = /: (mv [^;]+);/.exec((await rig.skerry(["ls"])).stderr) ?? [];
    expect((await rig.run(["sh", "-euc", move])).exitCode).toBe(0);
    expect((await rig.skerry(["create", "web", "--engine", "basic"])).exitCode).toBe(0);
    expect(existsSync(join(`${rig.home}.old`, "state.db"))).toBe(true);
  });

  async function closed(rig: Rig): Promise<void> {
    using db = new Database(join(rig.home, "state.db"));
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
});

describe("a project's configuration", () => {
  test.each([
    ["pyhton = '3.12'\n", /project\/skerry\.toml:1: there is no key "pyhton"$/, /^did you mean python\?$/],
    ["\n\npython = 3\n", /project\/skerry\.toml:3: python can't have this value: /, /^for example: python = "3\.12"$/],
    ["timeout = 'soon'\n", /project\/skerry\.toml:1: timeout can't have this value: expected a duration/, /"10m"/],
    ["python = '3\n", /project\/skerry\.toml:1:\d+: this is not valid TOML/, /correct the line/],
  ] as const)("%j is refused", async (content, message, hint) => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    rig.write("skerry.toml", content);
    await expectRefusal(rig, { args: ["create", "x"], code: "SKE-CONFIG", exit: 2, message, hint });
    await expectRefusal(rig, { args: ["run", "--", "true"], code: "SKE-CONFIG", exit: 125, message, hint });
  });

  test("may set what redirects only while it is trusted, warm starts included", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: DISTRIBUTIONS });
    await rig.skerry(["ls"]);
    rig.write("skerry.toml", `index_url = "${index.url}"\n`);
    const args = [
      "run",
      "--python",
      PYTHON.path,
      "--with",
      "beta",
      "--",
      "python",
      "-c",
      "import beta; print(beta.VERSION)",
    ];
    const refused = {
      code: "SKE-CONFIG-UNTRUSTED",
      exit: 125,
      message: /project\/skerry\.toml: index_url can run programs or redirect/,
      hint: /skerry trust$/,
    } as const;
    await expectRefusal(rig, { args, ...refused });
    expect((await rig.skerry(["trust", "--yes"])).exitCode).toBe(0);
    for (let time = 0; time < 2; time++) expect(await rig.skerry(args)).toMatchObject({ exitCode: 0, stdout: "2.0\n" });
    expect((await rig.skerry(["trust", "--revoke"])).exitCode).toBe(0);
    await expectRefusal(rig, { args, ...refused });
  });

  test("stays revoked when it is set back to what was trusted", async () => {
    await using rig = await Rig.make();
    rig.write("skerry.toml", 'index_url = "http://127.0.0.1:1/"\n');
    await rig.skerry(["trust", "--yes"]);
    rig.write("skerry.toml", "");
    expect((await rig.skerry(["trust", "--revoke"])).stderr).toBe("trusted no more\n");
    rig.write("skerry.toml", 'index_url = "http://127.0.0.1:1/"\n');
    expect((await rig.skerry(["create", "x"])).exitCode).toBe(5);
    expect((await rig.skerry(["trust", "--revoke"])).stderr).toBe("this project was not trusted\n");
  });
});

describe("a command line that can't be understood", () => {
  test.each([
    [["creat"], 2, /^skerry has no command "creat"$/, /^did you mean skerry create\?$/],
    [["ls", "--cachd"], 2, /^skerry ls has no option --cachd$/, /^did you mean --cached\?$/],
    [["python", "lst"], 2, /^ACTION is one of list, find, not "lst"$/, /^did you mean list\?$/],
    [["python"], 2, /^skerry python needs ACTION, one of list, find$/, /^skerry python ACTION \[REQUEST\]/],
    [["uninstall", "web"], 2, /^skerry uninstall needs PACKAGE$/, /^skerry uninstall ENVIRONMENT PACKAGE…/],
    [["update", "web"], 2, /^No package was named: /, /^skerry update web PACKAGE .*, skerry update web --all every/],
    [["update", "web", "a", "--all"], 2, /^Both packages and --all were named: /, /^skerry update web PACKAGE /],
    [["restore", "web"], 2, /^skerry restore needs --at NUMBER$/, /^skerry restore ENVIRONMENT --at NUMBER/],
    [["events", "--since", "soon"], 2, /^--since "soon" is neither a duration nor a date$/, /2h.*2026-05-31/],
    [["create", "x", "--ttl", "soon"], 2, /^--ttl "soon" is not a duration$/, /7d/],
    [["restore", "web", "--at", "x"], 2, /^--at is a whole number, not "x"$/, /--at 20/],
    [["create", "x", "--thin", "--full"], 2, /^--thin and --full exclude each other$/, /one of them/],
    [["exec", "web"], 125, /^skerry exec needs a command to run$/, /COMMAND…$/],
    [["run", "--env", "A", "--", "true"], 125, /^--env takes NAME=VALUE, not "A"$/, /MODE=test/],
    [["run", "--timeout", "soon", "--", "true"], 125, /"soon"/, /30s/],
    [["gc", "--max-size", "big"], 2, /^--max-size "big" is not a size$/, /2GiB/],
    [["gc", "--all", "--max-age", "1d"], 2, /^--all and --max-age exclude each other$/, /one of them/],
    [["ls", "--home", ""], 2, /^--home needs a value: DIR$/, /^skerry ls/],
  ] as const)("skerry %j", async (args, exit, message, hint) => {
    await using rig = await Rig.make();
    await rig.skerry(["ls"]);
    await expectRefusal(rig, { args, code: "SKE-USAGE", exit, message, hint });
  });

  test("a package that isn't installed, or that another one requires, can't be removed", async () => {
    await using rig = await Rig.make();
    await using index = await startIndex({ distributions: DISTRIBUTIONS });
    const env = packagesFrom(index.url);
    await rig.skerry(["create", "web", "--python", PYTHON.path, "--with", "alpha"], { env });
    const hint = /^skerry packages web /;
    const absent = {
      code: "SKE-PKG-NOT-FOUND",
      exit: 3,
      message: /^Could not remove nope from web: it isn't/,
    } as const;
    await expectRefusal(rig, { args: ["uninstall", "web", "nope"], env, hint, ...absent });
    const required = {
      code: "SKE-PKG-REQUIRED",
      exit: 4,
      message: /^Could not remove beta from web: alpha requires it$/,
    } as const;
    const too = /^skerry uninstall web alpha removes what requires it too; --force removes beta alone$/;
    await expectRefusal(rig, { args: ["uninstall", "web", "beta"], env, hint: too, ...required });
    const message = /^Could not update nope in web: it isn't installed$/;
    await expectRefusal(rig, { args: ["update", "web", "nope"], env, hint, ...absent, message });
    const noHistory = { code: "SKE-PKG-HISTORY", exit: 3, hint: /^skerry show web --history lists/ } as const;
    const cannot = "^Could not change the packages of web: ";
    for (const [args, why] of [
      [["undo", "web"], "there is nothing to undo$"],
      [["redo", "web"], "there is nothing to redo$"],
      [["restore", "web", "--at", "7"], "its history has no entry 7$"],
    ] as const)
      await expectRefusal(rig, { args, env, message: new RegExp(cannot + why), ...noHistory });
  });
});

describe.each([[[]], [["--timeout", "30s"]]])("a program that can't be run (options %j)", (options) => {
  test.each([
    [["no-such"], 127, /^Could not run no-such: no such command/, /install the package/],
    [["./plain"], 126, /^Could not run \.\/plain: it is there, but can't be executed$/, /chmod \+x/],
    [["./lost"], 127, /^Could not execute .*\/lost: the interpreter that its first line names/, /first line/],
    [["./"], 126, /^Could not run \.\/: it is there, but can't be executed$/, /./],
  ] as const)("%j", async (command, exit, message, hint) => {
    await using rig = await rigWithWeb();
    rig.write("plain", "text");
    rig.write("lost", "#!/nowhere/interpreter\n", 0o755);
    const args = ["exec", "web", ...options, "--", ...command];
    await expectRefusal(rig, { args, code: "SKE-COMMAND-NOT-FOUND", exit, message, hint });
  });

  test("in a folder that isn't there", async () => {
    await using rig = await rigWithWeb();
    await expectRefusal(rig, {
      args: ["exec", "web", ...options, "--cwd", "gone", "--", "true"],
      code: "SKE-IO",
      exit: 125,
      message: /^Could not enter .*\/project\/gone: no such file or directory \(ENOENT\)$/,
      hint: /check the path/,
    });
  });
});

test("a package's file that is none is told by its path", async () => {
  await using rig = await rigWithWeb();
  await using index = await startIndex({ distributions: DISTRIBUTIONS });
  expect(
    (
      await rig.skerry(["create", "full", "--full", "--python", PYTHON.path, "--with", "beta"], {
        env: packagesFrom(index.url),
      })
    ).exitCode,
  ).toBe(0);
  const found = await rig.skerry(["exec", "full", "--", "python", "-c", "import beta; print(beta.__file__)"]);
  const metadata = join(found.stdout.trim(), "../beta-2.0.dist-info/METADATA");
  const pipe = join(rig.cwd, "pipe-1.0-py3-none-any.whl");
  const made = { pipe: ["mkfifo"], device: ["ln", "-s", "/dev/zero"], folder: ["mkdir"] } as const;
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  for (const words of Object.values(made)) {
    rmSync(metadata, { recursive: true });
    expect(Bun.spawnSync([...words, metadata]).exitCode).toBe(0);
    const { exitCode, stderr } = await rig.skerry(["packages", "full", "--tree"]);
    expect({ words, exitCode, stderr }).toEqual({
      words,
      exitCode: 1,
      stderr: expect.stringContaining(`Could not read ${metadata}: `),
    });
  }
  const { exitCode, stderr } = await rig.skerry(["create", "x", "--with", pipe]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`Could not read ${pipe}: it is not a regular file`),
  });
});

describe("a text without measure", () => {
  const NESTED = {
    dots: (key: string) => `${key}${".a".repeat(100_000)} = 1\n`,
    lists: (key: string) => `${key} = ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
  };
  const PROJECT = '[project]\nname = "x"\nversion = "1"\n';

  test.each([
    ["skerry.toml", ""],
    ["pyproject.toml", `${PROJECT}[tool.skerry]\n`],
    ["pyproject.toml", `${PROJECT}[tool.uv]\n`],
    ["pixi.toml", '[workspace]\nname = "x"\n'],
    ["pylock.toml", 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n'],
  ])("that nests deeply is no fault of Skerry's, whoever reads it: %s %j", async (file, before) => {
    await using rig = await Rig.make();
    expect(Bun.spawnSync(["git", "init", "-q", rig.cwd]).exitCode).toBe(0);
    for (const [how, nested] of Object.entries(NESTED)) {
      rig.write(file, before + nested("a"));
      for (const words of [
        "worktree status",
        "worktree init",
        "task",
        "trust",
        "config show",
        `run -r ${file} -- true`,
      ]) {
        const { stderr } = await rig.skerry(words.split(" "));
        expect([how, words, /Skerry itself|RangeError/.exec(stderr)]).toEqual([how, words, null]);
      }
    }
  });

  test("is told of in lines that end", async () => {
    await using rig = await Rig.make();
    rig.write("long.txt", `${"a.".repeat(50_000)}a=1\n`);
    const { exitCode, stderr } = await rig.skerry(["create", "-r", "long.txt"]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^error: .*\n {2}hint: .*\n$/),
    });
    expect(stderr.length).toBeLessThan(10_000);
  });
});

describe.skipIf(process.platform !== "linux")("bytes that aren't UTF-8", () => {
  /** What a shell does with the program as `$0`, such bytes as `$B`, and the sign that stands for them as `$SIGN`. */
  async function shell(rig: Rig, script: string) {
    const given = `B=$(printf 'a\\377b'); SIGN=$(printf '\\357\\277\\275'); ${script}`;
    return await rig.run(["sh", "-c", given, SKERRY], { env: { SKERRY_NO_CONFIG: "1" } });
  }
  test.each([
    ['"$0" run -- echo "$B"', "The argument", 125],
    ['"$0" run --env "X=$B" -- true', "The argument", 125],
    ['"$0" create --prefix "$B"', "The argument", 2],
    ['"$0" create x --home "$PWD/$B"', "The argument", 2],
    ['SKERRY_HOME="$PWD/$B" "$0" create x', "The variable SKERRY_HOME", 2],
    ['X="$B" "$0" run -- true', "The variable X", 125],
    ['X="$B" "$0" task', "The variable X", 125],
    ['env "$B=1" "$0" run -- true', "The variable a\ufffdb", 125],
    ['env "$B=$B" "$0" exec x -- true', "The variable a\ufffdb", 125],
    ['mkdir "$B"; cd "$B"; "$0" run -- true', "The path of the folder", 125],
  ])("are refused, where a program or path would get others: %s", async (script, what, exitCode) => {
    await using rig = await Rig.make();
    const { stderr, ...outcome } = await shell(rig, script);
    expect(outcome).toEqual({ exitCode, stdout: "" });
    expect(stderr).toStartWith(`error: ${what} `);
    expect(stderr).toContain("has bytes that aren't UTF-8");
    expect(readdirSync(rig.root).includes("state")).toBe(false);
  });

  test("of the name of a variable are told so that a shell takes them", async () => {
    await using rig = await Rig.make();
    const { stderr } = await shell(rig, 'env "$B=1" "$0" run -- true');
    const leave = /hint: leave it out: (env -u \S+ skerry) /.exec(stderr)?.[1] ?? "";
    const again = `export PATH; skerry() { :; }; env "$(printf 'a\\377b')=1" bash -c "${leave.replace("skerry", "env")}"`;
    expect(leave).toBe("env -u $'a\\xffb' skerry");
    expect((await rig.run(["bash", "-c", again])).stdout).not.toMatch(/^a.*b=1$/m);
  });

  test("are nobody's business in variables that are read by nobody, and the sign for them is a character", async () => {
    await using rig = await Rig.make();
    expect(await shell(rig, 'env "$B=1" X="$B" "$0" ls && OLDPWD="$B" "$0" run -- true')).toMatchObject({
      exitCode: 0,
    });
    expect(await shell(rig, 'X="$SIGN" "$0" run -- printf %s "$SIGN"')).toMatchObject({
      exitCode: 0,
      stdout: "\ufffd",
    });
  });
});
