import { SkerryError } from "../../core/error.ts";
import { IMPORT_KINDS } from "../../core/import-kinds.ts";
import { python } from "../grammar/options.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

/** `skerry import KIND [PATH]` */
export default {
  summary: "Create an environment from what another tool's files say",
  description:
    "The versions of a lock file (poetry.lock, Pipfile.lock) or of an environment are taken where they fit. What can't be carried over is told.",
  operands: [
    { name: "KIND", description: `What to read: ${IMPORT_KINDS.join(", ")}`, choices: IMPORT_KINDS },
    {
      name: "PATH",
      description: "The file, the folder that has it, or the environment; otherwise the current folder's",
      optional: true,
      complete: "file",
    },
  ],
  options: {
    name: { type: "string", value: "NAME", description: "A name for the environment" },
    python,
    dev: { type: "boolean", description: "Take what is only for development too" },
    without: { type: "string", multiple: true, value: "PACKAGE", description: "Leave this package out" },
    "dry-run": { type: "boolean", description: "Print the requirements and create nothing" },
  },
  examples: [
    ["skerry import pipfile --dev --name api", "Create an environment from the Pipfile here"],
    ["skerry import environment.yml --dry-run", "Show what of a conda environment PyPI would be asked for"],
    ["skerry import venv ~/old/.venv --name old", "Make an environment like a virtual environment"],
  ],
  run,
} satisfies Verb;

async function run(invocation: Invocation): Promise<number> {
  const { operands, output, library, env, signal } = invocation;
  const { readImport } = await import("../../imports/import.ts");
  const { normalizeName, parseRequirement } = await import("../../python/requirement/requirement.ts");
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
  const skerry = await library.open();
  const environment = await skerry
    .create({
      name: invocation.text("name"),
      python,
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
