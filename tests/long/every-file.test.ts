import { describe } from "bun:test";
import { ROWS } from "../faults/damaged.ts";
import { NAMES, tryDamages } from "../faults/every-file.ts";

describe("what Skerry keeps:", () => {
  for (const name of Object.keys(ROWS)) tryDamages([name], () => ({ damages: NAMES, verbs: 6 }));
});
