import { isErrno } from "../core/error.ts";
import { readIfExists } from "../platform/files.ts";

/** The file in a prefix outside the state folder that points back to its environment: `{ "id": …, "place": … }`. */
export function pointerIn(prefix: string): string {
  return `${prefix}/skerry.json`;
}

/** What a pointer says. */
export interface Pointer {
  readonly id?: string;
  readonly place?: string;
}

/** The pointer in a prefix; undefined for a folder that is none of Skerry's. */
export function readPointer(prefix: string): Pointer | undefined {
  try {
    return (JSON.parse(readIfExists(pointerIn(prefix)) ?? "null") as Pointer | null) ?? undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Id of the environment that a prefix says it belongs to: the original's, where the folder was copied. */
export function ownerOf(prefix: string): string | undefined {
  return readPointer(prefix)?.id;
}
