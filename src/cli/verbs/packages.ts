import { SkerryError } from "../../core/error.ts";
import type { Environment, PackageNode } from "../../index.ts";
import { environment, sources } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { sourceFlags } from "../invocation/spec-options.ts";
import type { Output } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry packages ENVIRONMENT` */
export default {
  summary: "List the packages of an environment",
  operands: [environment],
  options: {
    tree: { type: "boolean", description: "Show what requires what" },
    outdated: { type: "boolean", description: "Show only those of which there are newer versions" },
    why: { type: "string", value: "PACKAGE", description: "Show what leads to this package" },
    ...sources,
  },
  examples: [
    ["skerry packages web --json", "List them for a program"],
    ["skerry packages web --tree", "Show what requires what"],
    ["skerry packages web --why idna", "Show why a package is there"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const why = invocation.text("why");
  const views = [invocation.flag("tree"), invocation.flag("outdated"), why !== undefined];
  if (views.filter(Boolean).length > 1) {
    throw new SkerryError("SKE-USAGE", "--tree, --outdated and --why exclude each other", { hint: "give one of them" });
  }
  const skerry = await library.open(sourceFlags(invocation));
  const environment = await skerry.open(name);
  if (why !== undefined) await tellWhy(output, environment, why);
  else if (invocation.flag("tree")) await tellTree(output, environment);
  else if (invocation.flag("outdated")) await tellOutdated(output, environment, signal);
  else await tellList(output, environment);
  return 0;
}

async function tellList(output: Output, environment: Environment): Promise<void> {
  const list = await environment.packages.list();
  output.result({ ...about(environment), packages: list }, () => {
    if (list.length === 0) output.say(`${environment.name} has no packages`);
    output.table(
      ["PACKAGE", "VERSION", "SOURCE", ""],
      list.map((one) => [one.name, one.version ?? "", one.source, one.requested ? "asked for" : ""]),
    );
  });
}

async function tellTree(output: Output, environment: Environment): Promise<void> {
  const tree = await environment.packages.tree();
  output.result({ ...about(environment), tree }, () => {
    if (tree.length === 0) output.say(`${environment.name} has no packages`);
    output.print(...tree.flatMap((node) => treeLines(node)));
  });
}

function treeLines(node: PackageNode, lead = "", below = ""): string[] {
  const notes = [node.repeated ? "(above)" : "", node.version === undefined ? "(missing)" : ""].filter(Boolean);
  const asked = node.requirement === undefined ? "" : `  [${node.requirement}]`;
  const last = node.requires.length - 1;
  return [
    `${lead}${[node.name, node.version ?? "", ...notes].filter(Boolean).join(" ")}${asked}`,
    ...node.requires.flatMap((one, at) =>
      treeLines(one, `${below}${at === last ? "└── " : "├── "}`, `${below}${at === last ? "    " : "│   "}`),
    ),
  ];
}

async function tellOutdated(output: Output, environment: Environment, signal: AbortSignal): Promise<void> {
  const outdated = await environment.packages.outdated({ signal });
  output.result({ ...about(environment), outdated }, () => {
    if (outdated.length === 0) output.say(`everything in ${environment.name} is the newest`);
    output.table(
      ["PACKAGE", "VERSION", "ALLOWED", "NEWEST"],
      outdated.map((one) => [one.name, one.version, one.allowed, one.newest]),
    );
  });
}

async function tellWhy(output: Output, environment: Environment, name: string): Promise<void> {
  const chains = await environment.packages.why(name);
  output.result({ ...about(environment), chains }, () => {
    for (const chain of chains) {
      const steps = chain.map(({ name: step, version, requirement }) =>
        requirement === undefined ? `${step} ${version}` : `${requirement} (${version})`,
      );
      output.print(steps.join(" → "));
    }
  });
}

function about({ id, name }: Environment) {
  return { environment: { id, name } };
}
