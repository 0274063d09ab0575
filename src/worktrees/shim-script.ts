import { quotePosix } from "../core/quote.ts";
import { type Code, fillIn } from "../core/script.ts";
import SHIM from "./shim.sh" with { type: "text" };

/**
 * A program for POSIX sh that stands on PATH under the name of another one, and becomes that of the environment which
 * the working folder has ({@link environmentOf} in another language: `[` of all known shells has -ef, -O and -k). Else it
 * becomes the next one on PATH.
 *
 * It starts no process and reads one small file; but where git has written its index since, Skerry is asked whether
 * that tracks files of the environment (see vouch.ts). What else stands for the same programs on PATH (the shims of pyenv,
 * asdf, mise, another state folder) may lead back here within the same process, so each way out is taken once, and the
 * ways begin again when there are no more, a hundred times: a program may start itself anew.
 * @param program the executable, absolute
 */
export function shimScript(home: string, program: string): Code {
  const [HOME, SKERRY] = [quotePosix(home), quotePosix(program)];
  return fillIn(SHIM, { HOME, SKERRY, MARKS: quotePosix(MARKS.map(octal).join(" ")) });
}

/** What the class of control characters doesn't have in every shell and locale: those of C1, and marks of direction. */
const MARKS = [
  ...Array.from({ length: 32 }, (_, at) => String.fromCharCode(0x80 + at)),
  ...Array.from("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
];

/** A character as `printf` of a shell takes it. */
function octal(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8)}`).join("");
}
