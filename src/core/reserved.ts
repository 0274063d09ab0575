import { foldName } from "./fold.ts";

/** Folders that belong to git and to environments: what is written there may run. */
const RESERVED = [".git", ".venv", ".pixi"];

/** Whether a path names one of the places that no setting may name, or what is below one, however it is spelt. */
export function isReserved(path: string): boolean {
  return path.split("/").some((part) => RESERVED.includes(foldName(part.trim())));
}
