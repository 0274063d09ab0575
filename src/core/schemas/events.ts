import { z } from "zod";
import { EVENT_KINDS, type EventKind } from "../event.ts";
import { environmentRef } from "./environment.ts";
import { packageOperation, packageVersion, versionChange } from "./packages.ts";
import { faultKind } from "./repair.ts";
import { count, list, named, object, text, texts, time } from "./shape.ts";

/** The data of events by kind. */
export const eventData = object({
  "environment.created": object({ engine: text, python: text.optional(), cached: z.boolean() }),
  "environment.destroyed": object({ engine: text, cached: z.boolean(), because: text.optional() }),
  "environment.recovered": object({ from: text, outcome: text }),
  "environment.repaired": object({ faults: list(faultKind) }),
  "packages.changed": object({
    operation: packageOperation,
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
} satisfies Record<EventKind, z.ZodType>);

const base = { seq: count, time, environment: environmentRef.optional(), durationMs: z.number().optional() };

const kinds = (Object.keys(EVENT_KINDS) as EventKind[]).map((kind) =>
  object({ kind: z.literal(kind), ...base, data: eventData.unwrap().shape[kind] }),
);

/** An event as the ledger keeps it. */
export const recordedEvent = named("Event", z.union(kinds));
