import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { trustLines } from "../../src/cli/output/trust-lines.ts";
import { printable } from "../../src/core/printable.ts";
import { Rig } from "../rig/rig.ts";

const shown = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("  "));

test("trust: shows one line a task, and a setting, below the file that has it", async () => {
  await using rig = await Rig.make();
  rig.write(
    "skerry.toml",
    `
    index_url = "https://user:geheim1@example.com/simple?x=1&token=geheim2"
    extra_index_urls = ["https://example.com/a", "https://example.com/b"]
    [variables]
    APP_MODE = "test"
    [tasks]
    lint = "ruff check ."
    [tasks.build]
    command = "make all"
    inputs = ["src"]
    `,
  );
  rig.write("pixi.toml", '[tasks]\ntest = { cmd = "pytest", depends-on = ["build"] }\n');
  const { stderr, exitCode } = await rig.skerry(["trust"]);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    `${rig.cwd}/skerry.toml
  extra_index_urls   = "https://example.com/a"
  extra_index_urls   = "https://example.com/b"
  index_url          = "https://****@example.com/simple?x=1&token=****"
  tasks.lint         = "ruff check ."
  tasks.build        = { command = "make all", inputs = ["src"] }
  variables.APP_MODE = "test"
${rig.cwd}/pixi.toml
  tasks.test = { cmd = "pytest", depends-on = ["build"] }
error: Nobody can be asked here: Trust what ${rig.cwd} sets, 7 settings?
  hint: add --yes to answer yes beforehand
`,
  );
});

test("trust: nothing that a project writes steers the terminal, hides, passes for another line, or shows a password", async () => {
  await using rig = await Rig.make();
  const hostile = [
    ["bidi", "echo \\u202Esafe\\u202C \\u2066x", "\\u202esafe\\u202c \\u2066x"],
    ["lines", 'echo a\\n  tasks.fake         = \\"ls\\"', "\\n\\u0020\\u0020"],
    ["ansi", "\\u001b[2K\\u001b[1A\\u001b]0;t\\u0007ls", "\\u001b[2K\\u001b[1A\\u001b]0;t\\u0007ls"],
    ["c1", "\\u009b2Jls", "\\u009b2Jls"],
    ["unseen", "l\\u200bs\\u00ad \\U000e0041", "l\\u200bs\\u00ad "],
    ["wide", `ls${" ".repeat(200)}; rm -rf x`, "\\u0020; rm -rf x"],
    [
      "password",
      "curl https://u:geheim3@example.com/?access_token=geheim4",
      "https://****@example.com/?access_token=****",
    ],
    ["disguise", "curl http://x;rm$IFS-rf$IFS~;@y", "rm$IFS-rf$IFS~;@y"],
    ["query", "curl http://x?token=1;rm$IFS-rf$IFS~", "rm$IFS-rf$IFS~"],
  ] as const;
  const many = Array.from({ length: 200 }, (_, at) => `t${at} = "echo ${at}"`);
  rig.write(
    "skerry.toml",
    `[tasks]\n${[...hostile.map(([name, text]) => `${name} = "${text}"`), ...many].join("\n")}\n`,
  );
  rig.write("pixi.toml", '[tasks]\n"a\\n  b \\u202E\\u001b[2J" = "ls"\n');
  const { stderr, stdout } = await rig.skerry(["trust", "--yes"]);
  expect(stderr).toMatch(/^[\x20-\x7e\n]*$/);
  expect(shown(stderr)).toHaveLength(hostile.length + many.length + 1);
  for (const [name, , text] of hostile) {
    const line = shown(stderr).find((one) => one.startsWith(`  tasks.${name} `));
    expect([name, line]).toEqual([name, expect.stringContaining(text.replace("\\n\\u0020\\u0020", "\\n"))]);
  }
  expect(shown(stderr).at(-1)).toBe('  tasks."a\\n  b \\u202e\\u001b[2J" = "ls"');
  const json = await rig.skerry(["trust", "--yes", "--json"]);
  const state = readdirSync(rig.home, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), "latin1"));
  for (const text of [stdout, stderr, json.stdout, json.stderr, ...state]) expect(text).not.toContain("geheim");
  expect(json.stdout).toMatch(/^[\x20-\x7e\n]*$/);
  expect(Object.keys(JSON.parse(json.stdout).trusted.settings[0].value)).toHaveLength(hostile.length + many.length);
});

test("trust: a value can be read back from its line, whatever is in it", () => {
  const text = fc.string({ unit: "binary", maxLength: 60 });
  fc.assert(
    fc.property(fc.dictionary(text, text, { minKeys: 1, maxKeys: 5 }), (tasks) => {
      const [, ...lines] = trustLines([{ file: "/f", key: "tasks", value: tasks }]).map((line) =>
        printable(String(line)),
      );
      expect(lines).toHaveLength(Object.keys(tasks).length);
      const read = lines.map((line) => {
        const [, name = "", value = ""] =
          /^ {2}tasks\.("(?:[^"\\]|\\.)*"|[\w-]+) *= ("(?:[^"\\]|\\.)*")$/.exec(line) ?? [];
        return [name.startsWith('"') ? JSON.parse(unlong(name)) : name, JSON.parse(unlong(value))];
      });
      expect(Object.fromEntries(read)).toEqual(tasks);
    }),
    { seed: 20261129, numRuns: 2000 },
  );
});

/** As JSON has a character beyond the first plane, where a line has `\u{…}`. */
function unlong(text: string): string {
  return text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}
