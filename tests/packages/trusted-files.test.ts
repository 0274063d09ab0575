import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { strongLines } from "../../src/config/requirements.ts";
import { SkerryError } from "../../src/core/error.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";
import { constraintLines, requirementLines } from "../../src/packages/request-lines.ts";
import { installerSettings, pipInvocation, uvInvocation } from "../../src/packages/settings.ts";
import { readRequirements } from "../../src/python/requirement/files.ts";
import { startIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { give, setTraps } from "./building-traps.ts";
import { programs, TARGET } from "./setup.ts";

const ELSEWHERE = "http://elsewhere.invalid/simple";
const HASH = `sha256:${"0".repeat(64)}`;
const of = (...words: readonly string[]) => fc.constantFrom(...words);
const named = of(
  ...["foo", "foo==1", "a.b[x] >=1,<2", "X_y-z", "foo;os_name!='a'", "foo # ./d", "foo==1 --hash=", "foo== 1 \\\n"],
  ...["foo.zip", "./d", "d/", "foo @ ./d", "foo @ file:d", "git+file:d", "foo@d.zip", "file:./d", "foo==1.zip", "[x]"],
);
const option = of(
  ...["--pre", "--no-index", "--prefer-binary", "--only-binary=:all:", "--no-binary foo", `--hash=${HASH}`],
  ...["-r n.txt", "-rn.txt", "--requirement=n.txt", "-c n.txt", "-r ./sub/../n.txt", "-r 'n.txt'", '-r "n.txt" # x'],
  ...["-r ../out.txt", "-c ../out.txt", "-r d", "-r n.txt -e ./d", "-e ./d", "-e./d", "--editable=d", "-r ${EVIL}"],
  ...[`-i ${ELSEWHERE}`, `--index-url=${ELSEWHERE}`, `--extra-index-url ${ELSEWHERE}`, `--extra-ind ${ELSEWHERE}`],
  ...["-f ./d", "-fd", "--find-links=d", "--trusted-host elsewhere.invalid", "--use-feature=fast-deps"],
  ...[`-r ${ELSEWHERE}`, "--global-option=x", "--config-settings=a=b", "--", "-", "-x", "--pre=", "${EVIL}", "$EVIL"],
);
const glue = fc.oneof(
  { weight: 6, arbitrary: of("\n") },
  of(...["\r\n", "\r", " \\\n", "\\\n", "\\\r\n", "\\ \n", "\n#", " #", "#", " ", "\t", ";", "\\", "\n\n \n"]),
  of("\v", "\f", "\x1c", "\x85", "\u00a0", "\u2028", "\0", "\u202e", "\ufeff"),
);
const head = fc.oneof(
  { weight: 8, arbitrary: of("") },
  of("\ufeff", "# coding: latin-1\n", "#!x\n# -*- coding: utf-8 -*-\n", "# coding: utf-7\n+AC0-e ./d\n", "\\\n"),
);
/** Requirements files as somebody writes them who wants them to be taken for harmless. */
const file = fc
  .tuple(head, fc.array(fc.tuple(fc.oneof(named, named, option), glue), { minLength: 1, maxLength: 4 }))
  .map(([before, parts]) => before + parts.flat().join(""));

/** What pip reads of files: names of packages, and all that is more. */
const READ_BY_PIP = `
import json, os, sys
from pip._internal.network.session import PipSession
from pip._internal.req import req_file
from pip._internal.req.constructors import install_req_from_parsed_requirement
def read(path):
    session, files, seen = PipSession(), [], req_file.get_file_content
    def content(url, *args, **more):
        files.append(url)
        return seen(url, *args, **more)
    req_file.get_file_content = content
    try:
        found = [install_req_from_parsed_requirement(one) for one in req_file.parse_requirements(path, session)]
    except BaseException as error:
        return None
    finally:
        req_file.get_file_content = seen
    return {"names": sorted({one.name for one in found if one.req and not one.link}), "files": files,
            "more": [str(one.link) for one in found if one.link or one.editable]}
print(json.dumps([read(path) for path in json.load(sys.stdin)]))
`;

/** Another number tries other files. */
const SEED = 20261129;

/** The lines of a file that need trust; undefined for one that is refused. */
function strongOf(path: string, root: string) {
  try {
    return strongLines([path], root, { EVIL: "-e ./d" });
  } catch (error) {
    if (error instanceof SkerryError) return undefined;
    throw error;
  }
}

test("a requirements file that needs no trust only names packages, to uv and pip too, and leads nowhere else", async () => {
  await using rig = await Rig.make();
  const { pip } = programs(rig);
  const mark = join(rig.root, "mark");
  writeFileSync(join(rig.root, "out.txt"), "./d\n");
  rig.write("n.txt", "foo\n");
  const env = { EVIL: "-e ./d" };
  const all = [...new Set(fc.sample(file, { numRuns: 1500, seed: SEED }))];
  const paths = all.map((text, at) => rig.write(`files-${at}.txt`, text));
  const harmless = paths.filter((path) => strongOf(path, rig.cwd)?.length === 0);
  expect(harmless.length).toBeGreaterThan(100);
  expect(harmless.length).toBeLessThan(all.length / 2);

  const plain = installerSettings({});
  const given = harmless.map((path) => {
    const read = readRequirements({ ...EMPTY_REQUIREMENTS, files: [path] }, rig.cwd, env);
    // No other place is asked, and no other file is read.
    expect([path, { indexUrl: undefined, ...read.options }, read.remote]).toMatchObject([
      path,
      { indexUrl: undefined, extraIndexUrls: [], findLinks: [], trustedHosts: [] },
      { requirements: [], constraints: [] },
    ]);
    for (const invocation of [uvInvocation, pipInvocation]) {
      const { env: told } = invocation(plain, read.options);
      expect(JSON.stringify(told)).not.toContain("elsewhere");
    }
    expect(read.files.filter((one) => ![path, join(rig.cwd, "n.txt")].includes(one))).toEqual([]);
    const lines = requirementLines(read) + constraintLines(read);
    return { path, lines, names: [...read.requirements, ...read.constraints].map(({ name }) => name!) };
  });

  // What installers are given is read by pip as it was here, and is nothing that pip doesn't see in the file itself.
  const copies = given.map(({ lines }, at) => rig.write(`given-${at}.txt`, lines));
  const input = JSON.stringify([...copies, ...harmless]);
  const run = { PYTHONPATH: dirname(pip), PYTHONDONTWRITEBYTECODE: "1", ...env };
  const { stdout, stderr } = await rig.run([TARGET.interpreter, "-c", READ_BY_PIP], { input, env: run });
  const answers = JSON.parse(stdout || stderr) as ({ names: string[]; files: string[]; more: string[] } | null)[];
  const normal = (name: string) => name.replace(/[-_.]+/g, "-").toLowerCase();
  let understood = 0;
  for (const [at, { path, names }] of given.entries()) {
    const [copy, original] = [answers[at], answers[at + given.length]];
    // What pip doesn't understand it refuses.
    if (!copy) continue;
    expect([path, copy]).toMatchObject([path, { files: [copies[at]!], more: [] }]);
    expect([path, copy.names.map(normal).sort()]).toEqual([path, [...new Set(names)].sort()]);
    if (!original) continue;
    understood++;
    const inFile = original.names.map(normal);
    expect([path, copy.names.map(normal).filter((name) => !inFile.includes(name))]).toEqual([path, []]);
  }
  expect(understood).toBeGreaterThan(50);

  const lines = [...new Set(given.map((one) => one.lines))].filter(Boolean);
  setTraps(rig.cwd, mark, lines);
  expect(await give(rig, "uv", lines.slice(0, 15), mark)).toEqual([]);
  expect(await give(rig, "pip", lines.slice(0, 15), mark)).toEqual([]);
}, 120_000);

test("run: of a project that isn't trusted, a requirements file either only names packages or changes and fetches nothing", async () => {
  await using rig = await Rig.make();
  await using index = await startIndex({ distributions: [buildWheel({ name: "foo", version: "1" })] });
  const mark = join(rig.root, "mark");
  setTraps(rig.cwd, mark, []);
  writeFileSync(join(rig.root, "out.txt"), "./d\n");
  rig.write("n.txt", "foo\n");
  rig.write("skerry.toml", 'requirements_files = ["r.txt"]\n');
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url, EVIL: "-e ./d" };
  let ready = 0;
  for (const text of fc.sample(file, { numRuns: 16, seed: SEED + 1 })) {
    const path = rig.write("r.txt", text);
    const strong = strongOf(path, rig.cwd);
    const before = index.requests.length;
    const { exitCode, stderr } = await rig.skerry(["run", "--", "python", "-c", ""], { env });
    if (exitCode === 0) ready++;
    else if (strong?.length !== 0) expect([text, index.requests.slice(before)]).toEqual([text, []]);
    if (strong?.length !== 0) expect([text, exitCode, stderr]).toEqual([text, 125, expect.anything()]);
  }
  expect(ready).toBeGreaterThan(2);
  expect(existsSync(mark)).toBe(false);
}, 60_000);
