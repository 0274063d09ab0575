import { isErrno } from "../core/error.ts";
import { readIfExists } from "../platform/files.ts";

/** The file in a prefix outside the state folder that points back to its environment: `{ "id": …, "place": … }`. */
export function pointerIn(prefix: string): string {
  return `${prefix}/skerry.json`;
}

/** Id of the environment that a prefix belongs to; undefined for a folder that is none of Skerry's. */
export function ownerOf(prefix: string): string | undefined {
  try {
    return (JSON.parse(readIfExists(pointerIn(prefix)) ?? "null") as { id?: string } | null)?.id;
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOTDIR")) return undefined;
    throw error;
  }
}
