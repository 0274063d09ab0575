import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { Credentials, SecretUrl } from "../../src/core/credentials.ts";

const knowing = (...texts: string[]) => {
  const credentials = new Credentials();
  for (const text of texts) credentials.hide(text);
  return credentials;
};

test("an address with a password shows itself without it, however it is shown", () => {
  const url = new SecretUrl("https://me:word@host/x");
  const shown = [`${url}`, String(url), JSON.stringify({ url }), inspect({ url }), JSON.stringify(Object.entries(url))];
  expect(shown.join()).not.toContain("word");
  expect(url.reveal()).toBe("https://me:word@host/x");
});

test.each([
  "x @ https://me:word@host/x.whl",
  "x[a] @ https://me:word@host/x.whl#sha256=1 ; python_version > '3'",
  "https://me:word@host/x.whl[a,b]",
  "https://me:word@[::1]:80/x.whl",
  "-r https://host/r.txt?token=word&a=1",
  "x @ https://host/x.whl?key=wo'rd&word;a#sha256=1",
  "https://me:w@rd/word@host.org/x.whl",
  "x @ https://me:w@rd@host/x.whl",
])("%s is kept without its password, and given to installers with it", (line) => {
  const credentials = new Credentials();
  const kept = credentials.hide(line);
  expect(kept).not.toMatch(/word|w@rd/);
  expect(credentials.reveal(kept)).toBe(line);
  expect(credentials.lacks(kept)).toBe(false);
  expect(new Credentials().lacks(kept)).toBe(true);
  // Another process asks without: netrc may have it.
  expect(new Credentials().reveal(kept)).not.toContain("****");
  expect([...credentials.secrets()].length).toBeGreaterThan(0);
});

test("a secret in the fragment of an address is neither kept nor given to installers, and nobody lacks it", () => {
  const credentials = new Credentials();
  const kept = credentials.hide("x @ https://host/x.whl#egg=x&token=word");
  expect(kept).toBe("x @ https://host/x.whl#egg=x&token=****");
  expect(credentials.reveal(kept)).toBe("x @ https://host/x.whl#egg=x");
  expect(new Credentials().lacks(kept)).toBe(false);
});

test("what an installer tells of an address takes nothing from what was given, and a new password counts", () => {
  const given = "https://me:word@host/x.whl?key=t%2Bn";
  const credentials = knowing(given, "https://host/x.whl?key=t%2Bn");
  expect(credentials.reveal("https://host/x.whl")).toBe(given);
  credentials.hide("https://me:new@host/x.whl?key=t%2Bn");
  expect(credentials.reveal("https://host/x.whl")).toBe("https://me:new@host/x.whl?key=t%2Bn");
});

test("a repository's password goes into git's variables, for that repository alone, behind those that are set", () => {
  const line = "x @ git+https://me:w%40rd@host/x.git@v1#subdirectory=y";
  const credentials = knowing(line, "x @ https://me:word@host/x.whl");
  expect(credentials.reveal(line)).toBe("x @ git+https://host/x.git@v1#subdirectory=y");
  expect(credentials.gitVariables({ GIT_CONFIG_COUNT: "1" })).toEqual({
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_1: "http.https://host/x.git.extraHeader",
    GIT_CONFIG_VALUE_1: `Authorization: Basic ${Buffer.from("me:w@rd").toString("base64")}`,
  });
  expect(new Credentials().gitVariables({})).toEqual({});
});

// Each differs from the index in one part of its origin alone.
test.each([
  ["http://host:8080/f/x.whl", "http://me:word@host:8080/f/x.whl"],
  ["http://host:8081/f/x.whl", undefined],
  ["https://host:8080/f/x.whl", undefined],
  ["http://other:8080/f/x.whl", undefined],
  ["http://host:8080.other/f/x.whl", undefined],
  ["http://host:80801/f/x.whl", undefined],
  ["http://you@host:8080/f/x.whl", undefined],
  ["http://host:8080/b/x.whl", "http://you:other@host:8080/b/x.whl"],
])("of an index at http://host:8080, a file at %s is fetched as %s", (file, given = file) => {
  const credentials = knowing("http://me:word@host:8080/simple", "http://you:other@host:8080/b/simple");
  expect(credentials.forFile(file)).toBe(given);
});
