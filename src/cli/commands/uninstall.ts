import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";

/** `skerry uninstall ENVIRONMENT PACKAGE…` */
export default async function uninstall({
  output,
  library,
  environment: name,
  operands,
  signal,
}: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  tellChange(output, environment, await environment.packages.uninstall(operands.slice(1), { signal }));
  return 0;
}
