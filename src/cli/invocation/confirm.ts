import { read } from "node:fs";
import { SkerryError } from "../../core/error.ts";
import type { Output } from "../output/output.ts";
import { isTerminal } from "../output/terminal.ts";
import type { Invocation } from "./invocation.ts";

/**
 * Asks for a yes. `--yes` gives it; nobody is asked without a terminal, in CI or with `--json`.
 * @throws SKE-USAGE when nobody can be asked, SKE-INTERRUPTED for anything but a yes
 */
export async function confirm(invocation: Invocation, question: string): Promise<void> {
  if (invocation.flag("yes")) return;
  const answer = await ask(invocation, question);
  if (answer === undefined) {
    throw new SkerryError("SKE-USAGE", `Nobody can be asked here: ${question}`, {
      hint: "add --yes to answer yes beforehand",
    });
  }
  if (YES.test(answer.trim())) return;
  throw new SkerryError("SKE-INTERRUPTED", "Nothing was done, because the answer was no");
}

/**
 * Asks where somebody can be asked; elsewhere nobody is, and nothing fails. What is no answer, such as a command that was
 * typed ahead, is told and means nothing; so does an interruption.
 */
export async function hasAgreed(invocation: Invocation, question: string): Promise<"yes" | "no" | "unsaid"> {
  const answer = await ask(invocation, question);
  if (answer === undefined || invocation.signal.aborted || answer.includes("\x03")) return "unsaid";
  if (YES.test(answer.trim())) return "yes";
  if (/^(no?)?$/i.test(answer.trim())) return "no";
  invocation.output.warn(
    `${JSON.stringify(answer)} was typed before the question, and is taken for no answer`,
    "type it again",
  );
  return "unsaid";
}

const YES = /^y(es)?$/i;

/** @returns undefined where nobody can be asked */
async function ask({ output, env, signal }: Invocation, question: string): Promise<string | undefined> {
  if (!canAsk(output, env)) return undefined;
  output.ask(`${question} [y/N] `);
  const stopped = new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve(""), { once: true }));
  return Promise.race([readLine(), stopped]);
}

function canAsk(output: Output, env: NodeJS.ProcessEnv): boolean {
  return isTerminal(0) && isTerminal(2) && !env.CI && !output.json;
}

/** Byte by byte, for what is typed after it is somebody else's: a shell may have left its terminal in raw mode. */
async function readLine(): Promise<string> {
  let line = "";
  for (;;) {
    const byte = await readByte();
    if (byte === "" || byte === "\n" || byte === "\r" || line.length === 256) return line;
    line += byte;
    if (byte === "\x03") return line;
  }
}

/** The next byte; empty at the end of input. */
function readByte(): Promise<string> {
  const buffer = Buffer.alloc(1);
  return new Promise((resolve) =>
    read(0, buffer, 0, 1, null, (error, count) => resolve(error || count === 0 ? "" : buffer.toString("latin1"))),
  );
}
