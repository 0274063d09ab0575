import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, type OpenOptions, openSkerry, type Skerry } from "../../src/index.ts";
import { type IndexInit, startIndex, type TestIndex } from "../rig/index.ts";
import { Rig } from "../rig/rig.ts";
import { buildWheel } from "../rig/wheel.ts";

/** Wheels that the tests of this folder install. */
export const WHEELS = [
  buildWheel({
    name: "alpha",
    version: "1.0",
    requires: ["beta>=1"],
    scripts: { alpha: "alpha:main" },
    files: { "alpha.py": "VERSION = '1.0'\ndef main():\n    print('alpha 1.0')\n" },
  }),
  buildWheel({ name: "alpha", version: "2.0", requires: ["beta>=2"], files: { "alpha.py": "VERSION = '2.0'\n" } }),
  buildWheel({ name: "beta", version: "1.0" }),
  buildWheel({ name: "beta", version: "2.0" }),
  buildWheel({ name: "gamma", version: "1.0" }),
];

/** Skerry opened in a rig whose only index is one of the test's own. */
export interface Setup extends AsyncDisposable {
  readonly rig: Rig;
  readonly index: TestIndex;
  readonly skerry: Skerry;
  /** Opens the same state once more, as another process would. */
  again(options?: OpenOptions): Promise<Skerry>;
}

export async function setUp(init: IndexInit = { distributions: WHEELS }): Promise<Setup> {
  const rig = await Rig.make();
  const index = await startIndex(init);
  const env = { ...rig.env, PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url };
  const open = (options: OpenOptions = {}) => openSkerry({ env, cwd: rig.cwd, ...options });
  const skerry = await open();
  const more: Skerry[] = [];
  return {
    rig,
    index,
    skerry,
    async again(options) {
      const other = await open(options);
      more.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...more, skerry]) await one[Symbol.asyncDispose]();
      await index[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

/** Prefix and site-packages of an environment. */
export function foldersOf(env: Environment): { prefix: string; site: string } {
  const layers = env.facet("layers");
  if (!layers.ok) throw new Error(layers.reason);
  return { prefix: layers.use.prefix, site: join(layers.use.prefix, layers.use.sitePackages) };
}

/** Metadata as another installer leaves it. */
export function putByHand(site: string, name: string, version: string): void {
  const info = join(site, `${name}-${version}.dist-info`);
  mkdirSync(info);
  writeFileSync(join(info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  writeFileSync(join(site, `${name}_by_hand.py`), "");
  writeFileSync(join(info, "RECORD"), `${name}_by_hand.py,,\n`);
}
