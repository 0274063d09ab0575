import { z } from "zod";
import { PACKAGE_OPERATIONS } from "../package-change.ts";
import { requirementsSpec } from "./environment.ts";
import { count, list, named, object, text, texts, time } from "./shape.ts";

export const packageOperation = named("PackageOperation", z.enum(PACKAGE_OPERATIONS));

/** A package in one version; null where only a build tells it. */
export const packageVersion = named("PackageVersion", object({ name: text, version: text.nullable() }));

/** A package that is there in another version than before; null where only a build tells it. */
export const versionChange = named("VersionChange", object({ name: text, from: text.nullable(), to: text.nullable() }));

/** A requirement line that was changed so that it fits the others. */
export const relaxedRequirement = named("RelaxedRequirement", object({ from: text, to: text }));

const change = {
  added: list(packageVersion),
  removed: list(packageVersion),
  changed: list(versionChange),
  /** What was asked for in another way than it was given; absent where nothing was. */
  relaxed: list(relaxedRequirement).optional(),
};

/** What a change of packages did. */
export const packageChange = named("PackageChange", object(change));

/** A package that the store hasn't got yet. */
export const plannedDownload = named(
  "PlannedDownload",
  object({
    name: text,
    /** Null where only a build tells it. */
    version: text.nullable(),
    /** Of the file that the lock names, where the index says; the installer's cache may have it already. */
    bytes: count.optional(),
  }),
);

/** What a change would do. */
export const plannedChange = object({ ...change, downloads: list(plannedDownload) });

/** A package as an environment has it. */
export const installedPackage = named(
  "InstalledPackage",
  object({
    /** Normalised as PEP 503 says. */
    name: text,
    version: text,
    /** Where it came from: an index, an archive, version control, a project folder, or pip used by hand. */
    source: z.enum(["index", "archive", "vcs", "directory", "editable", "by-hand"]),
    /** Asked for by name; the others are what it requires. */
    requested: z.boolean(),
  }),
);

/** A package in the tree of what requires what. */
export const packageNode = named(
  "PackageNode",
  z.strictObject({
    /** Normalised. */
    name: text,
    /** Absent when it is required and not installed. */
    version: text.optional(),
    /** The requirement of the package above; absent at the top. */
    requirement: text.optional(),
    /** Asked for by name. */
    requested: z.boolean(),
    /** It stands in the tree before, with what it requires; here that is left out. */
    repeated: z.boolean(),
    get requires() {
      return z.array(packageNode);
    },
  }),
);

/** One step of a chain: a package, and the requirement by which the one before leads to it; absent for the first. */
export const chainLink = named("ChainLink", object({ name: text, version: text, requirement: text.optional() }));

/** A package that could be newer. */
export const outdatedPackage = named(
  "OutdatedPackage",
  object({
    name: text,
    version: text,
    /** The newest version that what was asked for allows; that of now when it is. */
    allowed: text,
    /** The newest version that the index has for the interpreter, whatever was asked for. */
    newest: text,
  }),
);

/** What the packages of an environment were, or are, and how they came to be so. */
export const historyEntry = named(
  "HistoryEntry",
  object({
    /** Counted from 1 for each environment. After an undo, the next change takes the numbers of those that it drops. */
    n: count,
    /** The environment is as this entry says. */
    present: z.boolean(),
    /** Digest of the lock; null for no packages at all. */
    lock: text.nullable(),
    /** Private trees, as in the environment's record. */
    trees: texts,
    /** What the environment's spec asked for. */
    packages: requirementsSpec,
    operation: packageOperation,
    /** What was asked, in the words of the command line. */
    asked: text,
    /** What it did to the packages of the entry before it. */
    change: packageChange,
    createdAt: time,
    /** ABI of the Python that the environment had then, such as `cpython-311`; null for the one that it has. */
    python: text.nullable(),
  }),
);
