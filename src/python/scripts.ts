import { withoutEnd } from "../core/scan.ts";
import FIND_PYTHON from "./find-python.sh" with { type: "text" };

/**
 * The head of a script that finds its interpreter beside itself, so that it works wherever its environment lies. `sh`
 * reads it as commands (`''':'` is the command `:`) and is replaced before it reaches the rest; to Python it is a string.
 * It sets no variable, which the program would inherit, and starts a process only when it is called through a symbolic
 * link. A name without a slash comes from a PATH with an empty entry, or from `sh name`: both mean the working folder.
 */
const BODY = `''':'\n${FIND_PYTHON}'''`;

const SHELL = "#!/bin/sh\n";

/** PEP 263: what a comment in one of the first two lines must look like to name the encoding. */
const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)/;

/** A string, and nothing else, as the first statement: the script's docstring. */
const DOCSTRING = /^(?:[ \t\f]*(?:#[^\n]*|\r)?\n)*(?=[rRuU]?["'])/;

/** The command of a first line such as `#!/usr/bin/python3 -E`, with the length of the head that it stands in. */
interface Shebang {
  readonly program: string;
  readonly length: number;
}

/**
 * Reads which program a script starts with: from its first line, or, where installers hide a path that is too long or has
 * spaces in it, from the `'''exec' "/path/python" "$0" "$@"` below `#!/bin/sh`.
 */
export function readShebang(text: string): Shebang | undefined {
  const hidden = /^#! ?\/bin\/sh\r?\n'''exec' ("(?:[^"]*)"|'(?:[^']*)'|\S+) [^\n]*\n' '''\r?\n/.exec(text);
  if (hidden) return { program: hidden[1]!.replace(/^(["'])(.*)\1$/s, "$2"), length: hidden[0].length };
  const plain = /^#!([^\r\n]*)\r?\n/.exec(text);
  if (!plain) return undefined;
  // A path may have spaces; an option of Python begins with a dash.
  const command = plain[1]!.replace(/^[ \t]+/, "");
  const name = command.lastIndexOf("/") + 1;
  const option = command.slice(name).search(/[ \t]-/);
  const program = withoutEnd(option < 0 ? command : command.slice(0, name + option), " \t");
  return { program, length: plain[0].length };
}

/**
 * Makes a Python script find its interpreter beside itself (see {@link BODY}). A declared encoding moves to the second
 * line, where Python looks for it, and the script keeps its docstring.
 * @param isOurs tells whether a program is the interpreter that the script was installed for
 * @returns the new content; undefined when the file isn't a script of that interpreter (binaries among them)
 */
export function relocateScript(content: Uint8Array, isOurs: (program: string) => boolean): Uint8Array | undefined {
  if (content[0] !== 0x23 || content[1] !== 0x21) return undefined;
  // Latin-1 keeps every byte as it is, whatever the script's encoding.
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  const shebang = readShebang(text);
  if (!shebang || !isOurs(Buffer.from(shebang.program, "latin1").toString("utf8"))) return undefined;
  let rest = text.slice(shebang.length);
  const [first = ""] = rest.split("\n", 1);
  const coding = CODING.exec(first)?.[1];
  let head = SHELL;
  if (coding !== undefined) {
    rest = rest.slice(first.length + 1);
    if (!/^utf-?8$/i.test(coding)) head += `# -*- coding: ${coding} -*-\n`;
  }
  const comments = DOCSTRING.exec(rest)?.[0];
  if (comments === undefined) return Buffer.from(`${head}${BODY}\n${rest}`, "latin1");
  // Its first string is no docstring any more. An assignment keeps it, but may not precede an import from __future__:
  // there the two strings are made one. Comments stand above, where they are comments to both languages.
  const docstring = rest.slice(comments.length);
  const hasFuture = /^from[ \t]+__future__[ \t]/m.test(rest);
  const above = `${head}${comments.replaceAll("\r", "")}`;
  return Buffer.from(`${above}${hasFuture ? joinStrings(docstring) : `${BODY}\n__doc__ = \\\n${docstring}`}`, "latin1");
}

/** {@link BODY} and the string that begins `rest` as one string: of one token where they can be, which PyPy asks for. */
function joinStrings(rest: string): string {
  const quotes = /^('''|""")/.exec(rest)?.[0];
  if (quotes === undefined) return `${BODY} \\\n${rest}`;
  // To sh `""":"` is the same command.
  const body = quotes === "'''" ? BODY : BODY.replace("''':'", '""":"');
  return body.slice(0, -3) + rest.slice(3);
}

/** True for a name that a script of a package may have: one path component, and never the interpreter's own. */
export function isSafeScriptName(name: string): boolean {
  return (
    name !== "" &&
    !/[/\\\0\r\n]/.test(name) &&
    !/^\.\.?$/.test(name) &&
    !/^(python|pypy)(w|[\d.]*t?)?(\.exe)?$/i.test(name)
  );
}
