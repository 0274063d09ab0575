import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { startIndex } from "../rig/index.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { WHEELS } from "./setup.ts";

const sh = (script: string, ...args: string[]) => execFileSync("sh", ["-c", script, ...args]);

/** How a state folder comes to another place or back to its own, and how well its times fare. */
const WAYS: Readonly<Record<string, (from: string, to: string) => void>> = {
  "was moved": (from, to) => renameSync(from, to),
  "went through tar, which keeps whole seconds": (from, to) =>
    sh('mkdir "$1" && tar -C "$0" -cf - . | tar -C "$1" -xf - && rm -rf "$0"', from, to),
  "went through tar, and got the times of its unpacking": (from, to) =>
    sh('mkdir "$1" && tar -C "$0" -cf - . | tar -C "$1" -xmf - && rm -rf "$0"', from, to),
  "was copied without times and with fewer modes": (from, to) =>
    sh('umask 077; cp -r "$0" "$1" && rm -rf "$0"', from, to),
  "had its times changed where it was": (from, to) =>
    sh('find "$0" -exec touch -h -d "2020-02-02 02:02:02.22" {} + && mv "$0" "$1"', from, to),
};

/** Prints "fresh" when Python takes the module's bytecode as it is, which it checks against its source's time and size. */
const IS_FRESH = `
import os, alpha
stat = os.stat(alpha.__file__)
head = open(alpha.__cached__, "rb").read(16)
print("fresh" if int.from_bytes(head[8:12], "little") == int(stat.st_mtime) else "stale")
`;

describe("a state folder", () => {
  for (const [how, bring] of Object.entries(WAYS)) {
    test(`that ${how} works at once, offline, and so does what is made from it`, async () => {
      await using rig = await Rig.make();
      const index = await startIndex({ distributions: WHEELS });
      const env = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url, PYTHONDONTWRITEBYTECODE: "1" };
      const run = ["run", "--with", "alpha==1.0", "--", "alpha"];
      const made = [
        ["create", "full", "--with", "alpha==1.0"],
        ["create", "thin", "--thin", "--with", "alpha==1.0"],
        run,
      ];
      for (const args of made) expect(await rig.skerry(args, { env })).toMatchObject({ exitCode: 0 });
      await index[Symbol.asyncDispose]();
      const home = join(rig.root, "elsewhere", "state");
      mkdirSync(dirname(home));
      bring(rig.home, home);
      const trees = readdirSync(join(home, "store/trees")).sort();
      const skerry = async (...args: string[]) => {
        const outcome = await rig.skerry(args, { env: { ...env, SKERRY_HOME: home } });
        expect({ args, ...outcome }).toMatchObject({ args, exitCode: 0 });
        return outcome.stdout;
      };
      const works = async () => {
        expect(await skerry(...run)).toBe("alpha 1.0\n");
        for (const name of ["full", "thin"]) expect(await skerry("exec", name, "--", "alpha")).toBe("alpha 1.0\n");
      };
      await works();
      expect(await skerry("exec", "thin", "--", "python", "-c", IS_FRESH)).toBe("fresh\n");
      await skerry("doctor", "--fix");
      await skerry("check", "thin");
      await skerry("check", "full", "--deep");
      await works();
      for (const [name, ...more] of [["new"], ["newthin", "--thin"]] as const) {
        await skerry("create", name, "--with", "alpha==1.0", ...more);
        expect(await skerry("exec", name, "--", "python", "-c", IS_FRESH)).toBe("fresh\n");
      }
      // Nothing was made anew: there was nowhere to take it from.
      expect(readdirSync(join(home, "store/trees")).sort()).toEqual(trees);
      await skerry("uninstall", "full", "alpha");
      expect(existsSync(join(home, "envs"))).toBe(true);
      const scripts = await skerry(
        "exec",
        "full",
        "--",
        "sh",
        "-c",
        'ls "$VIRTUAL_ENV/bin" | grep -c "^alpha$" || true',
      );
      expect(scripts).toBe("0\n");
    });
  }
});

describe("an interpreter", () => {
  for (const part of ["1234567", "9999999", "000000001"]) {
    test(`whose file time ends in .${part} serves like any other`, async () => {
      await using rig = await Rig.make();
      const real = newestPython().path;
      const root = join(rig.root, "python");
      mkdirSync(join(root, "bin"), { recursive: true });
      symlinkSync(join(dirname(dirname(real)), "lib"), join(root, "lib"));
      const python = join(root, "bin/python3");
      copyFileSync(real, python);
      sh('touch -d "2026-01-01 00:00:00.$1" "$0"', python, part);
      for (const engine of ["virtualenv", "basic"]) {
        const created = await rig.skerry(["create", engine, "--engine", engine, "--python", python]);
        expect(created).toMatchObject({ exitCode: 0 });
        for (let n = 0; n < 2; n++) {
          const outcome = await rig.skerry(["exec", engine, "--", "python", "-c", "print(1)"]);
          expect(outcome).toMatchObject({ exitCode: 0, stdout: "1\n" });
        }
        expect(await rig.skerry(["check", engine])).toMatchObject({ exitCode: 0 });
      }
      if (part !== "9999999") {
        // As from an archive: the same file, to the second.
        sh('touch -d "2026-01-01 00:00:00" "$0"', python);
        expect(await rig.skerry(["exec", "virtualenv", "--", "python", "-c", ""])).toMatchObject({ exitCode: 0 });
      }
      rmSync(python);
      expect(await rig.skerry(["exec", "virtualenv", "--", "python", "-c", ""])).not.toMatchObject({ exitCode: 0 });
    });
  }
});
