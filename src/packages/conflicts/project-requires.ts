import { join } from "node:path";
import { parseToml } from "../../core/toml.ts";
import { readWhole } from "../../platform/files.ts";

/** What a project folder declares to require (`project.dependencies`); undefined where only a build could tell it. */
export function projectRequires(folder: string): readonly string[] | undefined {
  try {
    const { project } = parseToml(readWhole(join(folder, "pyproject.toml")).toString("utf8")) as {
      project?: { dependencies?: unknown };
    };
    const found = project?.dependencies;
    return Array.isArray(found) ? found.filter((line) => typeof line === "string") : undefined;
  } catch {
    return undefined;
  }
}
