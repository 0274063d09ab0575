import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "./harness/benchmark.ts";
import { PACKAGES } from "./harness/ground.ts";
import { alternate } from "./harness/measure.ts";
import { prepareWide } from "./harness/wide.ts";

/** Clones of a full environment of the wide set, against a copy of its folder by hardlinks, whose scripts then lead to the original. */
export const clone: Benchmark = {
  id: "P11",
  async run(ground) {
    await prepareWide(ground);
    const { skerry, rounds } = ground;
    ground.run([skerry, "create", "original", "--full", "--python", ground.python.path, "-r", PACKAGES]);
    const { environment } = JSON.parse(ground.run([skerry, "show", "original", "--json"]));
    const copy = join(ground.scratch, "copy");
    const [full, linked] = await alternate(rounds, [
      {
        work: () => void ground.run([skerry, "clone", "original", "twin", "--full"]),
        after: () => ground.run([skerry, "rm", "twin"]),
      },
      {
        work: () => void ground.run(["cp", "-al", environment.place, copy]),
        after: () => rmSync(copy, { recursive: true }),
      },
    ]);
    await using library = await ground.open();
    const original = await library.open("original");
    const [inProcess, again] = await alternate(rounds, [
      {
        work: async () => void (await original.clone({ name: "twin", keep: true })),
        after: async () => void (await library.destroy("twin")),
      },
      {
        work: () => void ground.run(["cp", "-al", environment.place, copy]),
        after: () => rmSync(copy, { recursive: true }),
      },
    ]);
    ground.run([skerry, "rm", "original"]);
    const row = { id: "P11", unit: "ms" } as const;
    const peer = { name: "cp -al", figure: linked };
    return [
      { ...row, work: "a full clone of a full environment of the wide set", ours: full, peer, target: { ratio: 0.5 } },
      {
        ...row,
        work: "a thin clone of it, in process",
        ours: inProcess,
        peer: { name: "cp -al", figure: again },
        target: { ratio: 0.02 },
      },
    ];
  },
};
