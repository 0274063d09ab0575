import { expect, test } from "bun:test";
import { operation } from "../../src/core/operation.ts";

test("a listener of progress that fails makes a warning, and no work fail", async () => {
  const warning = new Promise<Error>((resolve) => process.once("warning", resolve));
  const op = operation({
    onEvent() {
      throw new Error("no more of it");
    },
  });
  op.tell({ kind: "progress", phase: "install" });
  expect((await warning).message).toBe("no more of it");
});
