import { dirname } from "node:path";
import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { ENVIRONMENT_ID } from "../core/names.ts";
import { nearest } from "../core/near.ts";
import { ownerOf } from "../engines/pointer.ts";
import type { Context } from "./context.ts";

/** See `Skerry.find`. @throws SKE-ENV-NOT-FOUND with the near name, SKE-ENV-AMBIGUOUS */
export function findEnvironment(context: Context, nameOrId: string): EnvironmentRecord {
  const { environments } = context.ledger;
  const named = nameOrId === "." ? here(context) : environments.byName(nameOrId);
  if (named) return named;
  const found =
    ENVIRONMENT_ID.test(nameOrId.padEnd(20, "0")) && nameOrId.length >= 4 ? environments.byIdPrefix(nameOrId, 3) : [];
  if (found.length > 1) {
    throw new SkerryError(
      "SKE-ENV-AMBIGUOUS",
      `${nameOrId} is the beginning of several ids: ${found.map((one) => `${one.id} (${one.name})`).join(", ")}`,
      {
        hint: "give more of the id, or the name",
      },
    );
  }
  const [only] = found;
  if (only) return only;
  const near = nearest(nameOrId, environments.names());
  const shown = JSON.stringify(nameOrId.length > 80 ? `${nameOrId.slice(0, 77)}…` : nameOrId);
  throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment named ${shown}`, {
    hint: near ? `did you mean ${near}?` : "skerry ls lists the environments; skerry create NAME makes one",
    details: { name: nameOrId.slice(0, 80) },
  });
}

/** The environment whose prefix is the `.venv` of this folder or the nearest above it. */
function here({ cwd, ledger }: Context): EnvironmentRecord | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const id = ownerOf(`${folder}/.venv`);
    const found = id === undefined ? undefined : ledger.environments.byId(id);
    // A copied folder brings the pointer of the original along.
    const record = found?.spec.prefix === `${folder}/.venv` ? found : undefined;
    if (record || folder === dirname(folder)) return record;
  }
}
