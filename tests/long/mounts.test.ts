import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { startIndex } from "../rig/index.ts";
import { CAN_MOUNT } from "../rig/mounts.ts";
import { newestPython, Rig } from "../rig/rig.ts";

const ALPHA = ["--with", "alpha==1.0"];
const RUN = ["run", ...ALPHA, "--", "alpha"];

/** Commands that move or remove what was there before, and such as have to work after them. */
const COMMANDS: readonly (readonly string[])[] = [
  RUN,
  ["exec", "thin", "--", "alpha"],
  ["exec", "web", "--", "alpha"],
  ["install", "full", "alpha==2.0"],
  ["undo", "full"],
  ["repair", "--all"],
  ["doctor", "--fix"],
  ["rm", "web"],
  ["ls"],
  ["create", "web", "--prefix", ".venv", ...ALPHA],
  ["exec", "web", "--", "alpha"],
  ["gc"],
  ["rm", "thin", "full"],
  ["gc", "--all"],
  ["doctor", "--fix"],
  ["ls"],
  ["create", "thin", "--thin", ...ALPHA],
  ["exec", "thin", "--", "alpha"],
  RUN,
];

interface Stage {
  readonly rig: Rig;
  /** Runs a script in a mount namespace of its own, `"$@"` being a program and its arguments. @returns what failed */
  readonly run: (mounts: string, commands: readonly (readonly string[])[]) => Promise<string>;
}

/** A state with a thin, a full, a cached environment and one in the project's folder. */
async function withState(use: (stage: Stage) => Promise<void>): Promise<void> {
  await using rig = await Rig.make();
  await using index = await startIndex({ distributions: WHEELS });
  const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  const python = ["--python", newestPython().path];
  for (const args of [
    ["create", "thin", "--thin", ...ALPHA, ...python],
    ["create", "full", ...ALPHA, ...python],
    ["create", "web", "--prefix", ".venv", ...ALPHA, ...python],
    RUN,
  ])
    expect(await rig.skerry(args, { env })).toMatchObject({ exitCode: 0 });
  const quote = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
  const run = async (mounts: string, commands: readonly (readonly string[])[]) => {
    const lines = commands.map(
      (args) => `out=$(${quote([rig.program, ...args])} 2>&1) || printf '%s\\n' ${quote([args.join(" ")])} "$out"`,
    );
    // The folder that was entered before the mount is the one below it.
    const script = [`set -e; cd ${rig.root}`, mounts, `cd ${rig.cwd}`, ...lines].join("\n");
    const { stdout, stderr, exitCode } = await rig.run(["unshare", "-m", "sh", "-c", script], { env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return stdout;
  };
  await use({ rig, run });
}

describe("a state in a lower layer of an overlay", () => {
  for (const [what, damage] of [
    ["is whole", ""],
    ["lost a layer's files", "find state/store/layers \\( -name 'alpha.py' -o -name RECORD \\) -delete"],
    ["lost trees' files", "find state/store/trees -name 'alpha.py' -delete"],
  ] as const) {
    test.skipIf(!CAN_MOUNT)(
      `that ${what} is used, mended, collected and removed like any other`,
      () =>
        withState(async ({ rig, run }) => {
          const at = join(rig.root, "upper");
          mkdirSync(at);
          const over = (name: string) => `mkdir upper/${name} upper/${name}.work
mount -t overlay -o redirect_dir=off,lowerdir=${name},upperdir=upper/${name},workdir=upper/${name}.work overlay ${name}`;
          const mounts = `mount -t tmpfs tmpfs upper\n${over("state")}\n${over("project")}\n${damage}`;
          expect(await run(mounts, COMMANDS)).toBe("");
        }),
      60_000,
    );
  }
});

describe("a state with a mount in its middle", () => {
  for (const folder of ["envs", "locks", "tools", "logs", "tmp", "store", "store/trees", "store/layers"]) {
    test.skipIf(!CAN_MOUNT)(
      `at ${folder} is used, mended, collected and removed like any other`,
      () =>
        withState(async ({ run }) => {
          expect(await run(`mount --bind state/${folder} state/${folder}`, COMMANDS)).toBe("");
        }),
      60_000,
    );
  }

  test.skipIf(!CAN_MOUNT)(
    "at an environment's prefix lets it be used, mended and removed",
    () =>
      withState(async ({ run }) => {
        const commands = [
          ["exec", "web", "--", "alpha"],
          ["repair", "web"],
          ["rm", "web"],
          ["ls"],
          ["doctor", "--fix"],
        ];
        expect(await run("mount --bind project/.venv project/.venv", commands)).toBe("");
      }),
    60_000,
  );
});
