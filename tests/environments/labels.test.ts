import { expect, test } from "bun:test";
import { openSkerry } from "../../src/index.ts";
import { Rig } from "../rig/rig.ts";

test("an environment is found by the labels it was given", async () => {
  await using rig = await Rig.make();
  await using skerry = await openSkerry({ env: rig.env, cwd: rig.cwd });
  await using made = await skerry.create({ name: "made", engine: "basic", labels: { team: "data" } });
  await using _other = await skerry.create({ name: "other", engine: "basic" });
  await made.label({ stage: "test", team: "web" });
  expect((await skerry.labelled("team")).map(({ name, labels }) => ({ name, labels }))).toEqual([
    { name: "made", labels: { team: "web", stage: "test" } },
  ]);
  expect(made.label({ "no name": "" })).rejects.toMatchObject({ code: "SKE-USAGE" });
  expect((await skerry.open("made")).record.labels.team).toBe("web");
});
