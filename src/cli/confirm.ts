import { readSync } from "node:fs";
import { isErrno, SkerryError } from "../core/error.ts";
import type { Invocation } from "./invocation.ts";
import type { Output } from "./output.ts";
import { isTerminal } from "./terminal.ts";

/**
 * Asks for a yes. `--yes` gives it; nobody is asked without a terminal, in CI or with `--json`.
 * @throws SKE-USAGE when nobody can be asked, SKE-INTERRUPTED for anything but a yes
 */
export async function confirm(invocation: Invocation, question: string): Promise<void> {
  const { output, env } = invocation;
  if (invocation.flag("yes")) return;
  if (!canAsk(output, env)) {
    throw new SkerryError("SKE-USAGE", `Nobody can be asked here: ${question}`, {
      hint: "add --yes to answer yes beforehand",
    });
  }
  if (ask(output, question)) return;
  throw new SkerryError("SKE-INTERRUPTED", "Nothing was done, because the answer was no");
}

/** Asks where somebody can be asked; elsewhere nobody is, and nothing fails. */
export function hasAgreed({ output, env }: Invocation, question: string): "yes" | "no" | "unasked" {
  if (!canAsk(output, env)) return "unasked";
  return ask(output, question) ? "yes" : "no";
}

function canAsk(output: Output, env: NodeJS.ProcessEnv): boolean {
  return isTerminal(0) && isTerminal(2) && !env.CI && !output.json;
}

function ask(output: Output, question: string): boolean {
  output.raw(`${question} [y/N] `);
  return /^\s*y(es)?\s*$/i.test(readLine());
}

/** Byte by byte, for what is typed after it is somebody else's: a shell may have left its terminal in raw mode. */
function readLine(): string {
  const byte = Buffer.alloc(1);
  let line = "";
  try {
    while (line.length < 256 && readSync(0, byte) === 1 && !/[\r\n]/.test(byte.toString("latin1")))
      line += byte.toString("latin1");
  } catch (error) {
    if (!isErrno(error, "EAGAIN", "EOF", "EINTR")) throw error;
  }
  return line;
}
