import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { operation } from "../../src/core/operation.ts";
import { scrub } from "../../src/python/environment-variables.ts";
import type { InterpreterFacts } from "../../src/python/interpreter.ts";
import { targetHere } from "../../src/python/target.ts";
import { writeVenv } from "../../src/python/venv.ts";
import { venvFaults, verifyByProcess, verifyByStructure } from "../../src/python/verify.ts";
import { Rig } from "../rig/rig.ts";
import { everyPython, newest, pythonCode } from "./facts.ts";

const op = operation();

/** A fresh virtual environment, and what both checks are asked about it. */
function fresh(rig: Rig, facts: InterpreterFacts = newest, inConfig = false) {
  const prefix = join(rig.cwd, "env");
  writeVenv({ prefix, facts, systemSitePackages: inConfig, prompt: "env", version: "1" });
  const target = targetHere({ ...facts, interpreter: facts.baseExecutable });
  return { prefix, target, sitePackages: facts.sitePackages, systemSitePackages: false };
}

const leak = (...words: string[]) =>
  expect.objectContaining({ code: "SKE-ENV-LEAK", message: expect.stringMatching(new RegExp(words.join(".*"), "s")) });

test.each(everyPython.map((facts) => [facts.path, facts] as const))(
  "a fresh environment of %s passes",
  async (_, facts) => {
    await using rig = await Rig.make();
    const subject = fresh(rig, facts);
    await verifyByProcess(subject, op);
    expect(verifyByStructure(subject)).toEqual([]);
    const open = { ...fresh(rig, facts, true), systemSitePackages: true };
    await verifyByProcess(open, op);
    expect(verifyByStructure(open)).toEqual([]);
  },
);

test("an environment that reads a layer through its link passes, absolute lines of the layer included", async () => {
  await using rig = await Rig.make();
  const subject = fresh(rig);
  const site = join(subject.prefix, subject.sitePackages);
  const layer = join(rig.root, "store/layer/site-packages");
  mkdirSync(join(layer, "inner"), { recursive: true });
  symlinkSync(layer, join(site, "_skerry-layer"));
  writeFileSync(join(site, "00_skerry_layer.pth"), "_skerry-layer\n");
  writeFileSync(join(site, "other.pth"), `${layer}/inner\n`);
  await verifyByProcess(subject, op);
  expect(verifyByStructure(subject)).toEqual([]);
});

describe("a leak is found", () => {
  test("when a .pth file names a folder outside", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    const outside = join(rig.root, "outside");
    mkdirSync(outside);
    writeFileSync(join(subject.prefix, subject.sitePackages, "planted.pth"), `# comment\n${outside}\n`);
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("sys.path holds", outside));
    expect(verifyByStructure(subject)).toEqual([expect.stringContaining(`planted.pth puts ${outside} on the path`)]);
    const allowed = { ...subject, allowed: [outside] };
    await verifyByProcess(allowed, op);
    expect(verifyByStructure(allowed)).toEqual([]);
  });

  test("when the folder outside only begins like one inside", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    mkdirSync(`${subject.prefix}-other`);
    writeFileSync(join(subject.prefix, subject.sitePackages, "x.pth"), `${subject.prefix}-other\n`);
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("env-other"));
    expect(verifyByStructure(subject)).toHaveLength(1);
  });

  test("when pyvenv.cfg lets the packages of the base interpreter in", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig, newest, true);
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("packages"));
    expect(verifyByStructure(subject)).toEqual([expect.stringContaining("base interpreter's packages")]);
  });

  test("when code in the environment puts a folder on the path", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    const code = "import sys; sys.path.append('/tmp')\n";
    writeFileSync(join(subject.prefix, subject.sitePackages, "code.pth"), code);
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("sys.path holds /tmp"));
  });

  test("when its Python is another environment's, or another Python", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    const python = join(subject.prefix, "bin/python");
    const oldest = everyPython[0]!;
    expect(oldest.realPath).not.toBe(newest.realPath);
    unlinkSync(python);
    symlinkSync(oldest.baseExecutable, python);
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("its Python is|sys.base_prefix is"));
    expect(verifyByStructure(subject).join("\n")).toContain(`leads to ${oldest.realPath}`);
  });

  test("when pyvenv.cfg is gone: it is no environment any more", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    rmSync(join(subject.prefix, "pyvenv.cfg"));
    await expect(verifyByProcess(subject, op)).rejects.toThrow(leak("sys.prefix is"));
    expect(verifyByStructure(subject)).toEqual([expect.stringContaining("pyvenv.cfg is missing")]);
  });
});

test("variables and files of a hostile user don't leak into an environment", async () => {
  await using rig = await Rig.make();
  const { prefix } = fresh(rig);
  const [major, minor] = newest.versionInfo;
  const user = join(rig.user, ".local", `lib/python${major}.${minor}/site-packages`);
  mkdirSync(user, { recursive: true });
  for (const name of ["usercustomize", "sitecustomize"]) writeFileSync(join(user, `${name}.py`), "print('leaked')\n");
  rig.write("hostile/usercustomize.py", "print('leaked')\n");
  rig.write("hostile/sitecustomize.py", "print('leaked')\n");
  const hostile = join(rig.cwd, "hostile");
  const env = scrub({
    ...rig.env,
    PYTHONPATH: hostile,
    PYTHONHOME: rig.root,
    PYTHONUSERBASE: join(rig.user, ".local"),
    PYTHONSTARTUP: join(hostile, "usercustomize.py"),
    PYTHONPLATLIBDIR: "lib-else",
    __PYVENV_LAUNCHER__: "/usr/bin/python3",
    VIRTUAL_ENV: hostile,
  });
  const argv = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = [join(prefix, "bin/python"), "-c", pythonCode("sys.path[1:]")];
  const { stdout, stderr } = await rig.run(["/usr/bin/env", "-i", ...argv, ...command]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout).filter((entry: string) => !entry.startsWith(newest.basePrefix))).toEqual([
    join(prefix, newest.sitePackages),
  ]);
});

describe("what is broken is named", () => {
  const base = { path: newest.baseExecutable, version: newest.version };
  const problemsOf = (...args: Parameters<typeof venvFaults>) => venvFaults(...args).map(({ message }) => message);

  test("when the interpreter below is gone", async () => {
    await using rig = await Rig.make();
    const { prefix } = fresh(rig, { ...newest, baseExecutable: join(rig.cwd, "gone/bin/python3") });
    const problems = problemsOf(prefix, base);
    expect(problems).toContain(`the base interpreter's folder ${join(rig.cwd, "gone/bin")} is gone`);
    expect(problems.join("\n")).toContain("which is gone");
  });

  test("when the interpreter below is another version now", async () => {
    await using rig = await Rig.make();
    const { prefix } = fresh(rig);
    const problems = problemsOf(prefix, { ...base, version: "3.99.1" });
    expect(problems).toContain(`it was made for Python ${newest.versionInfo.join(".")}, but its interpreter is 3.99.1`);
  });

  test("when links or site-packages are missing", async () => {
    await using rig = await Rig.make();
    const { prefix, sitePackages } = fresh(rig);
    unlinkSync(join(prefix, "bin/python3"));
    rmSync(join(prefix, sitePackages), { recursive: true });
    expect(problemsOf(prefix, base)).toEqual([
      `${prefix}/bin/python3 is missing`,
      expect.stringContaining("has no site-packages"),
    ]);
  });

  test("when its Python doesn't start", async () => {
    await using rig = await Rig.make();
    const subject = fresh(rig);
    unlinkSync(join(subject.prefix, "bin/python"));
    writeFileSync(join(subject.prefix, "bin/python"), "#!/bin/sh\necho broken library >&2; exit 127\n", {
      mode: 0o755,
    });
    await expect(verifyByProcess(subject, op)).rejects.toThrow(
      expect.objectContaining({ code: "SKE-ENV-BROKEN", message: expect.stringContaining("broken library") }),
    );
  });
});
