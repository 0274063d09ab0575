import type { Invocation } from "../invocation.ts";
import { openToChange } from "../this-folder.ts";

/** `skerry pin ENVIRONMENT` and `skerry unpin ENVIRONMENT` */
export default async function pin(invocation: Invocation): Promise<number> {
  const { parsed, output, library } = invocation;
  const environment = await openToChange(invocation, await library.open());
  const pinned = parsed.spec.name === "pin";
  environment.pin(pinned);
  output.result({ environment: environment.record }, () =>
    output.say(`${environment.name} ${pinned ? "stays until it is unpinned" : "is no longer pinned"}`),
  );
  return 0;
}
