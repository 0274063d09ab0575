import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../core/operation.ts";
import { type AskedCheckout, askCheckout } from "./ask-checkout.ts";
import { checkoutAt } from "./believe.ts";
import { runGit } from "./run-git.ts";
import { submodulesOf } from "./tracked.ts";

const STATUS = ["status", "--porcelain", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty"];

/**
 * The first file of a checkout, or of a submodule of it, that isn't as it was committed; undefined where all are. What the
 * project or the user ignores isn't looked at. Git's filters aren't run: what one of them has changed counts as changed
 * where git would have to read it again.
 * @returns from the root of the checkout @throws SKE-TOOL, SKE-TIMEOUT
 */
export async function firstChange(
  checkout: AskedCheckout,
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<string | undefined> {
  // The one setting of the user's that counts; git reads no repository's for it.
  const asked = ["config", "--type=path", "--default=", "--get", "core.excludesFile"];
  const ignored = (await runGit(asked, { cwd: "/", env, own: { GIT_DIR: "/dev/null" } }, op)).replace(/\n$/, "");
  const args = ignored === "" ? STATUS : ["-c", `core.excludesFile=${ignored}`, ...STATUS];
  return changeIn(checkout, args, env, op);
}

async function changeIn(
  checkout: AskedCheckout,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  op: Operation,
): Promise<string | undefined> {
  const [first = ""] = (await askCheckout(checkout, args, env, op)).split("\n");
  if (first !== "") return first.slice(3);
  // Git would look into these with the settings that each of them has.
  for (const path of submodulesOf(checkout)) {
    const folder = join(checkout.root, path);
    const submodule = checkoutAt(folder);
    const change = submodule?.root === folder ? await changeIn(submodule, args, env, op) : firstIn(folder);
    if (change !== undefined) return join(path, change);
  }
  return undefined;
}

/** Of a submodule that isn't checked out, whose folder is empty or missing then. */
function firstIn(folder: string): string | undefined {
  try {
    return readdirSync(folder)[0];
  } catch {
    return undefined;
  }
}
