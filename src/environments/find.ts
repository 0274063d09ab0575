import type { EnvironmentRecord } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { ENVIRONMENT_ID } from "../core/names.ts";
import { nearest } from "../core/near.ts";
import { quoted } from "../core/text.ts";
import type { Context } from "./context.ts";
import { lookHere, refuseHere } from "./here.ts";

/** See `Manager.find`. @throws SKE-ENV-NOT-FOUND with the near name, SKE-ENV-AMBIGUOUS */
export function findEnvironment(context: Context, nameOrId: string): EnvironmentRecord {
  const { environments } = context.ledger;
  if (nameOrId === ".") return here(context);
  const named = environments.byName(nameOrId);
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
  throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment named ${quoted(nameOrId)}`, {
    hint: near ? `did you mean ${near}?` : "skerry ls lists the environments; skerry create NAME makes one",
    details: { name: nameOrId.slice(0, 80) },
  });
}

/** The same; undefined when there is none. @throws SKE-ENV-AMBIGUOUS */
export function findIfThere(context: Context, nameOrId: string): EnvironmentRecord | undefined {
  try {
    return findEnvironment(context, nameOrId);
  } catch (error) {
    if (error instanceof SkerryError && error.code === "SKE-ENV-NOT-FOUND") return undefined;
    throw error;
  }
}

function here(context: Context): EnvironmentRecord {
  const found = lookHere(context);
  if (found === undefined) {
    throw new SkerryError("SKE-ENV-NOT-FOUND", `There is no environment of this folder, ${context.cwd}`, {
      hint: "skerry create --prefix .venv makes one here; skerry ls lists the environments",
      details: { name: "." },
    });
  }
  // A copied folder brings the pointer of the original along.
  return found.relation === "own" ? found.record : refuseHere(found);
}
