import type { Invocation } from "../invocation.ts";
import { tellChange } from "../package-change.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry undo ENVIRONMENT` */
export default async function undo(invocation: Invocation): Promise<number> {
  const { output, library, signal } = invocation;
  const environment = await openToChange(invocation, await library.open());
  tellChange(output, environment, await environment.packages.undo({ signal }));
  return 0;
}
