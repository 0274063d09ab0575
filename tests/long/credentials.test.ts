import { describe, test } from "bun:test";
import { expectUnseen, ROADS } from "../cli/credential-roads.ts";

describe.each(["uv", "pip"] as const)("a password (%s) in", (installer) => {
  test.each(Object.keys(ROADS[installer]))(
    "%s is used, and neither kept nor shown",
    (road) => expectUnseen(installer, road),
    60_000,
  );
});
