import { completionScript, SHELLS_COMPLETED } from "../completion/scripts.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry completion SHELL` */
export default function completion({ output, operands: [word] }: Invocation): number {
  const shell = SHELLS_COMPLETED.find((name) => name === word)!;
  const script = completionScript(shell);
  output.result({ shell, script }, () => output.verbatim(script));
  return 0;
}
