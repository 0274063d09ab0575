import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";

/** `skerry restore ENVIRONMENT --at NUMBER` */
export default async function restore(invocation: Invocation): Promise<number> {
  const { output, library, environment: name, signal } = invocation;
  const at = invocation.count("at")!;
  const environment = await (await library.open()).open(name);
  tellChange(output, environment, await environment.packages.restore(at, { signal }));
  return 0;
}
