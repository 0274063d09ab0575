import { expect, test } from "bun:test";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";
import { packagesFrom } from "./setup.ts";

test("an import takes the locked versions, and says what it would ask for", async () => {
  await using rig = await Rig.make();
  await using index = await startIndex({
    distributions: ["1.0", "2.0"].flatMap((version) => [
      buildWheel({ name: "demo", version, requires: ["part"] }),
      buildWheel({ name: "part", version }),
    ]),
  });
  rig.write("Pipfile", '[packages]\ndemo = "*"\n');
  rig.write("Pipfile.lock", '{"default": {"demo": {"version": "==1.0"}, "part": {"version": "==1.0"}}}');
  const env = packagesFrom(index.url);
  const python = newestPython().path;
  const plan = await rig.skerry(["import", "pipfile", "--dry-run"]);
  expect(plan).toMatchObject({ exitCode: 0, stdout: "demo\n" });
  for (const installer of ["uv", "pip"]) {
    const args = ["import", "pipfile", "--python", python, "--name", `api-${installer}`, "--json"];
    const { stdout } = await rig.skerry(args, { env: { ...env, SKERRY_INSTALLER: installer } });
    expect(JSON.parse(stdout)).toMatchObject({ environment: { name: `api-${installer}` }, notes: [] });
    const { packages } = JSON.parse((await rig.skerry(["packages", `api-${installer}`, "--json"])).stdout);
    expect(packages).toMatchObject([
      { name: "demo", version: "1.0", requested: true },
      { name: "part", version: "1.0", requested: false },
    ]);
  }
  rig.write("environment.yml", "dependencies: [demo, only-conda-has-this]\n");
  const missing = await rig.skerry(["import", "environment.yml", "--python", python, "--name", "c"], { env });
  expect(missing).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("--without NAME") });
  const args = ["import", "environment.yml", "--without", "only-conda-has-this", "--python", python, "--name", "c"];
  expect(await rig.skerry(args, { env })).toMatchObject({ exitCode: 0, stdout: "c\n" });
});
