import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, digest, sha256 } from "../../core/json.ts";
import type { RequirementsSpec } from "../../core/spec.ts";
import { fileTime } from "../../platform/file-time.ts";
import { readWhole } from "../../platform/files.ts";
import { hashFile } from "../../platform/hash-file.ts";
import { type ReadRequirements, readRequirements } from "./files.ts";
import type { Requirement } from "./requirement.ts";
import { FILE_LIMIT, refuse } from "./text.ts";

/** What a resolution depends on besides the interpreter and the index. */
export interface RequirementInputs {
  /** Equal digests: the same requirements, files and local archives. */
  readonly digest: string;
  readonly files: readonly string[];
  /** True when a project folder is among them: what is made of it must not be shared. */
  readonly volatile: boolean;
  readonly read: ReadRequirements;
}

/**
 * Reads a spec and digests all that it leads to: the lines of all nested files, the bytes of local archives, and of a
 * local project the top-level files that can declare dependencies. Cheap for plain lines: no file is touched.
 * @throws SKE-PKG-REQUIREMENT
 */
export function requirementInputs(
  spec: RequirementsSpec,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): RequirementInputs {
  const key = canonicalJson([spec, cwd]);
  const before = known.get(key);
  if (before?.env === env && before.stamps.every(([path, stamp]) => stampOf(path) === stamp)) return before.inputs;
  const inputs = readInputs(spec, cwd, env);
  known.delete(key);
  if (!inputs.volatile && Object.keys(inputs.local).length === 0) {
    known.set(key, { env, inputs, stamps: inputs.files.map((path) => [path, stampOf(path)]) });
    if (known.size > KNOWN) known.delete(known.keys().next().value!);
  }
  return inputs;
}

/** Inputs that were read before, so that many environments with the same requirements read them once; the oldest go. */
const known = new Map<
  string,
  {
    readonly env: NodeJS.ProcessEnv;
    readonly inputs: RequirementInputs;
    readonly stamps: readonly (readonly [string, string])[];
  }
>();
const KNOWN = 100;

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${fileTime(stat)}` : "";
}

function readInputs(
  spec: RequirementsSpec,
  cwd: string,
  env: NodeJS.ProcessEnv,
): RequirementInputs & { readonly local: Readonly<Record<string, string>> } {
  const read = readRequirements(spec, cwd, env);
  let volatile = false;
  const local: Record<string, string> = {};
  for (const { source, text } of [...read.requirements, ...read.constraints]) {
    if (source.kind !== "path") continue;
    const stat = statSync(source.path, { throwIfNoEntry: false });
    if (stat === undefined)
      throw refuse(text, `there is no ${source.path}`, "check the path; relative ones count from the working folder");
    if (stat.isDirectory()) {
      volatile = true;
      local[source.path] = projectDigest(source.path);
    } else local[source.path] = hashFile(source.path);
  }
  const plain = (list: readonly Requirement[]) =>
    list.map(({ text, hashes, editable }) => ({ text, hashes, editable }));
  const key = {
    requirements: plain(read.requirements),
    constraints: plain(read.constraints),
    options: read.options,
    remote: read.remote,
    local,
  };
  return { digest: digest(key), files: read.files, volatile, read, local };
}

/** A project's top-level files that dependencies can come from: a dynamic field may read any of these. */
function projectDigest(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(pyproject\.toml|setup\.(py|cfg)|.*\.(txt|in))$/.test(name));
  if (!names.some((name) => /^(pyproject\.toml|setup\.(py|cfg))$/.test(name))) {
    throw refuse(
      folder,
      "the folder is not a Python project: it has no pyproject.toml, setup.py or setup.cfg",
      "name the folder of a project, or add a pyproject.toml",
    );
  }
  return digest(
    names.sort().map((name) => {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return [name, stat?.isFile() && stat.size <= FILE_LIMIT ? sha256(readWhole(path, FILE_LIMIT)) : null];
    }),
  );
}
