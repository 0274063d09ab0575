import { createHash } from "node:crypto";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** A distribution file as an index serves it. */
export interface Distribution {
  readonly project: string;
  readonly version: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly requiresPython?: string;
  readonly yanked?: string;
}

/** What a wheel made for a test holds; everything but name and version has a default. */
export interface WheelInit {
  readonly name: string;
  readonly version: string;
  /** Files by path inside site-packages. Absent: a module of the project's name that holds `VERSION`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Files by path below `<name>-<version>.data/`, such as `data/etc/x.conf` or `scripts/tool`. */
  readonly data?: Readonly<Record<string, string | Uint8Array>>;
  /** Requires-Dist lines. */
  readonly requires?: readonly string[];
  /** Requires-Dist lines by extra. */
  readonly extras?: Readonly<Record<string, readonly string[]>>;
  readonly requiresPython?: string;
  /** What METADATA says behind its header. */
  readonly description?: string;
  /** `entry_points.txt`: console scripts, name → `module:function`. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** More sections of `entry_points.txt`, as text. */
  readonly entryPoints?: string;
  /** Compatibility tag, `py3-none-any` when absent. */
  readonly tag?: string;
  readonly yanked?: string;
}

interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;
const moduleName = (name: string) => name.replace(/[-_.]+/g, "_").toLowerCase();

/** A zip archive (deflate, no zip64): APPNOTE.TXT 4.3. Times are fixed, so equal contents give equal bytes. */
export function zip(entries: readonly Entry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes, executable } of entries) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes);
    // From "version needed" to "extra length": the same in both headers.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(0, 6);
    shared.writeUInt16LE(0x5821, 8);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), shared, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((executable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** A ustar archive, gzipped. */
export function tarGz(entries: readonly Entry[]): Uint8Array {
  const blocks: Buffer[] = [];
  for (const { path, bytes, executable } of entries) {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write(executable ? "0000755\0" : "0000644\0", 100);
    header.write("0000000\0" + "0000000\0", 108);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("14000000000\0", 136);
    header.write("        0", 148);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function metadata(init: WheelInit): string {
  return [
    "Metadata-Version: 2.1",
    `Name: ${init.name}`,
    `Version: ${init.version}`,
    ...(init.requiresPython ? [`Requires-Python: ${init.requiresPython}`] : []),
    ...(init.requires ?? []).map((line) => `Requires-Dist: ${line}`),
    ...Object.entries(init.extras ?? {}).flatMap(([extra, lines]) => [
      `Provides-Extra: ${extra}`,
      ...lines.map((line) => `Requires-Dist: ${line} ; extra == "${extra}"`),
    ]),
    "",
    init.description ?? "",
  ].join("\n");
}

function distribution(init: WheelInit, filename: string, bytes: Uint8Array): Distribution {
  return {
    project: init.name,
    version: init.version,
    filename,
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    ...(init.requiresPython === undefined ? {} : { requiresPython: init.requiresPython }),
    ...(init.yanked === undefined ? {} : { yanked: init.yanked }),
  };
}

/** Builds a correct wheel (RECORD with hashes included), as the binary distribution format specifies. */
export function buildWheel(init: WheelInit): Distribution {
  const stem = `${moduleName(init.name)}-${init.version}`;
  const tag = init.tag ?? "py3-none-any";
  const files = init.files ?? { [`${moduleName(init.name)}.py`]: `VERSION = ${JSON.stringify(init.version)}\n` };
  const entries: Entry[] = Object.entries(files).map(([path, content]) => ({ path, bytes: bytesOf(content) }));
  for (const [path, content] of Object.entries(init.data ?? {})) {
    entries.push({ path: `${stem}.data/${path}`, bytes: bytesOf(content), executable: path.startsWith("scripts/") });
  }
  const info = `${stem}.dist-info`;
  const pure = tag.endsWith("-none-any");
  const wheel = `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: ${pure}\nTag: ${tag}\n`;
  entries.push({ path: `${info}/METADATA`, bytes: bytesOf(metadata(init)) });
  entries.push({ path: `${info}/WHEEL`, bytes: bytesOf(wheel) });
  const scripts = Object.entries(init.scripts ?? {}).map(([name, target]) => `${name} = ${target}`);
  const points = [...(scripts.length ? ["[console_scripts]", ...scripts] : []), init.entryPoints ?? ""].join("\n");
  if (points.trim()) entries.push({ path: `${info}/entry_points.txt`, bytes: bytesOf(`${points}\n`) });
  const record = entries.map(({ path, bytes }) => {
    const hash = createHash("sha256").update(bytes).digest("base64url");
    return `${path},sha256=${hash},${bytes.length}`;
  });
  entries.push({ path: `${info}/RECORD`, bytes: bytesOf([...record, `${info}/RECORD,,`, ""].join("\n")) });
  return distribution(init, `${stem}-${tag}.whl`, zip(entries));
}

/** Python of a build backend that needs nothing from an index: it hands out the wheel that lies beside it. */
const BACKEND = `
import os, shutil, sys
HERE = os.path.dirname(os.path.abspath(__file__))
def build_wheel(directory, config_settings=None, metadata_directory=None):
    for name in os.listdir(HERE):
        if name.endswith(".whl"):
            shutil.copy(os.path.join(HERE, name), directory)
            return name
    raise SystemExit("no wheel")
build_editable = build_wheel
`;

/** Files of a project whose build needs no network; `failing`: the build prints this and fails. */
export function projectFiles(init: WheelInit & { readonly failing?: string }): Record<string, Uint8Array> {
  const wheel = buildWheel(init);
  const failing = `
import sys
def build_wheel(*_args, **_options):
    print(${JSON.stringify(init.failing ?? "")}, file=sys.stderr)
    raise RuntimeError("the build of ${init.name} fails on purpose")
build_editable = build_wheel
`;
  const pyproject = `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["backend"]\n`;
  const table = [
    `[project]`,
    `name = ${JSON.stringify(init.name)}`,
    `version = ${JSON.stringify(init.version)}`,
    ...(init.requiresPython ? [`requires-python = ${JSON.stringify(init.requiresPython)}`] : []),
    `dependencies = ${JSON.stringify(init.requires ?? [])}`,
  ];
  return {
    "pyproject.toml": bytesOf(`${pyproject}${init.failing === undefined ? `${table.join("\n")}\n` : ""}`),
    "PKG-INFO": bytesOf(metadata(init)),
    "backend/backend.py": bytesOf(init.failing === undefined ? BACKEND : failing),
    ...(init.failing === undefined ? { [`backend/${wheel.filename}`]: wheel.bytes } : {}),
  };
}

/** Builds a source distribution out of {@link projectFiles}. */
export function buildSdist(init: WheelInit & { readonly failing?: string }): Distribution {
  const stem = `${moduleName(init.name)}-${init.version}`;
  const entries = Object.entries(projectFiles(init)).map(([path, bytes]) => ({ path: `${stem}/${path}`, bytes }));
  return distribution(init, `${stem}.tar.gz`, tarGz(entries));
}
