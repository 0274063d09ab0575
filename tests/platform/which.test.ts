import { afterEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { libcTag, libcVersion } from "../../src/platform/platform.ts";
import { which } from "../../src/platform/which.ts";
import { cleanUp, temporaryFolder } from "./support.ts";

afterEach(cleanUp);

test("which finds what execvp would", () => {
  const folder = temporaryFolder();
  for (const [path, mode] of [
    ["a/tool", 0o644],
    ["b/tool", 0o755],
    ["here", 0o755],
  ] as const) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
    chmodSync(join(folder, path), mode);
  }
  mkdirSync(join(folder, "c/tool"), { recursive: true });
  const path = ["a", "c", "b"].map((part) => join(folder, part)).join(":");
  expect(which("tool", path, "/")).toBe(join(folder, "b/tool"));
  expect(which("tool", "a:b", folder)).toBe(join(folder, "b/tool"));
  expect(which("here", `/nowhere::`, folder)).toBe(join(folder, "here"));
  expect(which("here", "/nowhere", folder)).toBeUndefined();
  expect(which("b/tool", "", folder)).toBe(join(folder, "b/tool"));
  expect(which("./a/tool", path, folder)).toBeUndefined();
  expect(which("", path, folder)).toBeUndefined();
});

test.skipIf(process.platform !== "linux")("the C library is told as its own tools tell it", async () => {
  const getconf = Bun.spawnSync(["getconf", "GNU_LIBC_VERSION"]).stdout.toString().trim();
  if (getconf) expect(libcTag()).toBe(getconf);
  else expect(libcTag()).toMatch(/^musl 1\.\d+$/);
  expect(libcVersion(Buffer.from("...\0Bus error\x001.2.5\0Invalid ELF...", "latin1"))).toBe("musl 1.2");
  expect(libcVersion(readFileSync(process.execPath).subarray(0, 4096))).toBe("");
});
