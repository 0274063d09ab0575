import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry redo ENVIRONMENT` */
export default async function redo(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const environment = await openToChange(invocation, await library.open());
  tellChange(output, environment, await environment.packages.redo({ signal }));
  return 0;
}
