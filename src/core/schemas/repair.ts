import { z } from "zod";
import { FAULT_KINDS, type FaultKind } from "../fault.ts";
import { environmentRef } from "./environment.ts";
import { count, list, named, object, table, text, texts, time } from "./shape.ts";

export const faultKind = named("FaultKind", z.enum(Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]]));

/** A distribution that differs from the lock: put there (no `recorded`), taken away (no `present`), or of another version. */
const distributionDrift = object({
  /** Normalised as PEP 503 says. */
  name: text,
  /** The version that the lock names; empty where only a build could tell it. */
  recorded: text.optional(),
  present: text.optional(),
});

/** A file of a prefix that isn't as its packages' trees say. */
const fileDrift = object({
  path: text,
  /** Normalised name of the package that it belongs to; absent for what belongs to none. */
  package: text.optional(),
  what: z.enum(["missing", "changed", "damaged", "edited", "extra"]),
});

/** What differs between the packages that are recorded of an environment and what stands in its prefix. */
export const packageDrift = named(
  "PackageDrift",
  object({
    distributions: list(distributionDrift),
    /** Files of distributions that are there in the recorded version, and files that belong to none. */
    files: list(fileDrift),
    /** A thin environment's link to its layer is gone or leads elsewhere, or the `.pth` file that names the link is. */
    layerLost: z.boolean(),
  }),
);

/** A requirement of an installed package that isn't met. */
const unmetRequirement = object({
  /** `name version`, or the environment's name for what was asked for. */
  package: text,
  requirement: text,
  /** The version that is installed of what is required; absent when none is. */
  installed: text.optional(),
});

/** What a look at an environment found. */
export const checkReport = object({
  healthy: z.boolean(),
  /** What is wrong with what the engine made, for people. */
  files: texts,
  /** Requirements that nothing installed meets. */
  problems: list(unmetRequirement),
  /** What of the packages isn't as recorded. What was put there by hand is no fault. */
  drift: packageDrift,
});

/** What repairing came to. */
export const repairReport = named(
  "RepairReport",
  object({
    environment: environmentRef,
    /** What was wrong. */
    faults: list(object({ kind: faultKind, message: text })),
    /** The kinds that were mended, or would be; empty when nothing had to be done. */
    mended: list(faultKind),
    /** What was put there by hand beside the recorded packages and is taken away, or would be, for people. */
    removed: texts,
    /** What differs from the record and is left as it is, for people. */
    kept: texts,
    /** The folder in which the packages for the former Python are kept, since something was put among them by hand. */
    aside: text.optional(),
  }),
);

/** Whether an engine can work here. */
const availability = z.discriminatedUnion("ok", [
  object({ ok: z.literal(true), version: text, notes: texts }),
  object({ ok: z.literal(false), reason: text, hint: text, only: text.optional() }),
]);

/** What works on this machine and what doesn't. */
export const doctorReport = object({
  /** No finding is a problem. */
  healthy: z.boolean(),
  home: text,
  engines: table(availability),
  findings: list(
    object({
      level: z.enum(["ok", "warning", "problem"]),
      /** What was looked at: `python`, `installer`, `engine virtualenv`, `environment api` … */
      subject: text,
      message: text,
      /** Of an environment: the kinds of what is wrong with it. */
      kinds: list(faultKind).optional(),
      hint: text.optional(),
    }),
  ),
  /** What was done before looking. */
  fixes: list(object({ subject: text, message: text, ok: z.boolean() })),
});

const collected = {
  kind: z.enum(["environment", "layer", "tree", "tool", "folder"]),
  /** Id of the environment, key of the tree or layer, name of the folder. */
  id: text,
  /** For people. */
  name: text,
  /** When it was last used; for the store to the day. */
  usedAt: time,
  why: z.enum(["age", "size", "expired", "replaced", "unrecorded"]),
};

/** What a collection did, or would do. */
export const collectionReport = object({
  dryRun: z.boolean(),
  /** `bytes`: of disk that this frees, after what stands before it; files that something else links to don't count. */
  collected: list(object({ ...collected, bytes: count })),
  /** What could have gone and stays. */
  skipped: list(object({ ...collected, reason: text })),
  /** Bytes of disk that were freed. */
  bytes: count,
  /** What a limit of size counts, before: the files of all trees and of the cached environments. */
  size: count,
  /** How many rows of the ledger went, of what is only kept for a time, and how many lock files. */
  rows: count,
  lockFiles: count,
});
