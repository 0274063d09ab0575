import { expect, test } from "bun:test";
import type { z } from "zod";
import { jsonSchemas } from "../../scripts/tasks/json-facts.ts";
import * as environment from "../../src/core/schemas/environment.ts";
import * as events from "../../src/core/schemas/events.ts";
import * as packages from "../../src/core/schemas/packages.ts";
import * as project from "../../src/core/schemas/project.ts";
import * as repair from "../../src/core/schemas/repair.ts";
import { error, RESULTS } from "../../src/core/schemas/results.ts";
import { INSTALL_REQUEST } from "../../src/environments/schemas.ts";
import type * as library from "../../src/index.ts";

/** A type as its values are in JSON: what may be undefined may be absent. Lists that are never empty are lists. */
type InJson<T> = [library.Json] extends [T] ? "any JSON" : PartInJson<T>;
type PartInJson<T> = T extends readonly (infer One)[]
  ? InJson<One>[]
  : T extends object
    ? { [K in Exclude<keyof T, never>]: InJson<T[K]> }
    : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Takes the schema of a type: with any other schema, this file doesn't compile. */
function of<T>() {
  return <S extends z.ZodType>(schema: Same<InJson<T>, InJson<z.infer<S>>> extends true ? S : never): S => schema;
}

/** The types of the library that are told as JSON, each with its schema. */
const SCHEMAS = {
  EnvironmentRecord: of<library.EnvironmentRecord>()(environment.environmentRecord),
  CachedEnvironment: of<library.CachedEnvironment>()(environment.cachedEnvironment),
  ProcessRow: of<library.ProcessRow>()(environment.processRow),
  ExitResult: of<library.ExitResult>()(environment.exitResult),
  PackageChange: of<library.PackageChange>()(packages.packageChange),
  PlannedChange: of<library.PlannedChange>()(packages.plannedChange),
  InstalledPackage: of<library.InstalledPackage>()(packages.installedPackage),
  PackageNode: of<library.PackageNode>()(packages.packageNode),
  ChainLink: of<library.ChainLink>()(packages.chainLink),
  OutdatedPackage: of<library.OutdatedPackage>()(packages.outdatedPackage),
  HistoryEntry: of<library.HistoryEntry>()(packages.historyEntry),
  PackageDrift: of<library.PackageDrift>()(repair.packageDrift),
  CheckReport: of<library.CheckReport>()(repair.checkReport),
  RepairReport: of<library.RepairReport>()(repair.repairReport),
  DoctorReport: of<library.DoctorReport>()(repair.doctorReport),
  CollectionReport: of<library.CollectionReport>()(repair.collectionReport),
  InterpreterFacts: of<library.InterpreterFacts>()(project.interpreterFacts),
  Task: of<library.Task>()(project.task),
  PlannedTask: of<library.PlannedTask>()(project.plannedTask),
  TaskOutcome: of<library.TaskOutcome>()(project.taskOutcome),
  WorktreeReport: of<library.WorktreeReport>()(project.worktreeReport),
  WorktreeEntry: of<library.WorktreeEntry>()(project.worktreeEntry),
  GlobalSetup: of<library.GlobalSetup>()(project.globalSetup),
  InstallRequest: of<Omit<library.InstallRequest, "signal" | "onEvent">>()(INSTALL_REQUEST),
  Event: of<Pick<library.RecordedEvent, keyof library.RecordedEvent>>()(events.recordedEvent),
  EventData: of<library.EventData>()(events.eventData),
  SkerryError: of<ReturnType<library.SkerryError["toJSON"]>>()(error),
};

test("what documents of --json share are types of the library, or parts of such: the compiler holds them together", () => {
  const parts = Object.keys(jsonSchemas(RESULTS, "output")).filter(
    (name) => !Object.hasOwn(RESULTS, name) && !name.endsWith("Result"),
  );
  const typed = jsonSchemas(SCHEMAS, "output");
  expect(parts.length).toBeGreaterThan(20);
  expect(parts.filter((name) => !Object.hasOwn(typed, name))).toEqual([]);
});
