import { dirname, resolve } from "node:path";
import { SkerryError } from "../../core/error.ts";
import { readIfExists, writeAtomic } from "../../platform/files.ts";
import { projectFileKind } from "../../python/project-files.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry lock ENVIRONMENT` */
export default async function lock(invocation: Invocation): Promise<number> {
  const { output, library, environment: name } = invocation;
  const given = invocation.text("output") ?? "pylock.toml";
  const file = given === "-" ? undefined : resolve(library.cwd, given);
  if (file !== undefined) checkFile(file, invocation.flag("force"));
  const environment = await (await library.open()).open(name);
  const { lock, text } = await environment.packages.lock(file === undefined ? library.cwd : dirname(file));
  if (file === undefined && !output.json) {
    output.verbatim(text);
    return 0;
  }
  if (file !== undefined) writeAtomic(file, text);
  const packages = lock.packages.map((one) => ({ name: one.name, version: one.version }));
  const place = file === undefined ? { text } : { file };
  output.result({ environment: { id: environment.id, name: environment.name }, ...place, packages }, () =>
    output.say(`wrote ${packages.length} packages to ${file}`),
  );
  return 0;
}

function checkFile(file: string, force: boolean): void {
  if (projectFileKind(file) !== "pylock") {
    throw new SkerryError("SKE-USAGE", `A lock file is named pylock.toml or pylock.NAME.toml, not ${file}`, {
      hint: "other tools know it by its name; -o - prints it",
    });
  }
  const before = force ? undefined : readIfExists(file);
  if (before === undefined || /^lock-version\s*=/m.test(before)) return;
  throw new SkerryError("SKE-USAGE", `${file} is there and isn't a lock file`, {
    hint: "choose another name with -o, or overwrite it with --force",
  });
}
