import { tableOf } from "../../core/table.ts";
import { projectIn } from "../../python/pyproject.ts";

/** What a project folder declares to require (`project.dependencies`); undefined where only a build could tell it. */
export function projectRequires(folder: string): readonly string[] | undefined {
  try {
    const { dependencies: found } = tableOf(projectIn(folder).pyproject.project);
    return Array.isArray(found) ? found.filter((line) => typeof line === "string") : undefined;
  } catch {
    return undefined;
  }
}
