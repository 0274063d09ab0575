import { z } from "zod";
import { EVENT_KINDS, type EventKind } from "../event.ts";
import { PACKAGE_OPERATIONS } from "../package-change.ts";
import { environmentRef } from "./environment.ts";
import { packageVersion, versionChange } from "./packages.ts";
import { faultKind } from "./repair.ts";
import { count, list, named, object, text, texts, time } from "./shape.ts";

/** The data of each kind of event. */
export const EVENT_DATA = {
  "environment.created": object({ engine: text, python: text.optional(), cached: z.boolean() }),
  "environment.destroyed": object({ engine: text, cached: z.boolean(), because: text.optional() }),
  "environment.recovered": object({ from: text, outcome: text }),
  "environment.repaired": object({ faults: list(faultKind) }),
  "packages.changed": object({
    operation: z.enum(PACKAGE_OPERATIONS),
    added: list(packageVersion),
    removed: list(packageVersion),
    changed: list(versionChange),
  }),
  "layer.built": object({ layer: text, packages: count, bytes: count }),
  "tree.damaged": object({ tree: text, package: text, paths: texts, environments: texts }),
  "store.collected": object({ environments: count, layers: count, trees: count, bytes: count }),
  "process.started": object({ pid: count.nullable(), command: texts }),
  "process.exited": object({ pid: count.nullable(), exitCode: z.int(), timedOut: z.boolean() }),
  "operation.failed": object({ operation: text, code: text, message: text }),
} satisfies Record<EventKind, z.ZodType>;

const base = { seq: count, time, environment: environmentRef.optional(), durationMs: z.number().optional() };

const kinds = (Object.keys(EVENT_KINDS) as EventKind[]).map((kind) =>
  object({ kind: z.literal(kind), ...base, data: EVENT_DATA[kind] }),
);

/** An event as the ledger keeps it. */
export const recordedEvent = named("Event", z.union(kinds));
