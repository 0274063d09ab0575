// Replaces itself by the program that its arguments name. Usage: replace.ts [--cwd folder] file [argument…]
import { SkerryError } from "../../../src/core/error.ts";
import { replaceProcess } from "../../../src/platform/replace.ts";
import { writeErr, writeOut } from "../../../src/platform/stdio.ts";

const [file = "", ...args] = process.argv.slice(2);
if (process.env.SAY_FIRST) writeOut(process.env.SAY_FIRST);
try {
  replaceProcess({ file, argv: [file, ...args], env: process.env as Record<string, string>, cwd: process.cwd() });
} catch (error) {
  if (!(error instanceof SkerryError)) throw error;
  writeErr(`${error.message}\n`);
  process.exitCode = Number(error.details.exec ?? 125);
}
