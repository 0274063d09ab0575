import { existsSync } from "node:fs";
import { join } from "node:path";
import { userHomeFolder } from "../platform/paths.ts";
import { findTool } from "../platform/which.ts";

/** Where Docker's client looks for plugins of the whole machine (Docker's documentation, "Use Docker plugins"). */
const PLUGINS = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map(
  (folder) => `${folder}/docker/cli-plugins`,
);

/** How Docker Compose is called: as a plugin of Docker, or where only the older program of its own is there, by that. */
export function composeProgram(env: Readonly<Record<string, string | undefined>>): [string, ...string[]] {
  const own = join(env.DOCKER_CONFIG || join(userHomeFolder(env), ".docker"), "cli-plugins");
  const isPlugin = [own, ...PLUGINS].some((folder) => existsSync(join(folder, "docker-compose")));
  return !isPlugin && findTool("docker-compose", env.PATH) ? ["docker-compose"] : ["docker", "compose"];
}
