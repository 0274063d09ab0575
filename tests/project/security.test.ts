import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, read } from "./sources.ts";

/** The statements of the page: the items of its lists from this heading on. */
const FROM = "## What Skerry does";

/** `[tests/a.test.ts](tests/a.test.ts) "title", "other title"` */
const HELD_BY = /\[(?<shown>tests\/[\w./-]+\.test\.ts)\]\((?<file>[^)]+)\)(?<titles>(?:,? ?"[^"]+")+)/g;

const statements = read("SECURITY.md").split(FROM)[1]!.split(/^- /m).slice(1);

describe("SECURITY.md", () => {
  test("says nothing that no test holds", () => {
    expect(statements.length).toBeGreaterThan(10);
    const bare = statements.filter((statement) => [...statement.matchAll(HELD_BY)].length === 0);
    expect(bare).toEqual([]);
  });

  test("names tests that are there", () => {
    const named = statements.flatMap((statement) => [...statement.replace(/\s+/g, " ").matchAll(HELD_BY)]);
    const missing = named.flatMap(({ groups }) => {
      const { shown = "", file = "", titles = "" } = groups ?? {};
      if (shown !== file || !existsSync(join(ROOT, file))) return [file];
      const text = read(file).replaceAll('\\"', '"');
      return [...titles.matchAll(/"([^"]+)"/g)].map(([, title]) => title!).filter((title) => !text.includes(title));
    });
    expect(missing).toEqual([]);
  });
});
