import { describe, expect, test } from "bun:test";
import { WHEELS } from "../environments/setup.ts";
import { uvFolder } from "../rig/uv.ts";
import { Stage, SUBJECT } from "./stage.ts";

/** A uv that is itself until it is to install: then it does this, with its arguments in `$@`. */
const badUv = (instead: string) => `#!/bin/sh
case "$2" in
  install) ${instead} ;;
  *) exec ${uvFolder()}/uv "$@" ;;
esac
`;

/** The folder that uv is told to install into, and half a package there. */
const HALF = `prefix=; for word in "$@"; do [ "$last" = --prefix ] && prefix=$word; last=$word; done
  mkdir -p "$prefix/lib/half"; echo broken > "$prefix/lib/half/file"`;

describe("an installer that fails in the middle", () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
    ["is killed", `${HALF}; kill -9 $$`, { exitCode: 1 }],
    ["hangs", `${HALF}; sleep 300`, { exitCode: 7 }],
    ["says it is done and did nothing", "exit 0", { exitCode: 1 }],
    [
      "leaves a child that goes on writing",
      `${HALF}; (while :; do echo x >> "$prefix/lib/half/file"; sleep 0.1; done) & exit 1`,
      { exitCode: 1 },
    ],
  ];
  for (const [what, instead, expected] of cases) {
    test(`because it ${what} leaves everything as it was, and the next one works`, async () => {
      await using stage = await Stage.make(WHEELS, [["create", SUBJECT, "--with", "gamma"]]);
      const before = stage.shapeOf(SUBJECT);
      stage.rig.write("../bad/uv", badUv(instead), 0o755);
      const env = { PATH: `${stage.rig.root}/bad:${stage.rig.env.PATH}`, SKERRY_INSTALL_TIMEOUT: "3s" };
      const failed = await stage.skerry(["install", SUBJECT, "alpha"], env);
      expect(failed).toMatchObject(expected);
      expect(failed.stderr).toMatch(/^error: \S.*\n/m);
      await stage.expectSound();
      expect(stage.shapeOf(SUBJECT)).toEqual(before);
      await stage.expectDone(["install", SUBJECT, "alpha"]);
      await stage.expectDone(["exec", SUBJECT, "--", "python", "-c", "import alpha, gamma"]);
    }, 90_000);
  }
});
