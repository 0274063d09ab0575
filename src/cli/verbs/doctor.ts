import type { Finding } from "../../index.ts";
import type { Invocation } from "../invocation/invocation.ts";
import { type Line, paint } from "../output/output.ts";
import type { Verb } from "../verb.ts";

/** `skerry doctor`. Exits with 1 when a finding is a problem, with `--fix` when one is left. */
export default {
  summary: "Tell what works on this machine, and what to do about the rest",
  operands: [],
  options: {
    fix: {
      type: "boolean",
      description:
        "First do what is safe: repair environments, remove what nobody owns, recover what was left half done",
    },
  },
  examples: [
    ["skerry doctor", "Look at the engines, the installers, the state folder and the environments"],
    ["skerry doctor --fix", "And mend what can be mended without losing anything"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library } = invocation;
  const skerry = await library.open();
  const report = await skerry.doctor({ fix: invocation.flag("fix") });
  output.result({ ...report }, () => {
    for (const { subject, message, ok } of report.fixes)
      output.print(`${ok ? "fixed" : "not fixed"}: ${subject}: ${message}`);
    output.print(`state in ${report.home}`);
    output.print(...report.findings.flatMap(describe));
  });
  return report.healthy ? 0 : 1;
}

function describe({ level, subject, message, hint }: Finding): Line[] {
  const style = { ok: "green", warning: "yellow", problem: "red" } as const;
  const line = [paint(style[level], level.padEnd(8)), ` ${subject}: ${message}`];
  return hint === undefined ? [line] : [line, ["         ", paint("bold", "hint:"), ` ${hint}`]];
}
