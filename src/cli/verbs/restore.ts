import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry restore ENVIRONMENT --at NUMBER` */
export default async function restore(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const at = invocation.count("at")!;
  const environment = await openToChange(invocation, await library.open());
  tellChange(output, environment, await environment.packages.restore(at, { signal }));
  return 0;
}
