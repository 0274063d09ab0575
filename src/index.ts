// The public library. Nothing else of src/ is public.
export { CONFIG_KEYS, type ConfigKey } from "./config/keys.ts";
export type { FlagValues, Loaded, LoadedConfig } from "./config/load.ts";
export type { Config, SafeConfig } from "./config/schema.ts";
export type { TrustRequest } from "./config/trust.ts";
export type { Origin } from "./config/values.ts";
export type * from "./core/engine.ts";
export { absent, facetOf, present } from "./core/engine.ts";
export type {
  Cleanup,
  CleanupPolicy,
  EnvironmentRecord,
  EnvironmentStatus,
  Labels,
  Place,
} from "./core/environment.ts";
export { CLEANUPS, placeAt } from "./core/environment.ts";
export { SkerryError } from "./core/error.ts";
export { ERROR_CODES, type ErrorCode } from "./core/error-codes.ts";
export {
  EVENT_KINDS,
  type EventData,
  type EventKind,
  type OperationEvent,
  type Progress,
  type RecordedEvent,
  type SkerryEvent,
  type TaskOutcome,
} from "./core/event.ts";
export { FAULT_KINDS, type Fault, type FaultKind } from "./core/fault.ts";
export { HOOK_NAMES, type Hook, type HookAnswer, type HookName, type HookRequests } from "./core/hook.ts";
export type { Json } from "./core/json.ts";
export type * from "./core/layer-target.ts";
export type { Forced, Lock, LockedFile, LockedPackage } from "./core/lock.ts";
export type { Operation, OperationOptions } from "./core/operation.ts";
export type {
  PackageChange,
  PackageOperation,
  PackageVersion,
  RelaxedRequirement,
  VersionChange,
} from "./core/package-change.ts";
export type { DistributionDrift, DriftOptions, FileDrift, PackageDrift } from "./core/package-drift.ts";
export type * from "./core/package-home.ts";
export type * from "./core/process.ts";
export type { Signal } from "./core/signal.ts";
export type * from "./core/spec.ts";
export { HOME_MODES, INSTALLERS, LINK_MODES, NETWORKS, PACKAGE_MODES, SECURITY_TEMPLATES } from "./core/spec.ts";
export type { StatePaths } from "./core/state-paths.ts";
export type * from "./core/target.ts";
export type { Variables } from "./core/variables.ts";
export { missingHint, missingNote } from "./engines/launch.ts";
export { BUILT_IN_ENGINES } from "./engines/registry.ts";
export type { Collected, CollectionReport, Skipped } from "./environments/collection/collect-report.ts";
export type { ConfigEdit, Configuration } from "./environments/configuration.ts";
export type { Environment, RunOptions } from "./environments/environment.ts";
export type { Events, FollowOptions } from "./environments/events.ts";
export type { CachedEnvironment } from "./environments/lifecycle/cached-list.ts";
export type { CloneOptions } from "./environments/lifecycle/clone.ts";
export type { LifeOptions } from "./environments/lifecycle/life.ts";
export type { CreateOptions, GcOptions, OpenOptions } from "./environments/options.ts";
export { type FullOnly, fullOnly } from "./environments/packages/full-only.ts";
export type { ConflictChoices } from "./environments/packages/install.ts";
export type { InstalledPackage } from "./environments/packages/installed-package.ts";
export type { InstalledPackages, LockView } from "./environments/packages/installed-packages.ts";
export type { OutdatedPackage } from "./environments/packages/package-views.ts";
export type { InstallRequest, Packages, UninstallOptions, UpdateOptions } from "./environments/packages/packages.ts";
export type { PackagePlan, PlannedChange, PlannedDownload } from "./environments/packages/plan.ts";
export type { CheckOptions, CheckReport } from "./environments/repair/check.ts";
export type { DoctorReport, Finding } from "./environments/repair/doctor.ts";
export { describeDrift } from "./environments/repair/drift-text.ts";
export type { Fix } from "./environments/repair/fix.ts";
export type { RepairReport } from "./environments/repair/repair.ts";
export type { RepairOptions } from "./environments/repair/repair-work.ts";
export type { SpecOptions } from "./environments/request.ts";
export type { ProjectTrust } from "./environments/trust.ts";
export type { Worktree, WorktreeKind } from "./git/believe.ts";
export { LinkedHome } from "./homes/linked/linked-home.ts";
export type { LinkedPlace } from "./homes/linked/linked-place.ts";
export type { EventFilter } from "./ledger/events.ts";
export type { HistoryEntry } from "./ledger/history.ts";
export type { ProcessRow } from "./ledger/processes.ts";
export { openConfig, openSkerry } from "./library/open.ts";
export type { Skerry } from "./library/skerry.ts";
export type { UnmetRequirement } from "./packages/check.ts";
export type {
  AskedRequirement,
  Clash,
  Conflict,
  ConflictOption,
  RequiredStep,
  RequirementChain,
  VersionProblem,
} from "./packages/conflicts/conflict.ts";
export type { ChainLink, PackageNode } from "./packages/tree.ts";
export { findProgram } from "./platform/which.ts";
export { attachProcess, spawnProcess } from "./processes/spawn.ts";
export { renderActivation, SHELLS } from "./python/activation/render.ts";
export type { Discovery } from "./python/discovery.ts";
export { scrub } from "./python/environment-variables.ts";
export type { InterpreterFacts } from "./python/interpreter.ts";
export { projectFileKind } from "./python/project-files.ts";
export type { PlannedTask, RunTaskOptions } from "./tasks/run.ts";
export type { Task, TaskCommand, TaskEnvironment, TaskSource } from "./tasks/task.ts";
export { describeCommand } from "./tasks/task.ts";
export type { Tasks } from "./tasks/tasks.ts";
export type { WorktreeCheck } from "./worktrees/ask-python.ts";
export type { Carried } from "./worktrees/carry.ts";
export type { EntryReport } from "./worktrees/entry.ts";
export type { GlobalSetup, Infrastructure } from "./worktrees/infrastructure.ts";
export type { InitOptions, InitReport } from "./worktrees/init.ts";
export type { PruneReport } from "./worktrees/prune.ts";
export type { DeclaredPackage, WorktreeReport } from "./worktrees/report.ts";
export type { WorktreeEntry, Worktrees } from "./worktrees/worktrees.ts";
