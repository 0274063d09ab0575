// Changes a prefix from the trees of one set of keys to those of another: made to be killed in the middle.
import { operation } from "../../../src/core/operation.ts";
import { statePaths } from "../../../src/platform/paths.ts";
import { applyChange } from "../../../src/store/apply.ts";
import { ensureLayer } from "../../../src/store/layer.ts";
import { openTree, treesFolder } from "../../../src/store/tree.ts";

const { home, prefix, site, mode, from, to } = JSON.parse(process.argv[2]!);
const paths = statePaths(home);
const op = operation();
const open = (keys: string[]) => keys.map((key) => openTree(treesFolder(paths), key)!);
const layer = mode === "thin" ? await ensureLayer(paths, open(to), { op }) : undefined;
console.log("begin");
const change = { prefix, sitePackages: site, mode, link: "hardlink" as const, from: open(from), to: open(to), op };
await applyChange({ ...change, ...(layer ? { layer } : {}) });
console.log("end");
