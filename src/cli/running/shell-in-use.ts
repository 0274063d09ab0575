import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SHELLS } from "../../index.ts";
import { systemOutput } from "../../platform/identity.ts";

/** A shell: what kind it is, and how it is started. */
export interface Shell {
  readonly kind: string;
  readonly program: string;
}

/** The shell that was asked for, else the one this process was started from, else `$SHELL`, else sh. */
export function shellInUse(asked: string | undefined, env: NodeJS.ProcessEnv): Shell {
  const preferred = env.SHELL;
  if (asked !== undefined) return { kind: kindOf(asked), program: asked };
  const parent = kindOf(parentProgram());
  const kind = SHELLS.includes(parent) && parent !== "sh" && parent !== "dash" ? parent : kindOf(preferred ?? "sh");
  return { kind, program: preferred && kindOf(preferred) === kind ? preferred : kind };
}

/** `-zsh` and `/bin/zsh` are both zsh. */
function kindOf(program: string): string {
  return basename(program).replace(/^-/, "");
}

function parentProgram(): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${process.ppid}/comm`, "utf8").trim();
    return systemOutput("ps", ["-o", "comm=", "-p", String(process.ppid)]).trim();
  } catch {
    return "";
  }
}
