import { DEFAULT_ENVIRONMENT, manifestIn, prefixIn } from "../engines/pixi/project.ts";
import { pixiSources, sourcesWithoutPixi } from "./pixi-sources.ts";
import { type ProjectChoice, type ProjectSources, projectSources } from "./sources.ts";

/** Where a worktree's environment lies, and what it follows. */
export interface WorktreePlan {
  /** Undefined: the one of the configuration. */
  readonly engine: "pixi" | undefined;
  readonly prefix: string;
  readonly sources: ProjectSources;
}

/**
 * What a worktree's environment should be: pixi's, in a project of pixi where pixi is on this machine; else a `.venv`.
 * @throws SKE-PKG-REQUIREMENT, SKE-PIXI-PROJECT for files that can't be understood, SKE-ENGINE-UNAVAILABLE for a project
 * that pixi alone can install
 */
export async function planFor(root: string, choice: ProjectChoice, hasPixi: boolean): Promise<WorktreePlan> {
  const manifest = manifestIn(root);
  const base = projectSources(root, choice);
  if (manifest !== undefined && hasPixi) {
    const prefix = prefixIn(root, DEFAULT_ENVIRONMENT);
    return { engine: "pixi", prefix, sources: await pixiSources(root, manifest, base) };
  }
  const sources = manifest === undefined ? base : await sourcesWithoutPixi(root, manifest, base);
  return { engine: undefined, prefix: `${root}/.venv`, sources };
}
