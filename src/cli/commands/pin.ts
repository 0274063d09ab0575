import type { Invocation } from "../invocation.ts";

/** `skerry pin ENVIRONMENT` and `skerry unpin ENVIRONMENT` */
export default async function pin({ parsed, output, library, environment: name }: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  const pinned = parsed.spec.name === "pin";
  environment.pin(pinned);
  output.result({ environment: environment.record }, () =>
    output.say(`${environment.name} ${pinned ? "stays until it is unpinned" : "is no longer pinned"}`),
  );
  return 0;
}
