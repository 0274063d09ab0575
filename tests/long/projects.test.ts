import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Comparison, KINDS } from "../real/comparison.ts";
import { Rig } from "../rig/rig.ts";

/** A project of PyPI whose source archive has its tests. */
interface Project {
  readonly name: string;
  readonly version: string;
  /** What its tests need besides. */
  readonly needs: readonly string[];
  /** For pytest. */
  readonly options?: readonly string[];
}

/** The first two are run always, all with REAL_PROJECTS=all. */
const PROJECTS: readonly Project[] = [
  { name: "flask", version: "3.1.3", needs: ["pytest<9", "asgiref", "greenlet", "python-dotenv"] },
  { name: "click", version: "8.5.1", needs: ["pytest<9.1"] },
  { name: "packaging", version: "26.4", needs: ["pytest", "pretend", "hypothesis", "tomli-w", "pip"] },
  { name: "attrs", version: "26.1.0", needs: ["pytest", "hypothesis", "cloudpickle", "pympler"] },
  {
    name: "requests",
    version: "2.34.2",
    needs: ["pytest", "pysocks", "pytest-httpbin==2.1.0", "httpbin~=0.10.0", "pytest-mock", "trustme"],
  },
];
const CHOSEN = process.env.REAL_PROJECTS === "all" ? PROJECTS : PROJECTS.slice(0, 2);

describe("a project's own tests give the same in thin and full environments as in uv's", () => {
  for (const { name, version, needs, options = [] } of CHOSEN) {
    test(`${name} ${version}`, async () => {
      await using rig = await Rig.ordinary();
      const folder = join(rig.cwd, "source");
      expect(await rig.run(["mkdir", folder])).toMatchObject({ exitCode: 0 });
      const pip = ["run", "--python", rig.python, "--with", "pip", "--", "pip"];
      const download = ["download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder];
      const fetched = await rig.skerry([...pip, ...download, `${name}==${version}`], { timeout: 300_000 });
      expect(fetched).toMatchObject({ exitCode: 0 });
      const archive = join(folder, readdirSync(folder)[0]!);
      expect(await rig.run(["tar", "xzf", archive, "-C", folder, "--strip-components=1"])).toMatchObject({
        exitCode: 0,
      });
      const all = await Comparison.make(rig, [`${name}==${version}`, ...needs]);
      const results: Record<string, unknown> = {};
      for (const kind of KINDS) {
        const args = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", ...options, "tests"];
        const { exitCode, stdout, stderr } = await all.python(kind, args, folder);
        // What it says last: `490 passed, 3 skipped in 2.31s`, and which failed.
        const failed = stdout.match(/^(FAILED|ERROR) \S+/gm) ?? [];
        const summary = /^=* ?((?:\d+ \w+(?:, )?)+) in [\d.:]+s/m.exec(stdout)?.[1];
        expect({ kind, stderr, summary }).toEqual({ kind, stderr, summary: expect.stringMatching(/\d+ passed/) });
        results[kind] = { exitCode, summary, failed: failed.sort() };
      }
      expect({ thin: results.thin, full: results.full }).toEqual({ thin: results.uv, full: results.uv });
    }, 1_800_000);
  }
});
