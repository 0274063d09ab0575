import { quotePython } from "../core/quote.ts";
import { fillIn } from "../core/script.ts";
import { REQUIREMENTS } from "../project/manifests.ts";
import START_SITE from "../python/start-site.py" with { type: "text" };
import BELIEVE from "./entry/believe.py" with { type: "text" };
import CHECK from "./entry/check.py" with { type: "text" };
import ENTER from "./entry/enter.py" with { type: "text" };
import REPORT from "./entry/report.py" with { type: "text" };

/**
 * Python (standard library only) that knows the environment of a git worktree: all of `_skerry_entry.py`. Importing it
 * runs the script that imports it in that environment, and run by itself it answers `status` and `verify` without Skerry.
 * Skerry's own `worktree status` and `verify` ask it too, by `-c`. The part that is imported works from Python 2.7 on, so
 * that whatever `python` is first on PATH can find its way; the rest from 3.8.
 *
 * In the environment's own interpreter, CHECK says what that is, which packages the project declares, and whether they
 * can be imported. BELIEVE says what a worktree's `.git` entry stands for, by the rule of `src/git/believe.ts`: each claim
 * counts only when the other side makes it too, and all of it is the user's. REPORT answers with these: which Python a
 * worktree has, whether anything leads it to another worktree, and which packages can be imported.
 */
export const ENTRY_SCRIPT: string = [
  ENTER,
  fillIn(CHECK, { REQUIREMENTS: quotePython(REQUIREMENTS) }),
  START_SITE,
  BELIEVE,
  REPORT,
].join("\n\n");
