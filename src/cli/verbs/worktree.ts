import { relative } from "node:path";
import { SkerryError } from "../../core/error.ts";
import type { WorktreeEntry, WorktreeReport, Worktrees } from "../../index.ts";
import { requirements } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { type Output, paint } from "../output/output.ts";
import type { Verb } from "../verb.ts";

const WORKTREE_ACTIONS = ["status", "verify", "init", "list", "prune", "global-setup"] as const;

/** `skerry worktree [ACTION]` */
export default {
  summary: "Give each git worktree its own environment",
  description:
    "What the environment holds is read from the project: uv.lock, pylock.toml, pyproject.toml with its dependency groups, requirements files, .python-version and skerry.toml. It is the worktree's .venv, with the project installed from this worktree. In a project with a pixi.toml it is pixi's default environment instead, where pixi is on this machine.",
  operands: [
    {
      name: "ACTION",
      description: `What to do: ${WORKTREE_ACTIONS.join(", ")}`,
      choices: WORKTREE_ACTIONS,
      optional: true,
    },
  ],
  options: {
    group: requirements.group!,
    extra: requirements.extra!,
    python: { type: "string", value: "PYTHON", description: "With init: the interpreter", complete: "python" },
    force: { type: "boolean", description: "With init: make it anew, also where another tool's .venv is" },
    entry: {
      type: "string",
      value: "SCRIPT",
      description: "With init: let this script find the worktree's Python by itself",
      complete: "file",
    },
    known: {
      type: "boolean",
      description: "With init: only where you have installed the very same before in this repository; else fail",
    },
    "pixi-tasks": { type: "boolean", description: "With init: add tasks to pixi.toml, for pixi run worktree-status" },
    "git-hook": { type: "boolean", description: "With init: let git do it for each worktree that it adds" },
    all: { type: "boolean", description: "With prune: also where the whole repository is gone" },
    "dry-run": { type: "boolean", description: "With prune: only tell what would go" },
  },
  examples: [
    ["skerry worktree init", "Make this worktree's environment, or bring it up to date"],
    ["skerry worktree init --group test --extra socks", "And choose what of the project's dependencies is wanted"],
    ["skerry worktree", "Tell which Python this worktree has, and whether its packages can be imported"],
    ["skerry worktree verify", "Prove that it is apart from all others; exits with 1 when it isn't"],
    ["skerry worktree init --entry p3.py", "And let a script find this Python from whatever shell it is started"],
    ["skerry worktree prune", "Remove the environments of worktrees that are gone"],
    ["skerry worktree global-setup", "Tell every worktree where playbooks, compose files and scripts are"],
  ],
  run,
} satisfies Verb;

/** The options that mean something to each action. */
const OPTIONS: Readonly<Record<string, readonly (typeof WORKTREE_ACTIONS)[number][]>> = {
  group: ["init"],
  extra: ["init"],
  python: ["init"],
  force: ["init"],
  entry: ["init"],
  known: ["init"],
  "pixi-tasks": ["init"],
  "git-hook": ["init"],
  all: ["prune"],
  "dry-run": ["prune"],
};

async function run(invocation: Invocation): Promise<number> {
  const { library, operands } = invocation;
  const action = WORKTREE_ACTIONS.find((one) => one === operands[0]) ?? "status";
  for (const [option, actions] of Object.entries(OPTIONS)) {
    if (invocation.parsed.values.has(option) && !actions.includes(action)) {
      throw new SkerryError("SKE-USAGE", `skerry worktree ${action} takes no --${option}`, {
        hint: `it is an option of skerry worktree ${actions[0]}`,
      });
    }
  }
  const { worktrees } = await library.open({}, { prune: false });
  return ACTIONS[action](invocation, worktrees);
}

type Action = (invocation: Invocation, worktrees: Worktrees) => Promise<number>;

const ACTIONS: Readonly<Record<(typeof WORKTREE_ACTIONS)[number], Action>> = {
  async status({ output, signal }, worktrees) {
    const report = await worktrees.status({ signal });
    output.result({ ...report }, () => tellStatus(output, report));
    return 0;
  },

  async verify({ output, signal }, worktrees) {
    const report = await worktrees.verify({ signal });
    const wrong = report.checks.filter(({ ok }) => !ok);
    output.result({ ...report }, () => {
      for (const { check, ok, problem, repair } of report.checks) {
        const sign = ok ? paint("green", "ok  ") : paint("red", "FAIL");
        output.print([sign, `  ${check}${problem ? `: ${problem}` : ""}`]);
        if (repair !== null) output.print(`      repair: ${repair}`);
      }
      if (report.outOfDate) output.warn("the project's files have changed since", "skerry worktree init");
      if (wrong.length === 0) output.say(`${report.worktree} has an environment of its own, and it is whole`);
    });
    return wrong.length === 0 ? 0 : 1;
  },

  async init(invocation, worktrees) {
    const { output, signal } = invocation;
    const [groups, extras] = [invocation.texts("group"), invocation.texts("extra")];
    const { environment, ...report } = await worktrees.init({
      ...(groups.length > 0 ? { groups } : {}),
      ...(extras.length > 0 ? { extras } : {}),
      python: invocation.text("python"),
      entry: invocation.text("entry"),
      force: invocation.flag("force"),
      known: invocation.flag("known"),
      pixiTasks: invocation.flag("pixi-tasks"),
      signal,
    });
    const hook = invocation.flag("git-hook") ? await worktrees.gitHook({ signal }) : undefined;
    const { id, name, record } = environment;
    const { prefix } = record.spec;
    output.result({ environment: { id, name }, prefix, ...report, ...(hook ? { hook } : {}) }, () => {
      const { done, notes, carried } = report;
      for (const note of notes) output.say(note);
      for (const path of carried?.copied ?? []) output.say(`copied ${path} from the main checkout`);
      if (report.pixiTasks?.added.length)
        output.say(`added to ${report.pixiTasks.manifest}: ${report.pixiTasks.added.join(", ")}`);
      if (report.entry?.changed)
        output.say(`${report.entry.script} finds the worktree's Python by ${report.entry.file}: put both under git`);
      if (hook?.changed) output.say(`git makes the environment of each new worktree by ${hook.path}`);
      output.say(done === "nothing" ? `${name} is up to date` : `${name}: ${done}`);
    });
    return 0;
  },

  async list({ output, library }, worktrees) {
    const entries = await worktrees.list();
    output.result({ worktrees: entries }, () =>
      output.table(
        ["WORKTREE", "BRANCH", "ENVIRONMENT", ""],
        entries.map((one) => [
          relative(library.cwd, one.root) || ".",
          one.branch ?? "(detached)",
          one.environment?.name ?? "-",
          stateOf(one),
        ]),
      ),
    );
    return 0;
  },

  async "global-setup"({ output }, worktrees) {
    const setup = await worktrees.globalSetup();
    const { ansible_playbooks, docker_configs, shared_scripts } = setup.infrastructure;
    output.result({ ...setup }, () => {
      const tell = (what: string, paths: readonly string[]) =>
        output.print(`${what}: ${paths.map((path) => relative(setup.source, path)).join(", ") || "none"}`);
      tell("Ansible playbooks", ansible_playbooks);
      tell("Docker configurations", docker_configs);
      tell("Shared scripts", shared_scripts);
      for (const path of setup.written) output.say(`wrote ${path}`);
      if (ansible_playbooks.length + docker_configs.length + shared_scripts.length > 0)
        output.say("skerry task lists them as tasks of every worktree, and runs them after skerry trust");
    });
    return 0;
  },

  async prune(invocation, worktrees) {
    const { output, signal } = invocation;
    const dryRun = invocation.flag("dry-run");
    const report = await worktrees.prune({ withRepository: invocation.flag("all"), dryRun, signal });
    output.result({ ...report, dryRun }, () => {
      for (const { name, root } of report.removed)
        output.print(`${name}: ${root} is gone (${dryRun ? "would be removed" : "removed"})`);
      for (const { name, root } of report.moved)
        output.print(`${name}: it is in ${root} now (${dryRun ? "would be repaired" : "repaired"})`);
      if (report.removed.length + report.moved.length === 0) output.say("every worktree is where it was");
    });
    return 0;
  },
};

function stateOf({ isGone, isTaken, isMain, locked }: WorktreeEntry): string {
  if (isGone) return locked === undefined ? "gone" : "gone, locked";
  if (isTaken) return "something else is there";
  return isMain ? "main" : "";
}

function tellStatus(output: Output, report: WorktreeReport): void {
  const { python, packages, checks } = report;
  const available = packages.filter((one) => one.available).map(({ name }) => name);
  const reasons = checks
    .filter(({ ok, check }) => !ok && !/^(import|package) /.test(check))
    .map(({ problem }) => problem);
  const row = (name: string, text: string) => output.print(`  ${name.padEnd(12)} ${text}`);
  output.print([paint("bold", "Worktree environment")]);
  row("Repository", report.repository);
  row("Worktree", `${report.worktree} (${report.kind})`);
  row("Python", python ? `${python.version}  ${relative(report.root, python.executable)}` : "none of its own");
  row("Isolated", report.isolated ? "yes" : `no: ${reasons.join("; ")}`);
  if (python)
    row(
      "Packages",
      `${available.length} of ${packages.length} available${available.length > 0 ? `: ${available.join(", ")}` : ""}`,
    );
  for (const { name, problem } of packages) if (problem !== null) row("", `${name}: ${problem}`);
  if (report.outOfDate) row("Out of date", "the project's files have changed: skerry worktree init");
  for (const note of report.notes) output.say(note);
}
