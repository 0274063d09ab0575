import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { SkerryError } from "../../src/core/error.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";
import { readRequirements } from "../../src/python/requirement/files.ts";
import { requirementInputs } from "../../src/python/requirement/inputs.ts";
import { normalizeName, parseRequirement } from "../../src/python/requirement/requirement.ts";
import { buildWheel } from "../rig/wheel.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skerry-requirements-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const parse = (line: string) => parseRequirement(line, { cwd: "/here" });
const put = (name: string, text: string | Uint8Array) => {
  mkdirSync(join(dir, name, ".."), { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const spec = (part: Partial<typeof EMPTY_REQUIREMENTS>) => ({ ...EMPTY_REQUIREMENTS, ...part });
const read = (file: string, env = {}) => readRequirements(spec({ files: [file] }), dir, env);
function refusal(action: () => unknown): SkerryError {
  try {
    action();
  } catch (error) {
    if (error instanceof SkerryError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a requirement line", () => {
  test.each([
    ["requests", "requests"],
    ["Zope.Interface_x", "zope-interface-x"],
    ["requests >= 2.8.1 , <3", "requests>=2.8.1,<3"],
    ["requests (>=2)", "requests>=2"],
    [
      "requests [security, socks] == 2.* ; python_version < '3.9'",
      "requests[security,socks]==2.* ; python_version < '3.9'",
    ],
    ["x===1.0+local", "x===1.0+local"],
    ["pip @ https://host/pip-1.zip#sha1=ab ; os_name=='nt'", "pip @ https://host/pip-1.zip#sha1=ab ; os_name=='nt'"],
    ["https://host/x-1-py3-none-any.whl", "https://host/x-1-py3-none-any.whl"],
    [
      "git+https://host/r.git@v1#egg=Some_Thing[x]&subdirectory=d",
      "some-thing[x] @ git+https://host/r.git@v1#subdirectory=d",
    ],
    ["git+ssh://git@host/r.git", "git+ssh://git@host/r.git"],
    ["thing @ git+file:///r@main", "thing @ git+file:///r@main"],
    ["./dir", "/here/dir"],
    [".[dev]", "/here[dev]"],
    ["../x.whl ; sys_platform == 'linux'", "/x.whl ; sys_platform == 'linux'"],
    ["x-1.tar.gz", "/here/x-1.tar.gz"],
    ["x-1.tar.gz[a]", "/here/x-1.tar.gz[a]"],
    ["x ==1.zip", "file:///here/x%20==1.zip"],
    ["thing[a] @ ./with space", "thing[a] @ file:///here/with%20space"],
    ["file:///a%20b/c.whl", "file:///a%20b/c.whl"],
  ])("%s is understood as %s", (line, text) => {
    expect(parse(line).text).toBe(text);
    expect(parse(text).text).toBe(text);
  });

  test.each([
    ["", /empty/],
    ["requests=2", /requests==2/],
    ["requests>=2 <3", /version clause/],
    ["requests; python_version", /marker ends too early|comparison/],
    ["requests; pyversion < '3'", /pyversion/],
    ["requests; (os_name == 'nt'", /parenthesis/],
    ["-x", /begins with no name/],
    ["requests[a b]", /extra/],
    ["requests @", /@/],
    ["a\nb", /line break/],
    ["a ; os_name == 'x\u2028-r y\u2028'", /line break or a control character/],
    ["a ; os_name == '\x0c'", /control character/],
    ["a ; os_name == '\u00e9'", /ASCII/],
    ["a ; os_name == 'x # y'", /" #" in it/],
    ["a ; os_name == '${HOME}'", /"\$\{" in it/],
    ["a (==1.zip)", /archive/],
    ["a @ https://h/x -r y.zip", /%20/],
    ["https://h/x y.zip", /%20/],
  ])("%p is refused with a hint", (line, said) => {
    const error = refusal(() => parse(line));
    expect(error.code).toBe("SKE-PKG-REQUIREMENT");
    expect(`${error.message} ${error.hint}`).toMatch(said);
    expect(error.hint).toBeTruthy();
  });

  test("a marker may have many parentheses side by side, and fifty inside of each other", () => {
    const many = Array(200).fill("(os_name == 'nt')").join(" or ");
    expect(parse(`a ; ${many}`).marker).toBe(many);
    const deep = (depth: number) => `a ; ${"(".repeat(depth)}os_name == 'nt'${")".repeat(depth)}`;
    expect(parse(deep(50)).marker).toHaveLength(115);
    expect(refusal(() => parse(deep(51))).message).toContain("nested too deeply");
  });

  test("passwords in an address don't reach the message", () => {
    expect(refusal(() => parse("x @ https://me:secret@host/x.zip ; nope == '1'")).message).not.toContain("secret");
  });

  test("only a folder can be editable", () => {
    expect(parseRequirement(".", { cwd: "/p", editable: true })).toMatchObject({ editable: true, text: "/p" });
    expect(refusal(() => parseRequirement("git+https://h/r.git", { cwd: "/p", editable: true })).hint).toContain("-e");
  });

  test("whatever is written, it is read or refused, and what was read reads the same again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z.\-_[\],<>=~! ;@'"()0-9/:+#\\]{0,40}$/)), (line) => {
        try {
          const first = parse(line);
          const again = parse(first.text);
          expect([again.text, again.source.kind]).toEqual([first.text, first.source.kind]);
        } catch (error) {
          expect(error).toBeInstanceOf(SkerryError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("normal names are stable", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/), (name) => {
        expect(normalizeName(normalizeName(name))).toBe(normalizeName(name));
      }),
    );
  });
});

describe("a requirements file", () => {
  const hash = "a".repeat(64);

  test("holds requirements, comments, continued lines, markers and hashes", () => {
    const file = put(
      "r.txt",
      `# all\n\nrequests>=2 \\\n  --hash=sha256:${hash} \\\n  --hash sha256:${"B".repeat(64)}\nrich ; python_version > "3" # why\n./w.whl\nx @ https://h/x.zip#sha256=1\n`,
    );
    const { requirements, files } = read(file);
    expect(requirements.map((one) => one.text)).toEqual([
      "requests>=2",
      'rich ; python_version > "3"',
      join(dir, "w.whl"),
      "x @ https://h/x.zip#sha256=1",
    ]);
    expect(requirements[0]!.hashes).toEqual([`sha256:${hash}`, `sha256:${"b".repeat(64)}`]);
    expect(files).toEqual([file]);
  });

  test("names other files, relative to itself; constraints stay constraints", () => {
    put("deep/b.txt", "b\n-c c.txt\n-e ./proj\n");
    put("deep/c.txt", "c==1\n-r d.txt\n");
    put("deep/d.txt", "d==1");
    const found = read(put("a.txt", "a\n-r deep/b.txt"));
    expect(found.requirements.map((one) => one.text)).toEqual(["a", "b", join(dir, "proj")]);
    expect(found.requirements[2]!.editable).toBe(true);
    expect(found.constraints.map((one) => one.text)).toEqual(["c==1", "d==1"]);
    expect(found.files.map((path) => path.slice(dir.length + 1))).toEqual([
      "a.txt",
      "deep/b.txt",
      "deep/c.txt",
      "deep/d.txt",
    ]);
  });

  test("has options about indexes, with variables in them", () => {
    mkdirSync(join(dir, "wheels"));
    const file = put(
      "r.txt",
      "-i https://${WHO}:${TOKEN_1}@host/simple\n--extra-index-url=https://b/\n--extra-index-url https://c/${UNSET}\n-f wheels\n--no-index --pre\n--no-binary x,Y\n--only-binary=:all:\n--trusted-host h --require-hashes --use-feature x\n",
    );
    expect(read(file, { WHO: "me", TOKEN_1: "t" }).options).toEqual({
      indexUrl: "https://me:t@host/simple",
      extraIndexUrls: ["https://b/", "https://c/${UNSET}"],
      findLinks: [join(dir, "wheels")],
      noIndex: true,
      pre: true,
      preferBinary: false,
      noBinary: ["x", "Y"],
      onlyBinary: [":all:"],
      trustedHosts: ["h"],
      requireHashes: true,
    });
  });

  test.each([
    ["a\n-r self.txt\n", "self.txt:2", /reads itself/],
    ["\n\nrequests=1\n", "self.txt:3", /version clause/],
    ["a \\\n\\\n --hash=md5:00\n", "self.txt:1", /not a hash/],
    ["--frobnicate\n", "self.txt:1", /--frobnicate/],
    ["-r missing.txt\n", "self.txt:1", /no such file/],
    ["-r\n", "self.txt:1", /needs a value/],
    ["--hash=sha256:00\n", "self.txt:1", /hash/],
    ["-f 'x\n", "self.txt:1", /partner/],
    ["-r pyproject.toml\n", "self.txt:1", /not a requirements file/],
    ["--require-hashes\nsix\n", "six", /hash of every package/],
  ])("%p is refused, saying where", (text, where, said) => {
    const error = refusal(() => read(put("self.txt", text)));
    expect(error.code).toBe("SKE-PKG-REQUIREMENT");
    expect(error.message).toContain(where);
    expect(error.message).toMatch(said);
  });

  test("may be in another encoding", () => {
    expect(read(put("u.txt", Buffer.from("\ufeffsix\n", "utf16le"))).requirements[0]!.name).toBe("six");
    const latin = Buffer.from("# -*- coding: latin-1 -*-\n./w\u00fc.whl\n", "latin1");
    expect(read(put("l.txt", latin)).requirements[0]!.source).toEqual({ kind: "path", path: join(dir, "wü.whl") });
  });

  test("may lie at an address: the installer reads it", () => {
    expect(readRequirements(spec({ files: ["https://h/r.txt"] }), dir).remote.requirements).toEqual([
      "https://h/r.txt",
    ]);
  });

  test("whatever is in it, it is read or refused", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("-e .", "-r x", "--pre", "\\", "a", "#", "'", "--hash"))),
        (lines) => {
          const file = put("fuzz.txt", lines.join("\n"));
          try {
            read(file);
          } catch (error) {
            expect(error).toBeInstanceOf(SkerryError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the digest of what is asked for", () => {
  const of = (part: Partial<typeof EMPTY_REQUIREMENTS>, env = {}) => requirementInputs(spec(part), dir, env);

  test("is the same for the same lines, however they are spaced", () => {
    expect(of({ requirements: ["Requests >= 2"] }).digest).toBe(of({ requirements: ["requests>=2"] }).digest);
    expect(of({ requirements: ["requests>=3"] }).digest).not.toBe(of({ requirements: ["requests>=2"] }).digest);
  });

  test("follows nested files and variables", () => {
    put("b.txt", "six");
    const files = [put("a.txt", "-r b.txt\n-i https://${HOST_X}/\n")];
    const before = of({ files }, { HOST_X: "one" });
    expect(of({ files }, { HOST_X: "two" }).digest).not.toBe(before.digest);
    put("b.txt", "six==1.16");
    expect(of({ files }, { HOST_X: "one" }).digest).not.toBe(before.digest);
    expect(before.files).toHaveLength(2);
    expect(before.volatile).toBe(false);
  });

  test("follows the bytes of a local archive", () => {
    const make = (body: string) =>
      put("x-1-py3-none-any.whl", buildWheel({ name: "x", version: "1", files: { "x.py": body } }).bytes);
    make("1");
    const before = of({ requirements: ["./x-1-py3-none-any.whl"] });
    make("2");
    expect(of({ requirements: ["./x-1-py3-none-any.whl"] }).digest).not.toBe(before.digest);
    expect(before.volatile).toBe(false);
  });

  test("follows the files of a project that declare its dependencies, not its code, and says that it can't be shared", () => {
    put("p/pyproject.toml", "[project]\nname='p'\n");
    const before = of({ editables: ["p"] });
    put("p/code.py", "1");
    expect(of({ editables: ["p"] }).digest).toBe(before.digest);
    put("p/pyproject.toml", "[project]\nname='p'\ndependencies=['six']\n");
    expect(of({ editables: ["p"] }).digest).not.toBe(before.digest);
    expect(before.volatile).toBe(true);
  });

  test("a path with nothing at it is refused", () => {
    expect(refusal(() => of({ requirements: ["./nothing.whl"] })).message).toContain("nothing.whl");
    mkdirSync(join(dir, "plain"));
    expect(refusal(() => of({ editables: ["plain"] })).message).toContain("not a Python project");
  });
});
