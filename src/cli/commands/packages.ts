import type { Invocation } from "../invocation.ts";

/** `skerry packages ENVIRONMENT` */
export default async function packages({ output, library, environment: name }: Invocation): Promise<number> {
  const environment = await (await library.open()).open(name);
  const list = await environment.packages.list();
  output.result({ environment: { id: environment.id, name: environment.name }, packages: list }, () => {
    if (list.length === 0) output.say(`${environment.name} has no packages`);
    output.table(
      ["PACKAGE", "VERSION", "SOURCE", ""],
      list.map((one) => [one.name, one.version ?? "", one.source, one.requested ? "asked for" : ""]),
    );
  });
  return 0;
}
