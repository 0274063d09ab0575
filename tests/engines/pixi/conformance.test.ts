import { test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pixiEngine } from "../../../src/engines/pixi/pixi-engine.ts";
import { engineConformance } from "../conformance/suite.ts";
import { lockOf, manifest, PIXI, pixiVariables } from "./setup.ts";

if (PIXI === undefined) test.skip("the engine pixi keeps to the contract of engines", () => {});
else {
  const home = mkdtempSync(join(tmpdir(), "skerry-pixi-home-"));
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  engineConformance("pixi", pixiEngine, {
    variables: { HOME: home, PATH: `${dirname(PIXI)}:${process.env.PATH}`, ...pixiVariables(home) },
    specIn(folder) {
      mkdirSync(folder, { recursive: true });
      const text = manifest('python = "*"');
      writeFileSync(join(folder, "pixi.toml"), text);
      writeFileSync(join(folder, "pixi.lock"), lockOf(text));
      return { prefix: join(folder, ".pixi/envs/default") };
    },
  });
}
