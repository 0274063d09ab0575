import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { at, run, TaskError } from "./command.ts";

/** The platforms whose wheel of uv is pinned, as pip names them. That of aarch64 is for glibc and musl alike. */
const PLATFORMS = [
  "manylinux_2_17_x86_64",
  "musllinux_1_1_x86_64",
  "manylinux_2_17_aarch64",
  "macosx_10_12_x86_64",
  "macosx_11_0_arm64",
];

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
    const uv = PLATFORMS.map((platform) => {
      const wheel = download(folder, asked, ["--platform", platform]);
      const version = wheel.name.split("-")[1]!;
      const script = `import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))`;
      const { stdout } = Bun.spawnSync(["python3", "-I", "-c", script, wheel.path, `uv-${version}.data/scripts/uv`]);
      return { version, wheel: wheel.sha256, program: sha256(stdout) };
    });
    const versions = new Set(uv.map(({ version }) => version));
    if (versions.size !== 1) throw new TaskError(`the index has ${[...versions].join(" and ")} for different platforms`);
    const pip = PYTHONS.map((python) => {
      const { name, sha256: wheel } = download(folder, "pip", ["--python-version", python]);
      return { python, version: name.split("-")[1]!, wheel };
    });
    writeFileSync(at(FILE), textOf([...versions][0]!, uv, pip));
    run(at("node_modules/.bin/biome"), ["check", "--write", FILE]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function download(folder: string, what: string, how: readonly string[]) {
  const into = mkdtempSync(join(folder, "-"));
  const options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest", into];
  run("python3", ["-m", "pip", "download", ...options, ...how, what]);
  const [name = ""] = readdirSync(into);
  const path = join(into, name);
  return { name, path, sha256: sha256(readFileSync(path)) };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function textOf(
  version: string,
  uv: readonly { readonly wheel: string; readonly program: string }[],
  pip: readonly Readonly<Record<"python" | "version" | "wheel", string>>[],
): string {
  const members = uv.map((one) => `{ wheel: "${one.wheel}", program: "${one.program}" },`);
  const pips = pip.map((one) => `{ python: "${one.python}", version: "${one.version}", wheel: "${one.wheel}" },`);
  return `// Written by: npm run pins

/** The uv that Skerry fetches: SHA-256 of the wheel of each platform, and of the program in it. */
export const UV_PIN = {
  version: "${version}",
  files: [${members.join("\n")}],
} as const;

/** The pips that Skerry fetches, each for this Python and newer ones: SHA-256 of the wheel. Oldest first. */
export const PIP_PINS = [${pips.join("\n")}] as const;
`;
}
