import { VERSION } from "../../core/version.ts";
import type { Invocation } from "../invocation.ts";

export { tellVersion as default };

/** `skerry version` and `skerry --version`. */
export function tellVersion({ output }: Invocation): number {
  output.result({ version: VERSION }, () => output.print(`skerry ${VERSION}`));
  return 0;
}
