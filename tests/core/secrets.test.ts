import { expect, test } from "bun:test";
import { dropSecrets, hideSecrets, hidesSecrets, secretsIn } from "../../src/core/secrets.ts";

test.each([
  ["x @ https://me:word@host/x.whl", "x @ https://****@host/x.whl"],
  ["x @ https://token@host/x.whl", "x @ https://****@host/x.whl"],
  ["git+ssh://git@host/x", "git+ssh://git@host/x"],
  ["git+ssh://git:word@host/x", "git+ssh://****@host/x"],
  ["https://me:w@rd@host/x", "https://****@host/x"],
  ["https://a:b@h,https://c:d@i", "https://****@h,https://****@i"],
  ["a@b and https://host/@x", "a@b and https://host/@x"],
  ["'https://me:w/rd@host/x' and more", "'https://****@host/x' and more"],
  ["x @ https://me:wo/r/d@x@host/x.whl", "x @ https://****@host/x.whl"],
  ["git+https://host:8080/x@main", "git+https://host:8080/x@main"],
  ["git+https://[::1]:80/x@main", "git+https://[::1]:80/x@main"],
  ["git+https://host:${PORT}/x@main", "git+https://host:${PORT}/x@main"],
  ["git+ssh://host:of/x@main", "git+ssh://host:of/x@main"],
  ["x @ https://host/x.whl?token=word#sha256=1", "x @ https://host/x.whl?token=****#sha256=1"],
  ["'https://host/x?a=1&access_token=word&b=2'", "'https://host/x?a=1&access_token=****&b=2'"],
  ["https://blob/x?sv=1&sig=w%2Brd%3D", "https://blob/x?sv=1&sig=****"],
  ["https://s3/x?X-Amz-Signature=word&X-Amz-Date=1", "https://s3/x?X-Amz-Signature=****&X-Amz-Date=1"],
  ["https://host/x?signal=1&design=2#token=3", "https://host/x?signal=1&design=2#token=3"],
])("%s is shown as %s", (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
  expect(hidesSecrets(shown)).toBe(text !== shown);
});

test.each([
  ["x @ https://me:word@host/x.whl", "x @ https://host/x.whl"],
  ["git+ssh://git:word@host/x", "git+ssh://git@host/x"],
  ["git+ssh://git@host/x", "git+ssh://git@host/x"],
  ["https://host/x?token=word", "https://host/x"],
  ["https://host/x?token=word&sig=word&a=1&auth=word#sha256=1", "https://host/x?a=1#sha256=1"],
  ["https://host/x?a=1&b=2 ; python_version > '3'", "https://host/x?a=1&b=2 ; python_version > '3'"],
])("%s is given to others as %s", (text, given) => {
  expect(dropSecrets(text)).toBe(given);
});

test("a long text without an address costs no more than its length", () => {
  const text = "a".repeat(1 << 21);
  expect(hideSecrets(text)).toBe(text);
  expect(dropSecrets(`https://h/?${text}`)).toBe(`https://h/?${text}`);
  const addresses = "a://b:c".repeat(1 << 16);
  expect(hideSecrets(addresses)).toBe(addresses);
});

test("the secrets of an address are known as they are written, decoded, and as a header has them", () => {
  const header = Buffer.from("me:w@rd/").toString("base64");
  expect(secretsIn("x @ https://me:w%40rd%2F@host/x?token=t%2Bn")).toEqual(
    expect.arrayContaining(["w%40rd%2F", "w@rd/", header, "t%2Bn", "t+n"]),
  );
});
