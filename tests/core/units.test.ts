import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize, printDuration } from "../../src/core/units.ts";

test.each([
  ["90", 90_000],
  ["1.5s", 1500],
  ["250ms", 250],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
  ["2w", 1_209_600_000],
  ["0", 0],
])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(["", "-1", "soon", "1x", "1h x", "s", "1e999", "∞"])("%j is no duration", (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
});

test("every whole number of milliseconds reads as itself", () => {
  fc.assert(fc.property(fc.nat(), (ms) => expect(parseDuration(`${ms}ms`)).toBe(ms)));
});

test("every duration reads as it is printed", () => {
  fc.assert(fc.property(fc.nat(), (ms) => expect(parseDuration(printDuration(ms))).toBe(ms)));
  expect([0, 250, 90_000, 5_400_000, 604_800_000].map(printDuration)).toEqual(["0", "250ms", "1m30s", "1h30m", "7d"]);
});

test.each([
  [12, "12 ms"],
  [3400, "3.4 s"],
  [59_960, "1 min 0 s"],
  [125_000, "2 min 5 s"],
  [12_000_000, "3 h 20 min"],
  [352_800_000, "4 d 2 h"],
])("%d ms is shown as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [3_250_586, "3.1 MiB"],
])("%d bytes are shown as %s", (bytes, text) => expect(formatSize(bytes)).toBe(text));

test.each([
  ["0", 0],
  ["4096", 4096],
  ["12B", 12],
  ["500MiB", 500 * 2 ** 20],
  ["1.5 GB", 1.5 * 2 ** 30],
  ["2g", 2 ** 31],
])("%s is %d bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(["", "-1", "1PB", "GiB", "1 2", "1e9", "9999999T"])("%j is no size", (text) => {
  expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: "SKE-USAGE" }));
});
