import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newestPython } from "../../rig/pythons.ts";
import { type Outcome, type ProgramOptions, Rig } from "../../rig/rig.ts";

/**
 * A real pixi; undefined: there is none, and what needs it is skipped. One is built by
 * `cargo build --locked --manifest-path tests/engines/pixi/build/Cargo.toml`, as continuous integration does.
 */
export const PIXI = onPath() ?? built();
if (PIXI === undefined && process.env.CI && Bun.which("cargo")) throw new Error("pixi was not built: see PIXI");

function onPath(): string | undefined {
  const found = (process.env.PATH ?? "").split(":").map((folder) => join(folder, "pixi"));
  return found.find((path) => {
    try {
      const told = execFileSync(path, ["--version"], {
        encoding: "utf8",
        timeout: 20_000,
        stdio: ["ignore", "pipe", "ignore"],
      });
      return /^pixi \d/.test(told);
    } catch {
      return false;
    }
  });
}

function built(): string | undefined {
  const path = join(import.meta.dirname, "build/target/debug/pixi");
  return existsSync(path) ? path : undefined;
}

let made: { readonly folder: string; readonly platform: string } | undefined;

/** A folder of this test run: the channel that packages come from, for which platform, and what pixi keeps of it. */
function shared() {
  if (made) return made;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "skerry-pixi-")));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const argv = ["-I", join(import.meta.dirname, "channel.py"), join(folder, "channel")];
  made = { folder, platform: execFileSync(newestPython().path, argv, { encoding: "utf8" }).trim() };
  return made;
}

/** The text of a pixi.toml whose packages come from the test's channel. @param rest the tables after `[dependencies]` */
export function manifest(dependencies: string, rest = ""): string {
  const { folder, platform } = shared();
  return [
    "[project]",
    'name = "shop"',
    `channels = ["file://${folder}/channel"]`,
    `platforms = ["${platform}"]`,
    "",
    "[dependencies]",
    dependencies,
    rest,
  ].join("\n");
}

/**
 * The lock that pixi makes of a manifest. With it, a pixi before 0.21 has nothing to resolve, while which it hangs once in
 * a while.
 */
export function lockOf(manifest: string): string {
  const known = locks.get(manifest);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(shared().folder, "lock-"));
  writeFileSync(join(folder, "pixi.toml"), manifest);
  const env = { ...process.env, HOME: folder, ...pixiVariables(folder) };
  for (let left = 4; ; left--) {
    try {
      execFileSync(PIXI!, ["install"], { cwd: folder, env, timeout: 10_000, killSignal: "SIGKILL", stdio: "pipe" });
      break;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
  const lock = readFileSync(join(folder, "pixi.lock"), "utf8");
  locks.set(manifest, lock);
  return lock;
}

const locks = new Map<string, string>();

/** The variables under which pixi leaves the user's own files alone. @param home HOME */
export function pixiVariables(home: string): Record<string, string> {
  return { PIXI_HOME: join(home, ".pixi"), RATTLER_CACHE_DIR: join(shared().folder, "rattler"), PIXI_COLOR: "never" };
}

/** A rig with pixi on PATH. */
export class PixiRig implements AsyncDisposable {
  readonly rig: Rig;
  readonly env: Record<string, string>;
  /** The change of variables that takes pixi away. */
  readonly without: Record<string, string>;

  private constructor(rig: Rig) {
    this.rig = rig;
    this.env = { ...rig.env, ...pixiVariables(rig.user), PATH: `${dirname(PIXI ?? "/none")}:${rig.env.PATH}` };
    const folders = rig.env.PATH!.split(":").filter((folder) => !existsSync(join(folder, "pixi")));
    this.without = { PATH: folders.join(":") };
  }

  static async make(): Promise<PixiRig> {
    return new PixiRig(await Rig.make());
  }

  /** The change of variables that puts a program in pixi's place which makes empty environments, whatever a manifest says. */
  empty(): Record<string, string> {
    const answer = `printf '{"environment_variables": {"PATH": "%s"}}' "$PWD/.pixi/envs/default/bin:$PATH"`;
    const verbs = [
      '--version) echo "pixi 0.40.0";;',
      "install) mkdir -p .pixi/envs/default/conda-meta;;",
      `shell-hook) ${answer};;`,
    ];
    const path = this.rig.write("../empty-pixi/pixi", `#!/bin/sh\ncase $1 in\n${verbs.join("\n")}\nesac\n`, 0o755);
    return { PATH: `${dirname(path)}:${this.rig.env.PATH}` };
  }

  /** Runs `skerry`, by default in the rig's folder. */
  skerry(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return this.rig.skerry(args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** The same, which has to succeed. @returns stdout */
  async ok(args: readonly string[], options: ProgramOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.skerry(args, options);
    if (exitCode !== 0) throw new Error(`skerry ${args.join(" ")}: ${exitCode}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Writes a manifest and its lock. @returns the manifest's path */
  project(text: string, folder = "."): string {
    this.rig.write(`${folder}/pixi.lock`, lockOf(text));
    return this.rig.write(`${folder}/pixi.toml`, text);
  }

  /** Runs pixi itself, which has to succeed. @returns stdout */
  async pixi(args: readonly string[], options: ProgramOptions = {}): Promise<string> {
    const ask = () =>
      this.rig.run([PIXI!, ...args], { timeout: 10_000, ...options, env: { ...this.env, ...options.env } });
    const { exitCode, stdout, stderr } = await ask().catch(ask).catch(ask);
    if (exitCode !== 0) throw new Error(`pixi ${args.join(" ")}: ${exitCode}\n${stdout}${stderr}`);
    return stdout;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rig[Symbol.asyncDispose]();
  }
}
