import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";

/** `skerry undo ENVIRONMENT` */
export default async function undo({ output, library, environment: name, signal }: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  tellChange(output, environment, await environment.packages.undo({ signal }));
  return 0;
}
