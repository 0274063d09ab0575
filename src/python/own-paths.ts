import { posix } from "node:path";
import { foldName } from "../core/fold.ts";
import { POINTER } from "../project/pointer.ts";
import { ACTIVATION_NAMES } from "./activation/render.ts";
import { isSafeScriptName } from "./scripts.ts";

/** Name of the link to the layer's site-packages in a thin environment's own. */
export const LAYER_LINK = "_skerry-layer";

/** Comes first among the `.pth` files of a thin environment, so that the others' lines find the layer's packages. */
export const LAYER_PTH = "00_skerry_layer.pth";

/** What it says. */
export const LAYER_PTH_TEXT = `${LAYER_LINK}\n`;

/**
 * Folder in a prefix in which copies are made before they get their name. It is made when one needs it, for to make
 * and remove it is a quarter of the creation of a thin environment. What a killed change left in it is removed by the next.
 */
export const STAGE = ".skerry-stage";

const IN_PREFIX = ["pyvenv.cfg", "lib64", ".gitignore", "CACHEDIR.TAG", POINTER, STAGE];
const OWN = new Set([...IN_PREFIX, ...ACTIVATION_NAMES.map((name) => `bin/${name}`)].map(foldName));
const OWN_IN_SITE = new Set([LAYER_LINK, LAYER_PTH].map(foldName));

/**
 * Whether a path in a prefix is one of those that make it an environment, or lies below one: the interpreter's links,
 * pyvenv.cfg, activation scripts, the way to the layer. They belong to no package, whatever a RECORD claims, also where
 * the file system takes names for the same that differ in case.
 * @param path relative to the prefix, as {@link pathInPrefix} gives it
 * @param sitePackages `lib/python3.12/site-packages`
 */
export function isOwnPath(path: string, sitePackages: string): boolean {
  const parts = foldName(path).split("/");
  const [top = "", second = ""] = parts;
  if (OWN.has(top) || OWN.has(`${top}/${second}`)) return true;
  if (top === "bin" && second !== "" && !isSafeScriptName(second)) return true;
  const site = foldName(sitePackages).split("/");
  return site.every((part, n) => parts[n] === part) && OWN_IN_SITE.has(parts[site.length] ?? "");
}

/** Where a row of a RECORD leads in the prefix. Rows count from site-packages, absolute ones from the root; undefined: outside. */
export function pathInPrefix(row: string, prefix: string, sitePackages: string): string | undefined {
  const path = posix.relative(prefix, posix.resolve(prefix, sitePackages, row));
  if (path === "" || path === ".." || path.startsWith("../") || row.includes("\0")) return undefined;
  // In an environment both are one.
  return path.replace(/^lib64\//, "lib/");
}
