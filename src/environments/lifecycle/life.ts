import { z } from "zod";
import type { Config } from "../../config/schema.ts";
import { CLEANUPS, type EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import { identityOf, selfIdentity } from "../../platform/identity.ts";
import { checked } from "../schemas.ts";

const duration = z.number().int().nonnegative();

const LIFE_OPTIONS = z.strictObject({
  /** Absent: the configuration's `auto_cleanup`, else `exit` for what isn't to be kept. */
  cleanup: z.enum(CLEANUPS).optional(),
  /** Goes so many milliseconds after its creation; 0: doesn't. Absent: the configuration's `ttl`. */
  ttlMs: duration.optional(),
  /** Goes so many milliseconds after it was last used; 0: doesn't. Absent: the configuration's `idle_ttl`. */
  idleMs: duration.optional(),
  /** Pid of the process that it goes with, where it goes with one. Absent: this process. */
  owner: z.number().int().positive().optional(),
});

/** How long an environment lives. */
export interface LifeOptions extends z.input<typeof LIFE_OPTIONS> {}

/** What a record keeps of it. */
export type Life = Pick<EnvironmentRecord, "cleanup" | "owner">;

/**
 * Joins what was asked with the configuration.
 * @param suits what suits the verb, where nobody says anything
 * @throws SKE-USAGE
 */
export function lifeOf(options: LifeOptions, config: Config, suits: "never" | "exit"): Life {
  const asked = checked(LIFE_OPTIONS, options, "LifeOptions");
  const on = asked.cleanup ?? config.auto_cleanup ?? suits;
  const ttl = asked.ttlMs ?? config.ttl;
  const idle = asked.idleMs ?? config.idle_ttl;
  return {
    cleanup: { ...(on === "never" ? {} : { on }), ...(ttl > 0 ? { ttl } : {}), ...(idle > 0 ? { idle } : {}) },
    owner: on === "never" ? null : asked.owner === undefined ? selfIdentity() : ownerAt(asked.owner),
  };
}

function ownerAt(pid: number) {
  const owner = identityOf(pid);
  if (owner) return owner;
  throw new SkerryError("SKE-USAGE", `No process ${pid} runs that an environment could go with`, {
    hint: "name a running process, or a time to live",
  });
}
