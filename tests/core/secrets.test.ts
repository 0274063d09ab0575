import { expect, test } from "bun:test";
import { hideSecrets, hidesSecrets } from "../../src/core/secrets.ts";

test.each([
  ["x @ https://me:word@host/x.whl", "x @ https://****@host/x.whl"],
  ["x @ https://token@host/x.whl", "x @ https://****@host/x.whl"],
  ["git+ssh://git@host/x", "git+ssh://git@host/x"],
  ["git+ssh://git:word@host/x", "git+ssh://****@host/x"],
  ["https://me:w@rd@host/x", "https://****@host/x"],
  ["https://a:b@h,https://c:d@i", "https://****@h,https://****@i"],
  ["a@b and https://host/@x", "a@b and https://host/@x"],
])("%s is shown as %s", (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
  expect(hidesSecrets(shown)).toBe(text !== shown);
});

test("a long text without an address costs no more than its length", () => {
  const text = "a".repeat(1 << 21);
  expect(hideSecrets(text)).toBe(text);
});
