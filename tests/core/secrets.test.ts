import { expect, test } from "bun:test";
import { dropSecrets, hideInCommand, hideSecrets, hidesSecrets, secretsIn } from "../../src/core/secrets.ts";

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
  ["https://host/x?signal=1&design=2#sha256=3", "https://host/x?signal=1&design=2#sha256=3"],
  ["https://host/x?signal=1&design=2#token=3", "https://host/x?signal=1&design=2#token=****"],
  ["https://me:w@rd/wo@host.org/x", "https://****@host.org/x"],
  ["x @ https://me:w@rd/wo/rd@127.0.0.1:80/x.whl", "x @ https://****@127.0.0.1:80/x.whl"],
  ["git+https://me:word@host.org/x@v1.0/y.z/", "git+https://****@host.org/x@v1.0/y.z/"],
  ["https://host.org/~me@host.org/x", "https://host.org/~me@host.org/x"],
  ["https://host/x?key=word&sort=1", "https://host/x?key=****&sort=1"],
  ["https://host/x?a=1;access-key=word", "https://host/x?a=1;access-key=****"],
  [
    "https://host/x?api%5Fkey=word&authToken=word&auth[x]=word",
    "https://host/x?api%5Fkey=****&authToken=****&auth[x]=****",
  ],
  [
    "https://host/x?X-Amz-Credential=word&X-Goog-Signature=word",
    "https://host/x?X-Amz-Credential=****&X-Goog-Signature=****",
  ],
  ["https://host/x#egg=y&token=word", "https://host/x#egg=y&token=****"],
  ["'https://host/x?token=wo'(r)&d#e', next", "'https://host/x?token=****', next"],
  ['{"url":"https://host/x?token=word","b":1}', '{"url":"https://host/x?token=****","b":1}'],
  ["https://host/x?monkey=1&author=me&passive=2&keyboard=3", "https://host/x?monkey=1&author=me&passive=2&keyboard=3"],
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
  ["https://host/x?key=word#token=word", "https://host/x"],
  ["https://host/x?key=wo&rd&a=1#egg=y&token=word", "https://host/x?a=1#egg=y"],
  ["https://host/x#token=word&sha256=1", "https://host/x#sha256=1"],
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

test.each([
  ["curl https://host/x?token=word", "curl https://host/x?token=****"],
  ["curl https://host/x?a=1&key=rm && $key -r x", "curl https://host/x?a=1&key=rm && $key -r x"],
  ["curl https://host/x;auth=rm;$auth", "curl https://host/x;auth=rm;$auth"],
])("of the command %s, what a shell would make of it stays to be judged", (text, shown) => {
  expect(hideInCommand(text)).toBe(shown);
});
