import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileTime, isSameTime, setFileTime } from "../../src/platform/file-time.ts";
import { Rig } from "../rig/rig.ts";

test("file times: one that is set is the one that is read, whatever part of a second it has", async () => {
  await using rig = await Rig.make();
  const file = join(rig.tmp, "file");
  writeFileSync(file, "");
  for (const time of [0, 1, 999, 1_000_000_000_001, 1_764_385_589_123, 1_764_385_589_999, 4_102_444_800_007]) {
    setFileTime(file, time);
    expect(fileTime(statSync(file))).toBe(time);
  }
});

test("file times: a part below a millisecond makes no difference", async () => {
  await using rig = await Rig.make();
  const file = join(rig.tmp, "file");
  writeFileSync(file, "");
  for (const part of ["1234567", "123", "1239999999", "999999999", "000000001"]) {
    execFileSync("touch", ["-d", `2026-01-01 00:00:00.${part}`, file]);
    const time = fileTime(statSync(file));
    expect(Number.isInteger(time)).toBe(true);
    setFileTime(file, time);
    expect([part, isSameTime(time, fileTime(statSync(file)))]).toEqual([part, true]);
  }
});

test("file times: one that lost its part of a second is the same, another second or part isn't", () => {
  expect(isSameTime(1_700_000_000_123, 1_700_000_000_000)).toBe(true);
  expect(isSameTime(1_700_000_000_000, 1_700_000_000_999)).toBe(true);
  expect(isSameTime(1_700_000_000_123, 1_700_000_001_000)).toBe(false);
  expect(isSameTime(1_700_000_000_123, 1_700_000_000_323)).toBe(false);
  expect(isSameTime(1_700_000_000_000, 1_700_000_001_000)).toBe(false);
});
