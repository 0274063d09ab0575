import { resolve } from "node:path";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { quotePython } from "../core/quote.ts";
import { fillIn } from "../core/script.ts";
import { runTool } from "../processes/run-tool.ts";
import { scrub } from "./environment-variables.ts";
import { type InterpreterFacts, interpreterFile, OLDEST_PYTHON } from "./interpreter.ts";
import PROBE from "./probe.py" with { type: "text" };

/** Before the answer, which may stand behind other output. */
export const PROBE_MARK = "skerry-facts:";
/**
 * Run under `-E -s -S -c`, prints one line, the mark and a JSON object. It parses on Python 2.7 and 3.0 too, so that an
 * old interpreter can say its version instead of a syntax error.
 *
 * It imports nothing from the current folder (as `-I` would have it, which 2.7 doesn't know), runs no `.pth` file
 * and no sitecustomize. `sys.prefix` of a virtual environment is set by `site` up to 3.13, so pyvenv.cfg is read there.
 */
const SCRIPT = fillIn(PROBE, { MARK: quotePython(PROBE_MARK) });

type Answer = Omit<InterpreterFacts, "path" | "version" | "realPath" | "mtimeMs" | "size"> & {
  readonly serial: number;
};

/**
 * Asks an interpreter for its facts by running it once, without site, the caller's Python variables or user files.
 * @throws SKE-PYTHON-UNSUPPORTED for one older than 3.8 or of an unknown kind; SKE-PYTHON-BROKEN for one that doesn't
 *   start, doesn't end within `timeoutMs` (15,000), or prints something else; SKE-PYTHON-NOT-FOUND
 */
export async function probeInterpreter(
  path: string,
  op: Operation,
  options: { readonly timeoutMs?: number } = {},
): Promise<InterpreterFacts> {
  const absolute = resolve(path);
  const file = interpreterFile(absolute);
  const answer = await ask(absolute, op, options.timeoutMs ?? 15_000);
  const [major, minor, micro] = answer.versionInfo;
  const level = { alpha: "a", beta: "b", candidate: "rc", final: "" }[answer.releaseLevel] ?? "";
  const version = `${major}.${minor}.${micro}${level && `${level}${answer.serial}`}`;
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
    throw new SkerryError("SKE-PYTHON-UNSUPPORTED", `Can't use ${absolute}: it is Python ${version}`, {
      hint: `environments need Python ${OLDEST_PYTHON.join(".")} or newer`,
      details: { path: absolute, version },
    });
  }
  if (answer.implementation !== "cpython" && answer.implementation !== "pypy") {
    throw new SkerryError("SKE-PYTHON-UNSUPPORTED", `Can't use ${absolute}: its kind is ${answer.implementation}`, {
      hint: "CPython and PyPy can be used",
      details: { path: absolute, implementation: answer.implementation },
    });
  }
  const { serial: _, ...facts } = answer;
  return { ...facts, path: absolute, version, libc: answer.libc || (await otherLibc()), ...file };
}

/** Only glibc tells its version to a program; a musl interpreter can stand on a glibc machine. */
async function otherLibc(): Promise<string> {
  if (process.platform !== "linux") return "";
  const { libcTag } = await import("../platform/platform.ts");
  const tag = libcTag();
  return tag.startsWith("musl") ? tag : "musl";
}

async function ask(path: string, op: Operation, timeoutMs: number): Promise<Answer> {
  const broken = (what: string, cause?: unknown) =>
    new SkerryError("SKE-PYTHON-BROKEN", `Asked ${path} what Python it is, but ${what}`, {
      hint: "start it by hand to see whether it works, or choose another interpreter",
      details: { path },
      cause,
    });
  let result: Awaited<ReturnType<typeof runTool>>;
  try {
    result = await runTool([path, "-E", "-s", "-S", "-c", SCRIPT], {
      op,
      timeoutMs,
      cwd: "/",
      env: scrub(process.env),
    });
  } catch (error) {
    if (!(error instanceof SkerryError) || error.code === "SKE-INTERRUPTED") throw error;
    if (error.code === "SKE-TIMEOUT") throw broken(`it didn't answer within ${timeoutMs / 1000} s`, error);
    throw broken(`it didn't start: ${error.message}`, error);
  }
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-5).join("\n").slice(-1000);
  const at = result.stdout.lastIndexOf(`\n${PROBE_MARK}`);
  if (at < 0) {
    const end = result.signal === null ? `it ended with status ${result.exitCode}` : `${result.signal} ended it`;
    throw broken(`${end} and gave no answer${said && `; it printed:\n${said}`}`);
  }
  try {
    const line = result.stdout.slice(at + PROBE_MARK.length + 1).split("\n", 1)[0] ?? "";
    const answer = JSON.parse(line) as Answer;
    if (Array.isArray(answer.versionInfo)) return answer;
  } catch (error) {
    throw broken(`its answer can't be read: ${said}`, error);
  }
  throw broken(`its answer can't be read: ${said}`);
}
