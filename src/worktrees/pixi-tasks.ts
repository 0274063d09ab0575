import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { writeConfig } from "../config/edit.ts";
import { SkerryError } from "../core/error.ts";
import { canonicalJson } from "../core/json.ts";
import { type Table, tableOf } from "../core/table.ts";
import { parseToml } from "../core/toml.ts";
import { leadsInto, readIfExists } from "../platform/files.ts";
import { pixiManifestIn } from "../project/kind.ts";
import { allTables, pixiTable, readPixiManifest } from "../project/pixi-manifest.ts";

/** What `pixi run NAME` does once the tasks are in a manifest. */
export const PIXI_TASKS: Readonly<Record<string, string>> = {
  "worktree-status": "skerry worktree status",
  "worktree-verify": "skerry worktree verify",
  "worktree-init": "skerry worktree init",
  "global-setup": "skerry worktree global-setup",
  "check-env": "skerry check .",
  "docker-status": "skerry task docker-status",
  "ansible-setup": "skerry task ansible-setup",
};

/** What {@link addPixiTasks} did. */
export interface PixiTasksReport {
  /** The manifest; absolute. */
  readonly manifest: string;
  /** The tasks that are new in it. */
  readonly added: readonly string[];
}

/** The tasks that the manifest of a folder lacks; undefined where there is no manifest. @throws SKE-PIXI-PROJECT */
export function missingPixiTasks(root: string): PixiTasksReport | undefined {
  const manifest = pixiManifestIn(root);
  if (manifest === undefined) return undefined;
  const known = taskNames(readPixiManifest(manifest));
  return { manifest, added: Object.keys(PIXI_TASKS).filter((name) => !known.has(name)) };
}

/**
 * Adds the tasks that a manifest lacks; comments and format stay, and so does every task that is there.
 * @throws SKE-PIXI-PROJECT where there is no manifest, or where it can't be changed without rewriting it; SKE-IO
 */
export async function addPixiTasks(root: string): Promise<PixiTasksReport> {
  const missing = missingPixiTasks(root);
  if (missing === undefined) {
    throw new SkerryError("SKE-PIXI-PROJECT", `${root} has no manifest of pixi to add tasks to`, {
      hint: "pixi init makes one",
    });
  }
  const { added } = missing;
  if (added.length === 0) return missing;
  const manifest = realpathSync(missing.manifest);
  if (!leadsInto(manifest, root)) {
    const what = `The tasks could not be added to ${missing.manifest}: it is a link to ${manifest}, outside of ${root}`;
    throw new SkerryError("SKE-PIXI-PROJECT", what, { hint: "put the manifest itself in its place" });
  }
  const before = readPixiManifest(manifest);
  const text = readIfExists(manifest) ?? "";
  const { parse, patch } = await import("@decimalturn/toml-patch");
  const document = parse(text) as Record<string, unknown>;
  const table = basename(manifest) === "pixi.toml" ? document : inside(inside(document, "tool"), "pixi");
  const tasks = inside(table, "tasks");
  for (const name of added) tasks[name] = PIXI_TASKS[name];
  const after = patch(text, document).replace(/[^\n]$/, "$&\n");
  const written = pixiTable(manifest, parseToml(after));
  const wanted = { ...before, tasks: { ...tableOf(before.tasks), ...pick(added) } };
  if (canonicalJson(plain(written)) !== canonicalJson(plain(wanted))) {
    throw new SkerryError("SKE-PIXI-PROJECT", `The tasks could not be added to ${manifest} without rewriting it`, {
      hint: `add them by hand below [tasks]: ${added.map((name) => `${name} = "${PIXI_TASKS[name]}"`).join(", ")}`,
      details: { manifest, tasks: added },
    });
  }
  writeConfig(manifest, after);
  return missing;
}

/** The names of all tasks, of whichever feature and platform: pixi would ask which one is meant. */
function taskNames(document: Table): Set<string> {
  return new Set(allTables(document).flatMap(({ tasks }) => Object.keys(tableOf(tasks))));
}

function inside(table: Record<string, unknown>, key: string): Record<string, unknown> {
  table[key] ??= {};
  return table[key] as Record<string, unknown>;
}

function pick(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, PIXI_TASKS[name]!]));
}

/** Without what only TOML has, such as dates. */
function plain(table: Table): unknown {
  return JSON.parse(JSON.stringify(table));
}
