import { pixiPath } from "../engines/pixi/program.ts";
import { PIXI_PROJECT, type ProjectKind, pixiManifestIn, VIRTUALENV_PROJECT } from "../project/kind.ts";
import type { Project } from "../project/project.ts";
import { projectIn } from "../python/pyproject.ts";
import { pixiSources, sourcesWithoutPixi } from "./pixi-sources.ts";
import { type ProjectChoice, type ProjectSources, projectSources } from "./sources.ts";

/** Where a worktree's environment lies, and what it follows. */
export interface WorktreePlan {
  readonly kind: ProjectKind;
  readonly prefix: string;
  readonly project: Project;
  readonly sources: ProjectSources;
}

/**
 * What a worktree's environment should be: pixi's, in a project of pixi where pixi is on this machine; else a `.venv`.
 * @param known.now the kind that the environment is of, where one stays: it isn't given up because a caller's PATH lacks pixi
 * @param known.env by which pixi is found; absent: only `now` counts
 * @throws SKE-PKG-REQUIREMENT, SKE-PIXI-PROJECT for files that can't be understood, SKE-ENGINE-UNAVAILABLE for a project
 * that pixi alone can install
 */
export function planFor(
  root: string,
  choice: ProjectChoice,
  { now, env }: { readonly now?: ProjectKind | undefined; readonly env?: Readonly<NodeJS.ProcessEnv> },
): WorktreePlan {
  const manifest = pixiManifestIn(root);
  const project = projectIn(root);
  const base = projectSources(project, choice);
  const plan = (kind: ProjectKind, sources: ProjectSources) => {
    return { kind, prefix: `${root}/${kind.place}`, project, sources };
  };
  if (manifest === undefined) return plan(VIRTUALENV_PROJECT, base);
  const hasPixi = now === PIXI_PROJECT || (env !== undefined && pixiPath(env) !== undefined);
  return hasPixi
    ? plan(PIXI_PROJECT, pixiSources(project, manifest, base))
    : plan(VIRTUALENV_PROJECT, sourcesWithoutPixi(project, manifest, base));
}
