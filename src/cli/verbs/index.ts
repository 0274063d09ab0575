import { tellHelp } from "../help.ts";
import type { Invocation } from "../invocation.ts";
import { tellVersion } from "./version.ts";

/** `skerry` without a verb: the version when it is asked for, else what there is. */
export default function index(invocation: Invocation): number {
  if (invocation.flag("version")) return tellVersion(invocation);
  tellHelp(invocation.output);
  return 0;
}
