import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { parseRecord, printRecord, recordHash, recordRow, recordSha256 } from "../../src/python/record.ts";
import { newestPython } from "../rig/pythons.ts";

const field = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r", " ", "é", "/", "=", "'") });
const row = fc.record(
  { path: field.filter((path) => path !== ""), hash: field.filter((hash) => hash !== ""), size: fc.nat() },
  { requiredKeys: ["path"] },
);

describe("RECORD", () => {
  test("is read row by row: path, hash, size", () => {
    expect(parseRecord("a/b.py,sha256=x_-,12\r\nRECORD,,\n\n")).toEqual([
      { path: "a/b.py", hash: "sha256=x_-", size: 12 },
      { path: "RECORD" },
    ]);
  });

  test("quotes what CSV has to quote", () => {
    expect(printRecord([{ path: 'a,"b".py', size: 1 }])).toBe('"a,""b"".py",,1\n');
    expect(parseRecord('"a,""b"".py",,1\n')).toEqual([{ path: 'a,"b".py', size: 1 }]);
  });

  test("gives back every row that it was printed from", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => expect(parseRecord(printRecord(rows as never))).toEqual(rows as never)),
    );
  });

  test("is read as Python's csv module reads it", () => {
    const texts = fc.sample(fc.array(row), 100).map((rows) => printRecord(rows as never));
    const script =
      "import csv, io, json, sys; print(json.dumps([[r[0] for r in csv.reader(io.StringIO(t, newline='')) if r] for t in json.load(sys.stdin)]))";
    const answer = execFileSync(newestPython().path, ["-I", "-c", script], { input: JSON.stringify(texts) });
    expect(texts.map((text) => parseRecord(text).map(({ path }) => path))).toEqual(JSON.parse(String(answer)));
  });

  test("any text at all gives rows with a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => parseRecord(text).every(({ path }) => path.length > 0)),
    );
  });

  test("hashes are URL-safe base64 without padding", () => {
    expect(recordHash(Buffer.from("abc"))).toBe("sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(recordSha256(recordRow("x", Buffer.from("abc")))).toBe(sha256);
    expect(recordSha256({ path: "x", hash: "md5=abc" })).toBeUndefined();
  });
});
