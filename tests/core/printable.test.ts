import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { printable, printableJson, printableLines } from "../../src/core/printable.ts";

/** Everything that a terminal obeys, or that takes no room in it; named apart from the expression that is tested. */
const RANGES: readonly (readonly [what: string, from: number, to: number])[] = [
  ["C0", 0x00, 0x1f],
  ["DEL and C1", 0x7f, 0x9f],
  ["soft hyphen", 0xad, 0xad],
  ["combining grapheme joiner", 0x34f, 0x34f],
  ["Arabic letter mark", 0x61c, 0x61c],
  ["Hangul fillers", 0x115f, 0x1160],
  ["Mongolian selectors", 0x180b, 0x180f],
  ["zero widths, marks of direction", 0x200b, 0x200f],
  ["separators, embeddings, overrides", 0x2028, 0x202e],
  ["word joiner, isolates", 0x2060, 0x206f],
  ["Hangul filler", 0x3164, 0x3164],
  ["lone surrogates", 0xd800, 0xdfff],
  ["variation selectors", 0xfe00, 0xfe0f],
  ["byte order mark", 0xfeff, 0xfeff],
  ["interlinear annotation", 0xfff9, 0xfffb],
  ["musical formatting", 0x1d173, 0x1d17a],
  ["tags, variation selectors", 0xe0000, 0xe01ef],
];

const hidden = RANGES.flatMap(([, from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
const isHidden = new Set(hidden);

describe("printable text", () => {
  test.each(RANGES)("shows %s", (_, from, to) => {
    for (let code = from; code <= to; code++) {
      const text = `a${String.fromCodePoint(code)}b`;
      expect(printable(text)).toMatch(/^a\\(?:[nrt]|u[0-9a-f]{4}|u\{[0-9a-f]{5}\})b$/);
      expect(JSON.parse(printableJson(text))).toBe(text);
      expect(printableJson(text)).toMatch(/^"a\\[\w\\]+b"$/);
    }
  });

  test("leaves what is seen", () => {
    for (const text of ["", "plain \\ text", "wéb e\u0301", "環境", "עברית", "👩‍🚀 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 #️⃣", "🐍 v1"]) {
      expect(printable(text)).toBe(text);
      expect(printableLines(text)).toBe(text);
      expect(printableJson(text)).toBe(JSON.stringify(text));
    }
  });

  test("escapes what emoji are joined with wherever no emoji is", () => {
    expect(printable("a\u200db \u{1f469}\u200d")).toBe("a\\u200db \u{1f469}\\u200d");
    expect(printable("1\ufe0f")).toBe("1\\ufe0f");
  });

  test("keeps line breaks and tabs only as layout", () => {
    expect(printable("a\tb\nc")).toBe("a\\tb\\nc");
    expect(printableLines("a\tb\nc\r\n\x1b")).toBe("a\tb\nc\\r\n\\u001b");
  });

  test("is shown as it is when it is escaped already, and holds nothing hidden whatever went in", () => {
    const texts = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...hidden).map((code) => String.fromCodePoint(code)),
        fc.constantFrom("a", "\\", "👩", "🚀"),
      ),
    });
    fc.assert(
      fc.property(texts, (text) => {
        const shown = printable(text);
        expect(printable(shown)).toBe(shown);
        const left = [...shown.replaceAll("👩\u200d🚀", "")].map((one) => one.codePointAt(0)!);
        expect(left.filter((code) => isHidden.has(code))).toEqual([]);
      }),
    );
  });

  test("stands for the same value as JSON, in one line or several", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(printableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.parse(printableJson(value, 2))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
