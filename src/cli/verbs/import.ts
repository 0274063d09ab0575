import { SkerryError } from "../../core/error.ts";
import { readImport } from "../../imports/import.ts";
import { IMPORT_KINDS } from "../../imports/kinds.ts";
import { normalizeName, parseRequirement } from "../../python/requirement/requirement.ts";
import type { Invocation } from "../invocation.ts";

/** `skerry import KIND [PATH]` */
export default async function importFrom(invocation: Invocation): Promise<number> {
  const { operands, output, library, env, signal } = invocation;
  const [word, path] = operands;
  const kind = IMPORT_KINDS.find((one) => one === word)!;
  const read = readImport({
    kind,
    cwd: library.cwd,
    env,
    dev: invocation.flag("dev"),
    ...(path === undefined ? {} : { path }),
  });
  const without = new Set(invocation.texts("without").map(normalizeName));
  const nameOf = (line: string) => parseRequirement(line, { cwd: library.cwd }).name;
  const found = { ...read, requirements: read.requirements.filter((line) => !without.has(nameOf(line) ?? "")) };
  const python = invocation.text("python") ?? found.python;
  for (const note of found.notes) output.warn(note);
  if (invocation.flag("dry-run")) {
    output.result({ import: { ...found, python: python ?? null } }, () => {
      if (python !== undefined) output.say(`Python ${python}`);
      const lines = [
        ...found.requirements,
        ...found.files.map((file) => `-r ${file}`),
        ...found.editables.map((folder) => `-e ${folder}`),
      ];
      for (const line of lines) output.print(line);
    });
    return 0;
  }
  const name = invocation.text("name");
  const skerry = await library.open();
  const environment = await skerry
    .create({
      ...(name === undefined ? {} : { name }),
      ...(python === undefined ? {} : { python }),
      requirements: [...found.requirements],
      files: [...found.files],
      editables: [...found.editables],
      versions: found.versions,
      // As in create.
      owner: process.ppid,
      keep: true,
      signal,
    })
    .catch((error: unknown) => {
      throw kind === "environment.yml" ? withCondaHint(error) : error;
    });
  const document = { environment: environment.record, source: found.source, notes: found.notes };
  output.result(document, () => {
    output.print(environment.name);
    output.say(`created from ${found.source}; run something in it with: skerry exec ${environment.name} -- python`);
  });
  return 0;
}

/** conda has packages that PyPI hasn't. */
function withCondaHint(error: unknown): unknown {
  if (!(error instanceof SkerryError) || error.code !== "SKE-PKG-NOT-FOUND") return error;
  return new SkerryError(error.code, error.message, {
    hint: "conda may have it where PyPI hasn't: leave it out with --without NAME",
    details: error.details,
    cause: error,
  });
}
