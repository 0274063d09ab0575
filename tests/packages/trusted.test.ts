import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { namesPackage } from "../../src/config/requirements.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";
import { requirementLines } from "../../src/packages/request-lines.ts";
import { readRequirements } from "../../src/python/requirement/files.ts";
import type { Requirement } from "../../src/python/requirement/requirement.ts";
import { Rig } from "../rig/rig.ts";
import { give, setTraps } from "./building-traps.ts";
import { programs, TARGET } from "./setup.ts";

const of = (...words: readonly string[]) => fc.constantFrom(...words);
const join_ = (...parts: readonly fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(""));
const space = fc.oneof({ weight: 3, arbitrary: of("") }, of(" ", "  ", "\t", "\u00a0", "\u2028", "\v"));
const name = fc.oneof(
  { weight: 2, arbitrary: of("foo", "a.b", "X_y-z") },
  of("foo", "a.b", "X_y-z", "file", "git+x", "foo.zip", "pkg.tar.gz", "f.whl", "n.tar.zst", "sub/foo", "."),
);
const extras = of("", "", "", "[x]", "[x,Y_z]", "[ x ]", "[]", "[x].zip", "[a b]", "[./d]");
const version = fc.oneof(
  { weight: 2, arbitrary: of("1", "1.0", "2.*") },
  of(
    ...["1", "1.0", "1.*", "1!2", "v1", "1.zip", "1.whl", "1/2", "./d", "..", "/d", "1+l.zip", "1+a.tar.gz"],
    ...["1.0.dev1+b.tar", "1-1", "%2e", "d/../x", "1\\x", "1#egg=x", "${HOME}", "file:d", "1,<2.zip", "1.egg"],
  ),
);
const clause = join_(space, of("==", "===", ">=", "<", "~=", "!=", "=", "@", " @ "), space, version);
const clauses = fc.oneof(
  of(""),
  clause,
  join_(space, of("("), clause, of(")", "", ").zip")),
  join_(clause, of(",", ", ,", ",", ",,"), clause),
  join_(clause, of(",")),
);
const marker = fc.oneof(
  { weight: 2, arbitrary: of("") },
  of(
    ...["; os_name != 'a'", ' ; python_version>"3"', ";os_name=='a' and (os_name=='b')", ";", "; .zip", "; x == 'a'"],
    ...["; os_name != 'a # b'", "; os_name == '-r evil.txt'", "; os_name == 'x -r evil.txt' or os_name == ''"],
    ...["; os_name != 'a\u2028./d\u2028'", "; os_name != '\x0c-e ./d'", "; os_name != '${HOME}'", "; os_name != '\\'"],
    ...["; os_name != 'a\x85-r evil.txt\x85'", "; os_name != 'a.zip'", "; 'a/b' in os_name"],
  ),
);
const end = fc.oneof(
  { weight: 30, arbitrary: of("") },
  of(...[".zip", " .zip", "/", " #x", " -r evil.txt", " --hash=sha256:0", " @ ./d", "@file:d", "\\", " \\", " ./d"]),
);
const mutation = fc.tuple(fc.nat(60), of(..."./\\@;:#-+[]()'\" ,=<>~!%$\t\u00a0\u2028z"));
/** Requirements as somebody writes them who wants them to be taken for something else. */
const shape = fc
  .tuple(
    join_(name, space, extras, clauses, marker, end),
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(mutation, { maxLength: 2 })),
  )
  .map(([text, changes]) =>
    changes.reduce((made, [at, more]) => {
      const place = at % (made.length + 1);
      return made.slice(0, place) + more + made.slice(place);
    }, text),
  );

/** How pip reads lines: those that aren't read at all are null. */
const READ_BY_PIP = `
import json, sys
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_file import preprocess, break_args_options
def read(line):
    try:
        lines = [one for _, one in preprocess(line)]
        args, options = break_args_options(lines[0]) if len(lines) == 1 else ("", str(lines))
        if options.strip(): return {"options": options}
        one = install_req_from_line(args.strip())
    except BaseException as error:
        return None
    return {"name": one.req and one.req.name, "extras": sorted(one.extras), "link": one.link and one.link.url,
            "specifier": one.req and sorted(map(str, one.req.specifier)), "marked": one.markers is not None}
print(json.dumps([read(line) for line in json.load(sys.stdin)]))
`;

/** As Python's `str` of a sorted list of clauses reads in JavaScript. */
function sortedClauses({ source }: Requirement): string {
  return source.kind === "index" ? source.specifier.split(",").filter(Boolean).sort().join(",") : source.kind;
}

/** Another number tries other lines. */
const SEED = 20261129;

const read = (line: string) => readRequirements({ ...EMPTY_REQUIREMENTS, requirements: [line] }, "/", {});

test("what is trusted as the name of a package is read as that, and no other way, by uv and by pip", async () => {
  await using rig = await Rig.make();
  const { pip } = programs(rig);
  const mark = join(rig.root, "mark");
  const all = fc.sample(shape, { numRuns: 8000, seed: SEED });
  const harmless = [...new Set(all.filter(namesPackage))];
  // Neither is everything harmless nor nothing.
  expect(harmless.length).toBeGreaterThan(200);
  expect(harmless.length).toBeLessThan(all.length / 2);
  setTraps(rig.cwd, mark, harmless);

  const given = harmless.map((line) => requirementLines(read(line)).trimEnd());
  const input = JSON.stringify(given);
  const env = { PYTHONPATH: dirname(pip), PYTHONDONTWRITEBYTECODE: "1", HOME: "/d" };
  const { stdout, stderr } = await rig.run([TARGET.interpreter, "-c", READ_BY_PIP], { input, env });
  const byPip = JSON.parse(stdout || stderr) as readonly (Readonly<Record<string, unknown>> | null)[];
  for (const [at, line] of given.entries()) {
    const [one] = read(harmless[at]!).requirements as [Requirement];
    // What pip doesn't understand it refuses.
    if (byPip[at] === null) continue;
    expect({ line, ...byPip[at], specifier: undefined }).toMatchObject({
      line,
      link: null,
      name: one.name!,
      extras: one.extras,
      marked: one.marker !== undefined,
    });
    expect([line, String(byPip[at]!.specifier)]).toEqual([line, sortedClauses(one)]);
  }
  expect(byPip.filter((one) => one !== null).length).toBeGreaterThan(100);

  const understood = new Set(given.filter((_, at) => byPip[at] !== null));
  expect(await give(rig, "pip", [...understood], mark)).toEqual([]);
  expect(await give(rig, "uv", [...new Set(given)].slice(0, 60), mark)).toEqual([]);
  // And the traps are traps.
  for (const tool of ["uv", "pip"] as const) {
    for (const trap of ["./d", "./foo.zip", "foo.zip"]) {
      rmSync(mark, { recursive: true, force: true });
      expect(namesPackage(trap)).toBe(false);
      expect([tool, trap, (await give(rig, tool, [trap], mark)).length]).toEqual([tool, trap, 1]);
    }
  }
}, 120_000);
