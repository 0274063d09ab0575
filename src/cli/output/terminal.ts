import { fstatSync } from "node:fs";

/** Whether a descriptor is a terminal. Loads node:tty, which takes milliseconds, only when it may be one. */
export function isTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(fd);
  } catch {
    // The descriptor is closed.
    return false;
  }
}
