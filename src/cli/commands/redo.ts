import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";

/** `skerry redo ENVIRONMENT` */
export default async function redo({ output, library, environment: name, signal }: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  tellChange(output, environment, await environment.packages.redo({ signal }));
  return 0;
}
