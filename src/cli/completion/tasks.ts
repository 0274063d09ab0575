import { locateConfig } from "../../config/locate.ts";
import { collectTasks } from "../../tasks/collect.ts";

/** Names of a folder's tasks. Opens and creates no state. @throws what those throw */
export async function taskNames(cwd: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  return [...collectTasks(locateConfig({ cwd, env }), env).tasks.keys()];
}
