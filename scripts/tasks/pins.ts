import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { at, run, TaskError } from "./command.ts";

/** The platforms whose uv is pinned, as src/packages/tools.ts names them, and what pip calls them. */
const PLATFORMS = {
  "linux x64 glibc": "manylinux_2_17_x86_64",
  "linux x64 musl": "musllinux_1_1_x86_64",
  "linux arm64 glibc": "manylinux_2_17_aarch64",
  "linux arm64 musl": "musllinux_1_1_aarch64",
  "darwin x64": "macosx_10_12_x86_64",
  "darwin arm64": "macosx_11_0_arm64",
};

/** The Pythons whose newest pip is pinned, oldest first: each takes the last one that its version reaches. */
const PYTHONS = ["3.8", "3.12"];

const FILE = "src/packages/tool-pins.ts";

/**
 * Writes the versions and hashes of uv and pip that Skerry fetches, as the package index of whoever runs it has them now.
 * @param args `uv==0.9.0`: another version than the newest
 */
export function writePins(args: readonly string[]): void {
  const asked = args.find((one) => /^uv==[\d.]+$/.test(one)) ?? "uv";
  const folder = mkdtempSync(join(tmpdir(), "skerry-pins-"));
  try {
    const uv = Object.entries(PLATFORMS).map(([platform, tag]): Pin => {
      const wheel = download(folder, asked, ["--platform", tag]);
      const version = wheel.file.split("-")[1]!;
      const script = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
      const program = ["python3", "-I", "-c", script, wheel.path, `uv-${version}.data/scripts/uv`];
      const { stdout, success } = Bun.spawnSync(program);
      if (!success) throw new TaskError(`${wheel.file} has no program uv`);
      return { for: platform, version, file: wheel.file, wheel: wheel.sha256, program: sha256(stdout) };
    });
    const versions = new Set(uv.map(({ version }) => version));
    if (versions.size !== 1)
      throw new TaskError(`the index has uv ${[...versions].join(" and ")} for different platforms`);
    const pip = PYTHONS.map((python): Pin => {
      const { file, sha256: wheel } = download(folder, "pip", ["--python-version", python]);
      return { for: python, version: file.split("-")[1]!, file, wheel };
    });
    writeFileSync(at(FILE), textOf(uv, pip));
    run(at("node_modules/.bin/biome"), ["check", "--write", FILE]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function download(folder: string, what: string, how: readonly string[]) {
  const into = mkdtempSync(join(folder, "-"));
  const options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest", into];
  run("python3", ["-m", "pip", "download", ...options, ...how, what]);
  const [file = ""] = readdirSync(into);
  const path = join(into, file);
  return { file, path, sha256: sha256(readFileSync(path)) };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

interface Pin {
  readonly for: string;
  readonly version: string;
  readonly file: string;
  readonly wheel: string;
  readonly program?: string;
}

function textOf(uv: readonly Pin[], pip: readonly Pin[]): string {
  return `// Written by: npm run pins

/** A wheel that Skerry fetches: its name, the SHA-256 of it, and of the one program that is taken out of it. */
export interface ToolPin {
  /** The platform, or the oldest Python. */
  readonly for: string;
  readonly version: string;
  readonly file: string;
  readonly wheel: string;
  readonly program?: string;
}

/** uv for each platform. */
export const UV_PINS: readonly ToolPin[] = ${JSON.stringify(uv)};

/** pip for the Python that is named and newer ones, the oldest first. */
export const PIP_PINS: readonly ToolPin[] = ${JSON.stringify(pip)};
`;
}
