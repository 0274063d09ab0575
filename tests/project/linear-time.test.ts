import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainName } from "../../src/core/names.ts";
import { printableJson, printableLines } from "../../src/core/printable.ts";
import { hideSecrets } from "../../src/core/secrets.ts";
import { parseToml } from "../../src/core/toml.ts";
import { parseDuration, parseSize } from "../../src/core/units.ts";
import { readGitConfig } from "../../src/git/git-config.ts";
import { lineOf } from "../../src/git/git-files.ts";
import { poetrySpecifier } from "../../src/imports/poetry.ts";
import { installerError } from "../../src/packages/errors.ts";
import { readLockFile } from "../../src/packages/lock-file.ts";
import { parseIni } from "../../src/packages/pip-config.ts";
import { chainOf } from "../../src/packages/tool-output.ts";
import { parsePsLine, parseStat } from "../../src/platform/identity.ts";
import { parseDirectUrl } from "../../src/python/direct-url.ts";
import { parseDistInfoName, parseMetadata, requiresDist } from "../../src/python/dist-info.ts";
import { parseRecord } from "../../src/python/record.ts";
import { parsePythonRequest } from "../../src/python/request.ts";
import { evaluateMarker, meets } from "../../src/python/requirement/evaluate.ts";
import { logicalLines, shellWords, splitOptions } from "../../src/python/requirement/line.ts";
import { parseRequirement } from "../../src/python/requirement/requirement.ts";
import { readShebang, relocateScript } from "../../src/python/scripts.ts";
import { readVenvConfig } from "../../src/python/venv.ts";
import { endsInSimpleCommand } from "../../src/tasks/last-command.ts";
import { splitWords } from "../../src/tasks/words.ts";
import { cleanUp, temporaryFolder } from "../platform/support.ts";

const files = temporaryFolder();
afterAll(cleanUp);

type Parser = (text: string) => unknown;

const target = {
  implementation: "cpython",
  version: "3.12.1",
  platform: "linux-x86_64",
  interpreter: "/usr/bin/python3",
};
const failed = (tool: "uv" | "pip") => (output: string) =>
  installerError({ tool, doing: "resolve", output, target: target as never, offline: false });

/** In a file of its own name, for parsers that read it. */
function inFile(name: string, read: (folder: string) => unknown): Parser {
  return (text) => {
    writeFileSync(join(files, name), text);
    return read(files);
  };
}

/** What reads texts of others, and beginnings with which it comes to its inner steps. */
const PARSERS: Readonly<Record<string, readonly [parser: Parser, ...beginnings: string[]]>> = {
  requirement: [
    (text) => parseRequirement(text, { cwd: "/" }),
    "a",
    "a[",
    "a @ https://h/",
    "./a",
    "git+https://h/#egg=",
    "a ; ",
    "a (",
    "a==",
  ],
  "editable requirement": [(text) => parseRequirement(text, { cwd: "/", editable: true }), "./a[", "a"],
  "requirements file": [(text) => [...logicalLines(text)].map(({ line }) => splitOptions(line)), "a", "a \\\n"],
  "words of an option": [(text) => shellWords(text, "here"), "--hash=", '"', "'"],
  marker: [(text) => evaluateMarker(text, {}), "a == ", "(", "'a' == 'b' and "],
  specifier: [(text) => meets("1.0", text), ">=1", ">=1,"],
  "request for a Python": [(text) => parsePythonRequest(text, "/"), "3", ">=3", "pypy"],
  RECORD: [(text) => parseRecord(text), '"', '"",', "a,"],
  METADATA: [(text) => [parseMetadata(text), requiresDist(text)], "Requires-Dist:", "Name:", "Version: "],
  "name of a dist-info": [(text) => parseDistInfoName(`${text}.dist-info`), "a-"],
  "direct_url.json": [parseDirectUrl, "{", '{"url": "', "["],
  script: [
    (text) => [readShebang(text), relocateScript(Buffer.from(text), () => true)],
    "#!",
    "#!/usr/bin/python",
    "#!/usr/bin/python\n",
    "#!/usr/bin/python\n#",
    "#!/bin/sh\n'''exec' ",
  ],
  "pyvenv.cfg": [inFile("pyvenv.cfg", readVenvConfig), "home", "home =", "version = "],
  "pip.conf": [parseIni, "[global]\n", "[global]\na", "[global]\na =", "[global]\na = b\n ", "["],
  "output of uv": [
    failed("uv"),
    "  × No solution found\n  ╰─▶ Because ",
    "only ",
    "and ",
    "HTTP status client error (404",
    "structure of `",
    "Hash mismatch for `a`\nExpected:",
  ],
  "output of pip": [
    failed("pip"),
    "Could not find a version that satisfies the requirement ",
    "Hashes are required\n  a from b:\n",
    "ERROR: ResolutionImpossible\nThe conflict is caused by:\n",
    "HTTP error 404",
    "404 Client Error",
    "Failed to build\nfrom ",
  ],
  "explanation of uv": [chainOf, "cause: ", "╰─▶ ", "hint:"],
  "lock file": [(text) => readLockFile(text, {} as never), 'lock-version = "1.0"\n', "# ", "[["],
  TOML: [parseToml, "a = ", "[a", "a."],
  "configuration of git": [
    inFile("config", readGitConfig),
    "[core]\n",
    "[core]\nworktree = ",
    "[core]\nbare",
    '[core "',
    "[",
  ],
  "gitdir file": [inFile("gitdir", (folder) => lineOf(join(folder, "gitdir"))), "gitdir: "],
  "line of ps": [parsePsLine, "1 2 3", "1 2 3 S "],
  "line of /proc": [parseStat, "1 (", "1 (a) S "],
  duration: [parseDuration, "1", "1h"],
  size: [parseSize, "1"],
  "name of an environment": [plainName, "a"],
  "constraint of poetry": [poetrySpecifier, "^1", ">=1,"],
  "command of a task": [(text) => [endsInSimpleCommand(text), splitWords(text)], "echo ", '"', "'", "${", "$("],
  secrets: [hideSecrets, "https://", "https://u:", "?token="],
  "text for a terminal": [(text) => [printableLines(text), printableJson(text)], "\x1b"],
};

/** What parsers stumble over when it comes many times. */
const UNITS = [
  " ",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "\n\t",
  "a",
  "0",
  "A\n",
  "[",
  "]",
  "(",
  ")",
  "{",
  "[[",
  '"',
  "'",
  '""',
  ",",
  ", ",
  "\\",
  "\\\n",
  "-",
  "--",
  "_",
  ".",
  "/",
  "//",
  ";",
  " ;",
  "; ",
  "#",
  " #",
  "#\n",
  "\r\n#",
  "=",
  "<",
  "!",
  "@",
  ":",
  "$(",
  "${",
  "`",
  "|",
  "*",
  "\0",
  "\x1b[",
  "://",
  "a@",
  "and ",
  "from ",
  "404 ",
  "for url: ",
  "Expected\n",
  "  Expected:\n",
  "a==1 ",
  "Requires-Dist: a\n",
  "é",
  "\u{1f600}",
];
const ENDINGS = ["", "x", "\n!", "\0"];

const SHORT = 4 * 1024;
const TIMES = 16;
/** Below this, in milliseconds, what is measured is the machine. */
const LEAST = 2;

/** Processor time of this process alone, in milliseconds: what the machine does besides isn't in it. */
function cost(parser: Parser, text: string): number {
  const before = process.cpuUsage();
  try {
    parser(text);
  } catch {}
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Whether 16 times the text costs less than 64 times the work: linear work costs 16 times as much, quadratic 256 times.
 * The least of several measurements counts, for a pause to collect memory can only add to one.
 */
function isLinear(parser: Parser, make: (length: number) => string): boolean {
  const [short, long] = [make(SHORT), make(SHORT * TIMES)];
  for (let [attempt, least, most] = [0, Number.POSITIVE_INFINITY, 0]; attempt < 4; attempt++) {
    least = Math.min(least, cost(parser, long));
    if (least < 64 * LEAST) return true;
    most = Math.max(most, cost(parser, short));
    if (least < 64 * most) return true;
  }
  return false;
}

describe("time grows with the text:", () => {
  for (const [name, [parser, ...beginnings]] of Object.entries(PARSERS)) {
    test(`${name}`, () => {
      const slow: string[] = [];
      for (const unit of UNITS) {
        for (const [index, beginning] of ["", ...beginnings].entries()) {
          const ending = ENDINGS[(index + unit.length) % ENDINGS.length]!;
          const make = (length: number) => beginning + unit.repeat(length / unit.length) + ending;
          if (!isLinear(parser, make)) slow.push(JSON.stringify([beginning, unit, ending]));
        }
      }
      expect(slow).toEqual([]);
    }, 60_000);
  }

  test("a parser whose time grows faster is found out", () => {
    const quadratic: Parser = (text) => /\s+;/.test(text);
    expect(isLinear(quadratic, (length) => " ".repeat(length / 2))).toBe(false);
  }, 60_000);
});
