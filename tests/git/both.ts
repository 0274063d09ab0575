import { expect } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { NoWorktree, Worktree } from "../../src/git/believe.ts";
import { detectWorktree as detect, mainCheckout, repositoryName } from "../../src/git/worktree.ts";
import { listWorktrees } from "../../src/git/worktree-list.ts";
import { ENTRY_SCRIPT } from "../../src/worktrees/entry-script.ts";
import { newestPython } from "../rig/rig.ts";

/** Asks, beside the library, the Python that does without it, and holds that the two believe the same. */
export function detectWorktree(...at: Parameters<typeof detect>): Worktree | NoWorktree | undefined {
  const found = detect(...at);
  if (found) expect(asPythonSays(found.root)).toEqual(asExpected(found));
  return found;
}

function asExpected(found: Worktree | NoWorktree): unknown {
  const { root } = found;
  const worktree = basename(root);
  if (!("commonDir" in found) || found.displaced)
    return { repository: worktree, worktree, kind: "unknown", branch: null, root, siblings: [] };
  const { commonDir, kind, branch = null } = found;
  const others = listWorktrees(commonDir).filter((one) => !one.isTaken && !one.isGone && one.root !== root);
  const main = mainCheckout(commonDir);
  const repository = main === undefined ? repositoryName(commonDir) : basename(main);
  return { repository, worktree, kind, branch, root, siblings: others.map((one) => one.root) };
}

function asPythonSays(root: string): unknown {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "skerry-both-")));
  try {
    writeFileSync(join(folder, "_skerry_entry.py"), ENTRY_SCRIPT);
    const program = "import json, sys; sys.path.insert(0, sys.argv[1])\nimport _skerry_entry as entry\n";
    const argv = ["-I", "-B", "-c", `${program}print(json.dumps(entry.describe(sys.argv[2])))`, folder, root];
    const env = { ...process.env, SKERRY_BYPASS: "1" };
    return JSON.parse(execFileSync(newestPython().path, argv, { encoding: "utf8", env, timeout: 20_000 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
