import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryOf } from "../../src/platform/temporary.ts";
import { manifest, PIXI, PixiRig } from "../engines/pixi/setup.ts";
import type { Outcome } from "../rig/program.ts";
import { Rig } from "../rig/rig.ts";

/** Sockets as programs make them below TMPDIR, whether they ask where a link leads or not. */
const SOCKETS = `
import multiprocessing, os, socket, tempfile

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        assert shared["a"] == 1
    folder = os.path.realpath(tempfile.mkdtemp(prefix="pytest-of-somebody-"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(folder, "s" * 40))
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(server.getsockname())
    print(tempfile.gettempdir())
`;

/** Longer than what a socket's name may have. */
const LONG = "a-very-long-name-of-a-folder/".repeat(4);

/** A user who isn't root, and whose state lies at a long path. */
class Deep implements AsyncDisposable {
  readonly rig: Rig;
  readonly home: string;
  readonly script: string;

  constructor(rig: Rig) {
    this.rig = rig;
    this.home = join(rig.user, LONG, "state");
    this.script = rig.write("sockets.py", SOCKETS);
  }

  static async make(): Promise<Deep> {
    return new Deep(await Rig.ordinary());
  }

  run(...args: string[]): Promise<Outcome> {
    return this.rig.skerry(args, { env: { SKERRY_HOME: this.home } });
  }

  async ok(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    expect({ args, exitCode, stderr }).toMatchObject({ args, exitCode: 0 });
    return stdout.trim();
  }

  /** Where the only environment has its temporary files. */
  temporary(): string {
    const [id] = readdirSync(join(this.home, "envs"));
    return temporaryOf(join(this.home, "envs", id!));
  }

  async [Symbol.asyncDispose]() {
    const envs = join(this.home, "envs");
    if (existsSync(envs))
      for (const id of readdirSync(envs)) rmSync(temporaryOf(join(envs, id)), { recursive: true, force: true });
    await this.rig[Symbol.asyncDispose]();
  }
}

describe("temporary files of an environment whose state lies at a long path", () => {
  for (const engine of ["basic", "virtualenv"]) {
    test(`${engine}: lie where sockets have room, apart from others, and go with it`, async () => {
      await using deep = await Deep.make();
      const { rig } = deep;
      await deep.ok("create", "one", "--engine", engine, "--python", rig.python);
      const temporary = deep.temporary();
      expect(await deep.ok("exec", "one", "--", "python", deep.script)).toBe(temporary);
      expect(await deep.ok("exec", "one", "python", deep.script)).toBe(temporary);
      expect(lstatSync(temporary).mode & 0o7777).toBe(0o700);
      await deep.ok("create", "two", "--engine", engine, "--python", rig.python);
      expect(await deep.ok("exec", "two", "--", "python", deep.script)).not.toBe(temporary);
      await deep.ok("rm", "one", "--yes");
      expect(existsSync(temporary)).toBe(false);
    });
  }

  test.skipIf(PIXI === undefined)("pixi: lie where sockets have room", async () => {
    await using pixi = await PixiRig.make();
    const home = join(pixi.rig.user, LONG, "state");
    const env = { SKERRY_HOME: home };
    pixi.rig.write("pixi.toml", manifest('python = "*"'));
    const script = pixi.rig.write("sockets.py", SOCKETS);
    expect(await pixi.skerry(["create", "app", "--engine", "pixi"], { env })).toMatchObject({ exitCode: 0 });
    const found = await pixi.skerry(["exec", "app", "python", script], { env });
    const temporary = temporaryOf(join(home, "envs", readdirSync(join(home, "envs"))[0]!));
    expect(found).toMatchObject({ exitCode: 0, stdout: `${temporary}\n` });
    expect(await pixi.skerry(["rm", "app", "--yes"], { env })).toMatchObject({ exitCode: 0 });
    expect(existsSync(temporary)).toBe(false);
  });

  test("are the same in a shell, by activate, in a task and with a prefix of the project's", async () => {
    await using deep = await Deep.make();
    const { rig } = deep;
    rig.write("skerry.toml", '[tasks]\nsockets = "python sockets.py"\n');
    await deep.ok("trust", "--yes");
    await deep.ok("create", "one", "--prefix", ".venv", "--python", rig.python);
    const temporary = deep.temporary();
    expect(await deep.ok("task", "sockets")).toContain(temporary);
    rmSync(temporary, { recursive: true, force: true });
    const activate = await deep.ok("activate", "one", "--shell", "bash");
    rig.write("activate", activate);
    const entered = await rig.run(["bash", "-c", "source ./activate && python sockets.py"]);
    expect(entered).toMatchObject({ exitCode: 0, stdout: `${temporary}\n` });
    rmSync(temporary, { recursive: true, force: true });
    const shell = await rig.skerry(["shell", "one", "--shell", "sh"], {
      env: { SKERRY_HOME: deep.home },
      input: "python sockets.py\n",
    });
    expect(shell).toMatchObject({ exitCode: 0, stdout: `${temporary}\n` });
  });
});

describe("the folder of temporary files", () => {
  const made: string[] = [];
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  test("is made again when the machine cleaned up, and its mode put right, without a word", async () => {
    await using deep = await Deep.make();
    await deep.ok("create", "one", "--engine", "basic", "--python", deep.rig.python);
    const temporary = deep.temporary();
    const ask = () => deep.ok("exec", "one", "sh", "-c", 'stat -c %a "$TMPDIR" && echo "$TMPDIR"');
    expect(await ask()).toBe(`700\n${temporary}`);
    rmSync(temporary, { recursive: true });
    expect(await deep.ok("check", "one")).not.toContain(temporary);
    expect(await ask()).toBe(`700\n${temporary}`);
    chmodSync(temporary, 0o777);
    expect(await ask()).toBe(`700\n${temporary}`);
  });

  const others: Record<string, (path: string, folder: string) => void> = {
    // Where the tests run as root the rig's user is another.
    "another user's folder": (path) => mkdirSync(path, { mode: 0o777 }),
    "a link to a folder": (path, folder) => symlinkSync(folder, path),
    "a file": (path) => writeFileSync(path, "mine"),
  };
  for (const [what, put] of Object.entries(others)) {
    test.skipIf(process.geteuid?.() !== 0)(`isn't taken where ${what} stands: then it is in the state`, async () => {
      await using deep = await Deep.make();
      await deep.ok("create", "one", "--python", deep.rig.python);
      const temporary = deep.temporary();
      made.push(temporary);
      const folder = join(deep.rig.tmp, "target");
      mkdirSync(folder, { mode: 0o777 });
      put(temporary, folder);
      const own = await deep.ok("exec", "one", "sh", "-c", 'echo x > "$TMPDIR/mine" && echo "$TMPDIR"');
      expect(own).toStartWith(`${deep.home}/envs/`);
      expect(readdirSync(folder)).toEqual([]);
      await deep.ok("rm", "one", "--yes");
      expect(lstatSync(temporary, { throwIfNoEntry: false })).toBeDefined();
    });
  }

  test("goes with a folder that has no record", async () => {
    await using deep = await Deep.make();
    await deep.ok("create", "one", "--python", deep.rig.python);
    await deep.ok("exec", "one", "true");
    const temporary = deep.temporary();
    expect(existsSync(temporary)).toBe(true);
    for (const name of readdirSync(deep.home)) if (name.startsWith("state.db")) rmSync(join(deep.home, name));
    const [id] = readdirSync(join(deep.home, "envs"));
    const old = new Date(Date.now() - 3 * 86_400_000);
    for (const path of [temporary, join(deep.home, "envs", id!), join(deep.home, "envs", id!, "tmp")])
      utimesSync(path, old, old);
    await deep.run("doctor", "--fix");
    expect(existsSync(join(deep.home, "envs", id!))).toBe(false);
    expect(existsSync(temporary)).toBe(false);
  });
});
