import type { Finding } from "../../index.ts";
import type { Invocation } from "../invocation.ts";
import type { Output } from "../output.ts";

/** `skerry doctor`. Exits with 1 when a finding is a problem, with `--fix` when one is left. */
export default async function doctor(invocation: Invocation): Promise<number> {
  const { output, library } = invocation;
  const skerry = await library.open();
  const report = await skerry.doctor({ fix: invocation.flag("fix") });
  output.result({ ...report }, () => {
    for (const { subject, message, ok } of report.fixes)
      output.print(`${ok ? "fixed" : "not fixed"}: ${subject}: ${message}`);
    output.print(`state in ${report.home}`);
    for (const finding of report.findings) output.print(describe(output, finding));
  });
  return report.healthy ? 0 : 1;
}

function describe(output: Output, { level, subject, message, hint }: Finding): string {
  const style = { ok: "green", warning: "yellow", problem: "red" } as const;
  const line = `${output.paint(style[level], level.padEnd(8))} ${subject}: ${message}`;
  return hint === undefined ? line : `${line}\n         ${output.paint("bold", "hint:")} ${hint}`;
}
