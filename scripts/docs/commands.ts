import { GLOBAL_OPTIONS, usageOf } from "../../src/cli/grammar/grammar.ts";
import type { OptionSpec } from "../../src/cli/grammar/spec.ts";
import { describeOption, optionLabel } from "../../src/cli/help.ts";
import type { NamedVerb } from "../../src/cli/verb.ts";
import { allVerbs } from "../../src/cli/verbs.ts";
import { EXIT, RUN_EXIT } from "../../src/core/error-codes.ts";
import type { Pages } from "../tasks/docs.ts";

/** The reference of the command line, made from the verbs. */
export async function render(): Promise<Pages> {
  const shown = (await allVerbs()).filter((spec) => !spec.hidden);
  const page = [
    "# Commands",
    "",
    "    skerry COMMAND [ENVIRONMENT] [options] [-- PROGRAM…]",
    "",
    "Results go to standard output, everything else to standard error. With `--json` the result is one JSON document with",
    '`"schema": 1`; an error is `{"schema":1,"error":{"code","message","hint","details"}}`. Options are written in full, as',
    "`--option value` or `--option=value`. Everything after `--` belongs to the program that is run.",
    "",
    "| Command | |",
    "| --- | --- |",
    ...shown.map((spec) => `| [${spec.name}](#${spec.name}) | ${cell(spec.summary)} |`),
    "",
    "## Options of every command",
    "",
    ...options(GLOBAL_OPTIONS),
    "",
    "## Exit status",
    "",
    `\`run\`, \`exec\` and \`shell\` exit with the program's own status, 128 + n when signal n ended it, ${RUN_EXIT.timedOut} when it took too long,`,
    `${RUN_EXIT.skerryFailed} when Skerry failed, ${RUN_EXIT.cannotExecute} when the program can't be executed and ${RUN_EXIT.commandNotFound} when there is none. The others exit with`,
    `${EXIT.failed} when the operation failed, ${EXIT.usage} for a wrong command line, ${EXIT.notFound} when something isn't there, ${EXIT.conflict} for a conflict, ${EXIT.refused} when policy`,
    `refuses, ${EXIT.unavailable} when an engine or tool is unavailable and ${EXIT.timedOut} when it took too long. Ctrl-C makes it 130, SIGTERM 143.`,
    "",
    ...shown.flatMap(section),
  ];
  return { "docs/reference/commands.md": `${page.join("\n").trimEnd()}\n` };
}

function section(spec: NamedVerb): string[] {
  return [
    `## ${spec.name}`,
    "",
    `${spec.summary}.${spec.description ? ` ${spec.description}` : ""}`,
    "",
    `    ${usageOf(spec)}`,
    "",
    ...(spec.aliases.length > 0 ? [`Also: ${spec.aliases.map((name) => `\`skerry ${name}\``).join(", ")}.`, ""] : []),
    ...spec.operands.map((operand) => `- \`${operand.name}\`: ${operand.description}`),
    ...options(spec.options),
    ...(spec.operands.length + Object.keys(spec.options).length > 0 ? [""] : []),
    ...(spec.examples.length > 0
      ? ["```sh", ...spec.examples.flatMap(([line, why]) => [`# ${why}`, line]), "```", ""]
      : []),
  ];
}

function options(all: Readonly<Record<string, OptionSpec>>): string[] {
  return Object.entries(all).map(([name, spec]) => `- \`${optionLabel(name, spec).trim()}\`: ${describeOption(spec)}`);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
