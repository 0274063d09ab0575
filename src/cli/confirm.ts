import { readSync } from "node:fs";
import { isErrno, SkerryError } from "../core/error.ts";
import type { Invocation } from "./invocation.ts";
import { isTerminal } from "./terminal.ts";

/**
 * Asks for a yes. `--yes` gives it; nobody is asked without a terminal, in CI or with `--json`.
 * @throws SKE-USAGE when nobody can be asked, SKE-INTERRUPTED for anything but a yes
 */
export async function confirm(invocation: Invocation, question: string): Promise<void> {
  const { output, env } = invocation;
  if (invocation.flag("yes")) return;
  if (!isTerminal(0) || !isTerminal(2) || env.CI || output.json) {
    throw new SkerryError("SKE-USAGE", `Nobody can be asked here: ${question}`, {
      hint: "add --yes to answer yes beforehand",
    });
  }
  output.raw(`${question} [y/N] `);
  if (/^\s*y(es)?\s*$/i.test(readLine())) return;
  throw new SkerryError("SKE-INTERRUPTED", "Nothing was done, because the answer was no");
}

function readLine(): string {
  const buffer = Buffer.alloc(256);
  try {
    return buffer.toString("utf8", 0, readSync(0, buffer));
  } catch (error) {
    if (isErrno(error, "EAGAIN", "EOF", "EINTR")) return "";
    throw error;
  }
}
