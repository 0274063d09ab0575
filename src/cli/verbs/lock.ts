import { dirname, resolve } from "node:path";
import { SkerryError } from "../../core/error.ts";
import { environment } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry lock ENVIRONMENT` */
export default {
  summary: "Write the packages of an environment to a lock file, pylock.toml",
  operands: [environment],
  options: {
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      description: "Write to this file, pylock.toml or pylock.NAME.toml; - prints it",
      complete: "file",
    },
    force: { type: "boolean", short: "f", description: "Overwrite a file that isn't a lock file" },
  },
  examples: [
    ["skerry lock web", "Write pylock.toml in this folder"],
    ["skerry lock web -o -", "Print it"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { output, library, environment: name } = invocation;
  const given = invocation.text("output") ?? "pylock.toml";
  const file = given === "-" ? undefined : resolve(library.cwd, given);
  if (file !== undefined) await checkFile(file, invocation.flag("force"));
  const environment = await (await library.open()).open(name);
  const { lock, text } = await environment.packages.lock(file === undefined ? library.cwd : dirname(file));
  if (file === undefined && !output.json) {
    output.verbatim(text);
    return 0;
  }
  if (file !== undefined) {
    const { writeAtomic } = await import("../../platform/files.ts");
    writeAtomic(file, text);
  }
  const packages = lock.packages.map((one) => ({ name: one.name, version: one.version }));
  const place = file === undefined ? { text } : { file };
  output.result({ environment: { id: environment.id, name: environment.name }, ...place, packages }, () =>
    output.say(`wrote ${packages.length} packages to ${file}`),
  );
  return 0;
}

async function checkFile(file: string, force: boolean): Promise<void> {
  const { readIfExists } = await import("../../platform/files.ts");
  const { projectFileKind } = await import("../../index.ts");
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
