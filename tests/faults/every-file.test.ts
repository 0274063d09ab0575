import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROWS } from "./damaged.ts";
import { NAMES, tryDamages } from "./every-file.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/concepts/state.md"), "utf8");

describe("what Skerry keeps", () => {
  test("is what the table of the documentation has", () => {
    const table = PAGE.slice(PAGE.indexOf("| what is damaged"));
    const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
    const named = rows.flatMap((row) => row.split("|")[1]!.trim().split(", "));
    expect(named.map((name) => name.replaceAll("`", "")).sort()).toEqual(Object.keys(ROWS).sort());
  });

  // Each with one damage and two verbs here; with all of them in the long suite.
  tryDamages(Object.keys(ROWS), (n) => ({ damages: [NAMES[n % NAMES.length]!], verbs: 2 }));
});
