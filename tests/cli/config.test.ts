import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Rig } from "../rig/rig.ts";

test("every key is told with its value and origin, and no password", async () => {
  await using rig = await Rig.make();
  const file = rig.write("skerry.toml", 'python = "3.12"\nindex_url = "https://me:s3cret@example.org/simple"\n');
  const { stdout, stderr } = await rig.skerry(["config", "show"]);
  const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
  expect(rows).toContainEqual(["python", "3.12", `${file}:1`]);
  expect(rows).toContainEqual(["index_url", "https://****@example.org/simple", `${file}:2`]);
  expect(rows).toContainEqual(["install_timeout", "30m", "default"]);
  expect(rows).toContainEqual(["home", rig.home, "SKERRY_HOME"]);
  expect(stderr).toContain("isn't trusted");
  const shown = await rig.skerry(["config", "show", "--json"]);
  expect(shown.stdout).not.toContain("s3cret");
  expect(JSON.parse(shown.stdout)).toMatchObject({
    config: {
      python: { value: "3.12", origin: { source: "project", line: 1 } },
      install_timeout: { value: 1_800_000 },
    },
    files: [{ path: file, kind: "project" }],
    trusted: false,
  });
});

test("configuration is read, changed and explained", async () => {
  await using rig = await Rig.make();
  const lines = [
    ["config", "set", "python", "3.12"],
    ["config", "set", "requirements", "requests>=2", "rich"],
    ["config", "get", "requirements"],
    ["config", "set", "timeout", "90m"],
    ["config", "get", "timeout"],
    ["config", "set", "--user", "link", "copy"],
    ["config", "set", "variables", "MODE=test"],
    ["config", "unset", "variables"],
    ["config", "unset", "variables"],
    ["config", "set", "timeout", "soon"],
    ["config", "set", "timeout"],
    ["config", "set", "pyton", "3"],
    ["config", "get"],
    ["config", "show", "python"],
    ["config", "init"],
    ["config", "init", "--force", "--template", "basic"],
  ];
  for (const line of lines) expect(`${line.join(" ")}: ${rig.show(await rig.skerry(line))}`).toMatchSnapshot();
  expect(readFileSync(join(rig.cwd, "skerry.toml"), "utf8")).toContain('\nengine = "basic"\n');
  const { stdout } = await rig.skerry(["config", "schema"]);
  expect(JSON.parse(stdout)).toMatchObject({ title: "skerry.toml", properties: { python: { type: "string" } } });
});
