import type { Invocation } from "../invocation.ts";
import { inEnvironment, runIn } from "../run-in.ts";

/** `skerry exec ENVIRONMENT -- COMMAND…` */
export default function exec(invocation: Invocation): Promise<number> {
  return runIn(invocation, inEnvironment(invocation));
}
