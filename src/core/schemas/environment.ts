import { z } from "zod";
import { CLEANUPS, ENVIRONMENT_STATUSES } from "../environment.ts";
import { HOME_MODES, INSTALLERS, LINK_MODES, NETWORKS, PACKAGE_MODES, SECURITY_TEMPLATES } from "../spec.ts";
import { anything, count, list, named, object, table, text, texts, time } from "./shape.ts";

/** Which environment is meant. */
export const environmentRef = named("EnvironmentRef", object({ id: text, name: text }));

const forced = object({
  overrides: texts.optional(),
  alone: texts.optional(),
  noDeps: texts.optional(),
  without: texts.optional(),
});

export const requirementsSpec = named(
  "Requirements",
  object({
    requirements: texts,
    files: texts,
    constraints: texts,
    editables: texts,
    groups: texts.optional(),
    extras: texts.optional(),
    forced: forced.optional(),
  }),
);

const limits = object({
  memory: count.optional(),
  cpus: z.number().optional(),
  pids: count.optional(),
  disk: count.optional(),
  openFiles: count.optional(),
  time: count.optional(),
});

const networkRule = z.union([
  z.enum(NETWORKS),
  object({ allow: list(object({ host: text, ports: list(count).optional() })) }),
]);

export const environmentSpec = named(
  "EnvironmentSpec",
  object({
    name: text,
    engine: text,
    python: text.optional(),
    packages: requirementsSpec,
    mode: z.enum(PACKAGE_MODES),
    link: z.enum(LINK_MODES),
    installer: z.enum(INSTALLERS),
    systemSitePackages: z.boolean(),
    home: z.enum(HOME_MODES),
    tmp: z.enum(HOME_MODES),
    variables: table(text),
    secrets: texts.optional(),
    prefix: text.optional(),
    limits: limits.optional(),
    network: networkRule.optional(),
    security: z.enum(SECURITY_TEMPLATES).optional(),
    ports: list(object({ name: text, port: count.optional() })).optional(),
    options: table(anything).optional(),
  }),
);

const identity = { pid: count, start: text, boot: text };

const record = {
  id: text,
  name: text,
  engine: text,
  status: z.enum(ENVIRONMENT_STATUSES),
  spec: environmentSpec,
  state: anything,
  place: text,
  lock: text.nullable(),
  trees: texts,
  cacheKey: text.nullable(),
  createdAt: time,
  updatedAt: time,
  usedAt: time,
  pinned: z.boolean(),
  cleanup: object({
    on: z.enum(CLEANUPS).exclude(["never"]).optional(),
    ttl: count.optional(),
    idle: count.optional(),
  }),
  owner: object(identity).nullable(),
  labels: table(text),
  failed: z.boolean(),
};

export const environmentRecord = named("Environment", object(record));

export const processRow = named(
  "Process",
  object({
    id: count,
    environment: text,
    ref: z.union([
      object({ kind: z.literal("local"), ...identity, cookie: text }),
      object({ kind: z.literal("engine"), engine: text, ref: anything }),
    ]),
    command: texts,
    startedAt: time,
  }),
);

export const cachedEnvironment = named(
  "CachedEnvironment",
  object({ ...record, version: text.optional(), bytes: count, running: list(processRow) }),
);

/** A capability, or why it is absent. */
export const facet = object({ ok: z.boolean(), reason: text.optional(), hint: text.optional() });

/** Which names there are depends on the system. */
const signal = text as z.ZodType as z.ZodType<NodeJS.Signals>;

export const exitResult = named(
  "ExitResult",
  object({
    exitCode: z.int(),
    signal: signal.nullable(),
    timedOut: z.boolean(),
    aborted: z.boolean(),
    stdout: text,
    stderr: text,
    truncated: object({ stdout: count, stderr: count }),
    durationMs: z.number(),
  }),
);
