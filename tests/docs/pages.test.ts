import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Rig, SKERRY } from "../rig/rig.ts";

const TASKS = join(import.meta.dirname, "../../docs/tasks");
const PAGES = [...readdirSync(TASKS), "../migrate.md"];

/** The code blocks of a page in one language, in order. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(TASKS, page), "utf8");
  return [...text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```/gm)]
    .filter((found) => found[2] === language)
    .map((found) => found[3]!.replace(new RegExp(`^${found[1]}`, "gm"), ""));
}

describe("what the task pages say to type works, in order", () => {
  for (const page of PAGES.filter((name) => blocks(name, "sh").length > 0)) {
    test(page, async () => {
      await using rig = await Rig.make();
      const bin = join(rig.root, "bin");
      mkdirSync(bin);
      symlinkSync(SKERRY, join(bin, "skerry"));
      const script = rig.write("page.sh", blocks(page, "sh").join("\n"));
      const { exitCode, stdout, stderr } = await rig.run(["bash", "-eu", script], {
        env: { PATH: `${bin}:${rig.env.PATH}` },
        timeout: 120_000,
      });
      expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
    }, 150_000);
  }

  test("but for blocks that say why they aren't run", () => {
    const fences = PAGES.flatMap((page) => [
      ...readFileSync(join(TASKS, page), "utf8").matchAll(/^ *```(?:sh|ts) (.*)$/gm),
    ]);
    expect(fences.map((found) => found[1]).filter((info) => !/^no-run: \w.{8,}/.test(info!))).toEqual([]);
  });

  test("library.md, its TypeScript", async () => {
    await using rig = await Rig.make();
    const file = join(import.meta.dirname, "../../examples", `.page-${process.pid}.ts`);
    await Bun.write(file, blocks("library.md", "ts").join("\n"));
    try {
      const { exitCode, stdout, stderr } = await rig.run([process.execPath, file], { timeout: 120_000 });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^0 attr\n/);
    } finally {
      await Bun.file(file).delete();
    }
  }, 150_000);
});
