// What every command but --version loads, so it imports little.
import { isErrno, SkerryError } from "../core/error.ts";
import { leaveLogs } from "../platform/write-ahead-log.ts";

import { GLOBAL_OPTIONS, type Parsed, parse, quote } from "./grammar/grammar.ts";
import { listenForInterrupts } from "./invocation/interrupts.ts";
import { Invocation } from "./invocation/invocation.ts";
import { type Engines, Library } from "./invocation/library.ts";
import { Output, wantsColor } from "./output/output.ts";
import { isTerminal } from "./output/terminal.ts";

import type { NamedVerb } from "./verb.ts";
import { verbOf } from "./verbs.ts";

/** The exit status of a program that writes to a pipe without a reader: 128 and SIGPIPE. */
const BROKEN_PIPE = 141;

/** What `skerry` itself takes when no verb is named. */
const ROOT: NamedVerb = {
  name: "",
  aliases: [],
  hidden: false,
  summary: "",
  operands: [],
  options: { version: { type: "boolean", short: "V", description: "Print the version" } },
  examples: [],
  async run(invocation) {
    const { default: verb } = await (invocation.flag("version")
      ? import("./verbs/version.ts")
      : import("./verbs/help.ts"));
    return verb.run(invocation);
  },
};

/** Does what the command line says. @param engines more engines, by name @returns the exit status */
export async function main(argv: readonly string[], engines: Engines = {}): Promise<number> {
  const { verb, rest } = splitVerb(argv);
  let spec = ROOT;
  // Until the command line is understood, its options are taken as they look.
  const typed = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  let output = outputFor((name) => typed.includes(`--${name}`));
  try {
    spec = verb === undefined ? ROOT : await verbOf(verb);
    const parsed = parse(spec, rest);
    output = outputFor((name) => parsed.values.has(name));
    if (spec !== ROOT && parsed.values.has("help")) {
      const { tellHelp } = await import("./help.ts");
      await tellHelp(output, spec);
      return 0;
    }
    return await perform(spec, parsed, output, { argv, engines });
  } catch (error) {
    if (isErrno(error, "EPIPE")) return BROKEN_PIPE;
    const { asSkerryError, exitOf, tellError } = await import("./output/failure.ts");
    const known = asSkerryError(error);
    tellError(output, known);
    return exitOf(known, spec.passesOn);
  }
}

async function perform(
  spec: NamedVerb,
  parsed: Parsed,
  output: Output,
  { argv, engines }: { readonly argv: readonly string[]; readonly engines: Engines },
): Promise<number> {
  const cwd = await enter(textOf(parsed, "directory"));
  const { env } = process;
  // What the runtime puts in the place of bytes that aren't UTF-8; a variable with such a name has no value at all.
  if (!parsed.spec.hidden && [...argv, cwd, ...Object.values(env)].some((text) => text?.includes("\ufffd") ?? true)) {
    const { refuseLostBytes } = await import("./grammar/lost-bytes.ts");
    refuseLostBytes({ argv, env, cwd, passesOn: parsed.spec.passesOn === true });
  }
  const interrupts = listenForInterrupts();
  const { signal } = interrupts;
  using library = new Library({ cwd, env, home: textOf(parsed, "home"), engines, signal, output });
  try {
    return await spec.run(new Invocation({ parsed, output, library, interrupts, env }));
  } catch (error) {
    // After a signal, however the failure looks, the signal is why.
    throw signal.aborted ? signal.reason : error;
  } finally {
    leaveLogs();
  }
}

/** Takes the verb out from among the global options before it. */
function splitVerb(argv: readonly string[]): { verb?: string; rest: readonly string[] } {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith("-") || word === "-") return { verb: word, rest: argv.toSpliced(i, 1) };
    if (word === "--") break;
    if (takesNextWord(word)) i++;
  }
  return { rest: argv };
}

function takesNextWord(word: string): boolean {
  return Object.entries(GLOBAL_OPTIONS).some(
    ([name, option]) => option.type === "string" && (word === `--${name}` || word === `-${option.short}`),
  );
}

function textOf(parsed: Parsed, name: string): string | undefined {
  const value = parsed.values.get(name);
  return value === undefined || value === true ? undefined : value[0];
}

function outputFor(has: (name: string) => boolean): Output {
  return new Output({
    json: has("json"),
    quiet: has("quiet"),
    verbose: has("verbose"),
    color: (stream, configured) =>
      wantsColor(isTerminal(stream === "out" ? 1 : 2), process.env, has("no-color"), configured),
  });
}

/** Changes to a folder, where one is named. @returns the working folder @throws SKE-IO */
async function enter(directory: string | undefined): Promise<string> {
  try {
    if (directory !== undefined) process.chdir(directory);
    return process.cwd();
  } catch (error) {
    if (directory !== undefined) {
      const { ioError } = await import("../platform/files.ts");
      throw ioError("change to", quote(directory), error);
    }
    throw new SkerryError("SKE-IO", "The current folder is gone", {
      hint: "go to a folder that exists and that you may enter",
      cause: error,
    });
  }
}
