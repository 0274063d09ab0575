// On the warm path: imports nothing heavy.
import { SkerryError } from "../core/error.ts";
import { readIfExists } from "../platform/files.ts";

/** The file in a prefix outside the state folder that leads to its environment. */
export const POINTER = "skerry.json";

/** The file in a prefix outside the state folder that points back to its environment: `{ "id": …, "place": …, "prefix": … }`. */
export function pointerIn(prefix: string): string {
  return `${prefix}/${POINTER}`;
}

/** What a pointer says. */
export interface Pointer {
  readonly id?: string;
  readonly place?: string;
  /** Where the prefix was made; elsewhere, it is a copy or was moved. */
  readonly prefix?: string;
}

/** More than any pointer has, in bytes: a path has at most 4096, which JSON may write six times as long. */
const MOST_BYTES = 64 * 1024;

/** The pointer in a prefix; undefined for a folder that is none of Skerry's: a repository may bring whatever it likes. */
export function readPointer(prefix: string): Pointer | undefined {
  try {
    const pointer = JSON.parse(readIfExists(pointerIn(prefix), MOST_BYTES) ?? "null") as Pointer | null;
    const { id, place, prefix: made } = pointer ?? {};
    return pointer && [id, place, made].every((one) => one === undefined || typeof one === "string")
      ? pointer
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SkerryError) return undefined;
    throw error;
  }
}

/** Id of the environment that a prefix says it belongs to: the original's, where the folder was copied. */
export function ownerOf(prefix: string): string | undefined {
  return readPointer(prefix)?.id;
}
