import { hookScript } from "../hook/scripts.ts";
import { HOOK_SHELLS } from "../hook/shells.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry hook SHELL` */
export default function hook({ output, operands: [word] }: Invocation): number {
  const shell = HOOK_SHELLS.find((name) => name === word)!;
  const script = hookScript(shell, process.execPath);
  output.result({ shell, script }, () => output.verbatim(script));
  return 0;
}
