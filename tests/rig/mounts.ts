import { execFileSync } from "node:child_process";

/** Whether a test may mount something in a namespace of its own. */
export const CAN_MOUNT = process.platform === "linux" && process.getuid?.() === 0 && tryMount();

function tryMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
