import { resolve } from "node:path";
import { SkerryError } from "../../core/error.ts";
import type { ProjectTrust } from "../../index.ts";
import { confirm } from "../invocation/confirm.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry trust [DIR]` */
export default {
  summary: "Let this project's own configuration set what runs or redirects",
  operands: [
    { name: "DIR", description: "The project; otherwise the current folder's", optional: true, complete: "folder" },
  ],
  options: {
    revoke: { type: "boolean", description: "Trust it no more" },
    list: { type: "boolean", description: "List what is trusted" },
  },
  examples: [
    ["skerry trust", "Trust the configuration of this project as it is now"],
    ["skerry trust --list", "List the trusted projects"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  if (invocation.flag("list") && invocation.flag("revoke")) {
    throw new SkerryError("SKE-USAGE", "--list and --revoke exclude each other", { hint: "give one of them" });
  }
  const { library, operands } = invocation;
  const { trust: project } = await library.config(resolve(library.cwd, operands[0] ?? "."));
  if (invocation.flag("list")) return list(invocation, project);
  return invocation.flag("revoke") ? revoke(invocation, project) : add(invocation, project);
}

async function add(invocation: Invocation, project: ProjectTrust): Promise<number> {
  const { output } = invocation;
  const requests = [await project.request(), await project.taskRequest()].filter((one) => one !== undefined);
  const [first] = requests;
  if (!first) {
    output.result({ trusted: null }, () => output.say("this project sets nothing that needs trust"));
    return 0;
  }
  const { trustCount, trustLines, withoutSecrets } = await import("../output/trust-lines.ts");
  const asked = requests.flatMap((one) => one.settings);
  if (!output.json) for (const line of trustLines(asked)) output.tell(line);
  const { projectRoot } = first;
  await confirm(invocation, `Trust what ${projectRoot} sets, ${trustCount(asked)}?`);
  await project.add(requests);
  const settings = asked.map((one) => ({ ...one, value: withoutSecrets(one) }));
  const digests = requests.map(({ digest }) => digest);
  output.result({ trusted: { projectRoot, digests, settings } }, () => output.say(`trusted ${projectRoot}`));
  return 0;
}

async function revoke({ output }: Invocation, project: ProjectTrust): Promise<number> {
  const revoked = await project.revoke();
  output.result({ revoked }, () => output.say(revoked ? "trusted no more" : "this project was not trusted"));
  return 0;
}

async function list({ output }: Invocation, project: ProjectTrust): Promise<number> {
  const all = (await project.list()).map(({ digest, body, at }) => {
    const { projectRoot, keys } = body as { projectRoot: string; keys: string[] };
    return { projectRoot, digest, keys, at };
  });
  output.result({ trusted: all }, () => {
    if (all.length === 0) output.say("no project is trusted");
    output.table(
      ["PROJECT", "SETS", "SINCE"],
      all.map(({ projectRoot, keys, at }) => [projectRoot, keys.join(", "), new Date(at).toISOString()]),
    );
  });
  return 0;
}
