import { expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { isErrno, SkerryError } from "../../src/core/error.ts";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { VERSION } from "../../src/core/version.ts";

test("an error tells its code, message and hint as JSON, and nothing empty", () => {
  const error = new SkerryError("SKE-ENV-NOT-FOUND", "There is no environment named x", { hint: "skerry ls" });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: "SKE-ENV-NOT-FOUND",
    message: "There is no environment named x",
    hint: "skerry ls",
  });
  expect(error.exitCode).toBe(3);
});

test("an error tells no password of an address, whoever put it there", () => {
  const address = "https://me:word@host/x";
  const error = new SkerryError("SKE-TOOL", `git said: ${address}`, { details: { argv: ["git", address], at: 1 } });
  expect(error.message).toBe("git said: https://****@host/x");
  expect(JSON.parse(JSON.stringify(error)).details).toEqual({ argv: ["git", "https://****@host/x"], at: 1 });
});

test("every code has an exit status that isn't success and a meaning that is a sentence", () => {
  for (const [code, { exit, meaning }] of Object.entries(ERROR_CODES)) {
    expect(exit, code).toBeGreaterThan(0);
    expect(meaning, code).toMatch(/^[A-Z].*\.$/);
  }
});

test("isErrno tells codes of the operating system", () => {
  expect(isErrno(Object.assign(new Error(), { code: "ENOENT" }), "EACCES", "ENOENT")).toBe(true);
  expect(isErrno(new Error(), "ENOENT")).toBe(false);
});

test("the version is the package's", () => expect(VERSION).toBe(manifest.version));
