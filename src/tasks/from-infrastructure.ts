import { basename, dirname } from "node:path";
import type { Environment } from "../config/locate.ts";
import type { TaskFile } from "../config/task-files.ts";
import { plainName } from "../core/names.ts";
import { type Infrastructure, readInfrastructure } from "../worktrees/infrastructure.ts";
import { composeProgram } from "./compose.ts";
import { plainTask, type Task } from "./task.ts";

/** What runs a playbook, from an environment of its own. */
const ANSIBLE = { requirements: ["ansible-core"] };

/** The tasks of what all worktrees of a repository share. @param file says where it is @throws SKE-CONFIG */
export function infrastructureTasks(file: TaskFile, env: Environment): Task[] {
  const infrastructure = readInfrastructure(file.path, file.value);
  const shared = (name: string): Task => ({ ...plainTask(name, "infrastructure", file.path), shared: true });
  const { ansible_playbooks: playbooks, shared_scripts: scripts } = infrastructure;
  const composes = infrastructure.docker_configs.filter((path) => /\.ya?ml$/.test(path));
  const compose = composeProgram(env);
  const tasks: Task[] = [
    ...named(playbooks).map(
      ([name, path]): Task => ({
        ...shared(`ansible:${name}`),
        command: { kind: "words", argv: ["ansible-playbook", path] },
        environment: ANSIBLE,
      }),
    ),
    ...named(composes).map(
      ([name, path]): Task => ({
        ...shared(`docker:${name}`),
        command: { kind: "words", argv: [...compose, "-f", path], otherwise: ["ps"] },
        environment: false,
      }),
    ),
    ...named(scripts).map(
      ([name, path]): Task => ({
        ...shared(`script:${name}`),
        command: { kind: "words", argv: [path] },
      }),
    ),
  ];
  if (playbooks.length > 0) tasks.push({ ...shared("ansible-setup"), ...setup(playbooks) });
  if (infrastructure.docker_configs.length > 0) tasks.push({ ...shared("docker-status"), ...status(tasks) });
  return tasks;
}

/** Runs the playbooks named setup or site one after another, else the only one there is. */
function setup(playbooks: Infrastructure["ansible_playbooks"]): Partial<Task> {
  const meant = playbooks.filter((path) => /^(setup|site)\.ya?ml$/.test(basename(path)));
  const chosen = meant.length > 0 ? meant : playbooks;
  const names = playbooks.map((path) => basename(path)).join(", ");
  return {
    description: "Run the playbooks that set up what all worktrees share",
    environment: ANSIBLE,
    command: { kind: "words", argv: ["ansible-playbook", ...chosen] },
    problem:
      meant.length > 0 || playbooks.length === 1
        ? undefined
        : {
            reason: `none of the playbooks is named setup or site, and there are several: ${names}`,
            hint: "rename one, run one by its own name (ansible:NAME), or write a task ansible-setup in skerry.toml",
          },
  };
}

/** Shows what runs of every compose file; without one, of all. */
function status(tasks: readonly Task[]): Partial<Task> {
  const composes = tasks.filter(({ name }) => name.startsWith("docker:")).map(({ name }) => name);
  const description = "Show which of the shared containers run";
  return composes.length > 0
    ? { description, dependsOn: composes }
    : { description, environment: false, command: { kind: "words", argv: ["docker", "ps"] } };
}

/** Names by the files' own; with the folders that tell them apart where two have the same. */
function named(paths: readonly string[]): [string, string][] {
  const short = (path: string) => plainName(basename(path).replace(/\.ya?ml$/, ""));
  const counts = Map.groupBy(paths, short);
  const common = commonFolder(paths);
  const long = (path: string) => {
    const words = path.slice(common.length).split("/");
    return [...words.slice(0, -1).map(plainName), short(path)].filter((word) => word !== "").join("/");
  };
  return paths.map((path) => [counts.get(short(path))!.length > 1 ? long(path) : short(path), path]);
}

function commonFolder(paths: readonly string[]): string {
  let common = dirname(paths[0] ?? "/");
  while (!paths.every((path) => path.startsWith(`${common}/`)) && common !== dirname(common)) common = dirname(common);
  return common;
}
