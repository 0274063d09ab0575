import { isUtf8 } from "node:buffer";
import { readlinkSync } from "node:fs";
import { SkerryError } from "../../core/error.ts";
import { readWhole } from "../../platform/files.ts";

/** What stands for bytes that aren't UTF-8 in every text that the runtime hands on. */
const LOST = "\ufffd";

/** What a program was started with, decoded. */
interface Started {
  /** Its arguments, the last ones of the command line. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cwd: string;
  /** Whether the variables go to a program of the user's, or only those count that are read here. */
  readonly passesOn: boolean;
}

/** Variables that are read here. */
const READ_HERE = /^(SKERRY_.*|XDG_.*|HOME|PATH|TMPDIR|VIRTUAL_ENV)$/;
/** Shells set them for themselves: to where one was before, too. */
const OF_SHELLS = /^(PWD|OLDPWD|_)$/;

/**
 * Refuses what can't be handed on as it came: a program would get other bytes, and a path would lead elsewhere. Where the
 * system doesn't tell the bytes, the sign that stands for lost ones is taken for that.
 * @throws SKE-USAGE
 */
export function refuseLostBytes({ argv, env, cwd, passesOn }: Started): void {
  const words = rawWords("/proc/self/cmdline")?.slice(-argv.length);
  const word = argv.findIndex((text, at) => text.includes(LOST) && isLost(words?.[at]));
  if (word >= 0) throw lost(`The argument ${JSON.stringify(argv[word]!.slice(0, 80))}`, "give it as UTF-8");
  const variables = new Map(rawWords("/proc/self/environ")?.map((bytes) => [nameOf(bytes), bytes]));
  for (const [name, value] of Object.entries(env)) {
    if (!`${name}${value}`.includes(LOST) || OF_SHELLS.test(name) || !(passesOn || READ_HERE.test(name))) continue;
    const bytes = variables.get(name);
    if (isLost(bytes)) throw lost(`The variable ${name}`, `leave it out: env -u ${typed(name, bytes)} skerry …`);
  }
  if (cwd.includes(LOST) && isLost(rawFolder()))
    throw lost(`The path of the folder ${cwd}`, "rename it, or go to another one");
}

function lost(what: string, hint: string): SkerryError {
  return new SkerryError("SKE-USAGE", `${what} has bytes that aren't UTF-8, which can't be passed on`, { hint });
}

/** The name of a variable as bash and zsh take it. */
function typed(name: string, bytes: Buffer | undefined): string {
  if (!bytes || !name.includes(LOST)) return name;
  const plain = (byte: number) => /[\w.-]/.test(String.fromCharCode(byte)) && byte < 0x80;
  const letters = [...bytes.subarray(0, bytes.indexOf("="))].map((byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  );
  return `$'${letters.join("")}'`;
}

function isLost(bytes: Buffer | undefined): boolean {
  return bytes === undefined || !isUtf8(bytes);
}

function nameOf(bytes: Buffer): string {
  return bytes.toString("utf8", 0, Math.max(0, bytes.indexOf("=")));
}

/** Texts that end with NUL; undefined where the system has no such file. */
function rawWords(path: string): Buffer[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readWhole(path);
  } catch {
    return undefined;
  }
  const words: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    const to = end < 0 ? bytes.length : end;
    words.push(bytes.subarray(at, to));
    at = to + 1;
  }
  return words;
}

function rawFolder(): Buffer | undefined {
  try {
    return readlinkSync("/proc/self/cwd", "buffer");
  } catch {
    return undefined;
  }
}
