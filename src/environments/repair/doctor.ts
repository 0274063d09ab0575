import type { Availability } from "../../core/engine.ts";
import type { EnvironmentRecord } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { FaultKind } from "../../core/fault.ts";
import type { Operation } from "../../core/operation.ts";
import { NO_DRIFT, type PackageDrift } from "../../core/package-drift.ts";
import { formatSize } from "../../core/units.ts";
import { checkTools } from "../../packages/tools.ts";
import { isOutOfSight, mayBeAlive, namePid } from "../../platform/identity.ts";
import { findTool } from "../../platform/which.ts";
import { storeUsage } from "../../store/upkeep.ts";
import { configuredLimits } from "../collection/auto-collect.ts";
import { collect } from "../collection/collect.ts";
import type { Context } from "../context.ts";
import { Pythons } from "../pythons.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import { describeDrift } from "./drift-text.ts";
import { type Fix, fixAll } from "./fix.ts";
import { findStrays } from "./strays.ts";

/** One finding. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  /** What was looked at: `python`, `installer`, `engine virtualenv`, `environment api` … */
  readonly subject: string;
  readonly message: string;
  /** Of an environment: the kinds of what is wrong with it. */
  readonly kinds?: readonly FaultKind[];
  readonly hint?: string;
}

/** What works here and what doesn't. */
export interface DoctorReport {
  /** No finding is a problem. */
  readonly healthy: boolean;
  readonly home: string;
  readonly engines: Readonly<Record<string, Availability>>;
  readonly findings: readonly Finding[];
  /** What was done before looking. */
  readonly fixes: readonly Fix[];
}

/** Looks at the machine, and holds ledger and reality against each other both ways. Changes nothing unless `fix` is set. */
export async function doctor(
  context: Context,
  { fix = false }: { readonly fix?: boolean },
  op: Operation,
): Promise<DoctorReport> {
  const fixes = fix ? await fixAll(context, op) : [];
  const engines: Record<string, Availability> = {};
  for (const name of context.engines.names) engines[name] = await context.engines.get(name).probe(op);
  const findings: Finding[] = [
    ...Object.entries(engines).map(([name, found]) => engineFinding(name, found)),
    ...(await pythonFindings(context)),
    ...installerFindings(context),
    ...(await recordedFindings(context, op)),
    ...(await strayFindings(context, op)),
    ...intentFindings(context),
    ...hiddenFindings(context),
    await storeFinding(context, op),
  ];
  return {
    healthy: findings.every((one) => one.level !== "problem"),
    home: context.paths.home,
    engines,
    findings,
    fixes,
  };
}

function engineFinding(name: string, found: Availability): Finding {
  const subject = `engine ${name}`;
  if (found.ok) return { level: "ok", subject, message: ["works", ...found.notes].join("; ") };
  const { reason: message, hint, only } = found;
  if (only !== undefined) return { level: "ok", subject, message: `${message}; only ${only} need it` };
  return { level: "problem", subject, message, hint };
}

async function pythonFindings(context: Context): Promise<Finding[]> {
  const { found, rejected } = await new Pythons(context).list();
  return [
    {
      level: found.length > 0 ? "ok" : "problem",
      subject: "python",
      message:
        found.length > 0
          ? `${found.length} usable: ${found.map((one) => one.version).join(", ")}`
          : "no interpreter of 3.8 or newer was found",
      ...(found.length > 0 ? {} : { hint: "install one, for example with the system's package manager, pyenv or uv" }),
    },
    ...rejected.map(({ reason }): Finding => ({ level: "warning", subject: "python", message: reason })),
  ];
}

function installerFindings({ env, paths }: Context): Finding[] {
  const subject = "installer";
  const tools = checkTools(paths);
  const changed = tools.filter(({ isSound }) => !isSound);
  const uv = findTool("uv", env.PATH);
  const own = tools.find(({ name, isSound }) => name.startsWith("uv ") && isSound);
  const found: Finding = uv
    ? { level: "ok", subject, message: `uv on PATH: ${uv}` }
    : own
      ? { level: "ok", subject, message: `Skerry's own ${own.name}` }
      : {
          level: "warning",
          subject,
          message: "uv is not installed",
          hint: "it is installed into Skerry's tools folder when it is first needed; pip serves where it can't be had",
        };
  return [
    found,
    ...changed.map(({ name, path }): Finding => {
      const message = `${path} isn't the ${name} that was fetched: it was changed or damaged`;
      return { level: "problem", subject, message, hint: "it is fetched again before it is next used" };
    }),
  ];
}

async function recordedFindings(context: Context, op: Operation): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const record of [...context.ledger.environments.list(), ...context.ledger.environments.list({ cached: true })]) {
    if (record.status === "creating") continue;
    const found = await diagnosed(context, record, op);
    if ("level" in found) {
      findings.push(found);
      continue;
    }
    const { faults, drift } = found;
    const lines = [...faults.map(({ message }) => message), ...harmless(drift)];
    if (lines.length === 0) continue;
    const isWrong = faults.some(({ kind }) => kind !== "packages-replaced");
    findings.push({
      level: isWrong ? "problem" : "warning",
      subject: `environment ${record.name}`,
      message: lines.join("; "),
      ...(faults.length > 0 ? { kinds: [...new Set(faults.map(({ kind }) => kind))] } : {}),
      hint: hintFor(record, faults.length > 0),
    });
  }
  return findings;
}

/** What is wrong with an environment, or that nobody can tell: that isn't a fault of the environment. */
async function diagnosed(context: Context, record: EnvironmentRecord, op: Operation): Promise<Diagnosis | Finding> {
  try {
    return await diagnose(context, record, {}, op);
  } catch (error) {
    if (!(error instanceof SkerryError && ["SKE-ENGINE-LOST", "SKE-ENGINE-UNKNOWN"].includes(error.code))) throw error;
    return { level: "warning", subject: `environment ${record.name}`, message: error.message };
  }
}

async function storeFinding(context: Context, op: Operation): Promise<Finding> {
  const subject = "store";
  try {
    const { size, bytes } = await collect(context, { ...(await configuredLimits(context)), dryRun: true }, op);
    const { trees, layers } = storeUsage(context.paths);
    const cached = context.ledger.environments.list({ cached: true }).length;
    const what = `${trees} packages, ${layers} layers, ${cached} cached environments, ${formatSize(size)}`;
    return { level: "ok", subject, message: `${what}; skerry gc would free ${formatSize(bytes)}` };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      level: "warning",
      subject,
      message: `can't tell what is in use: ${message}`,
      hint: "nothing is collected",
    };
  }
}

/** What differs from the record and is no fault. */
function harmless(drift: PackageDrift): string[] {
  return describeDrift({
    ...NO_DRIFT,
    distributions: drift.distributions.filter(({ recorded }) => recorded === undefined),
    files: drift.files.filter(({ what }) => what === "edited" || what === "extra"),
  });
}

function hintFor({ name, cacheKey }: EnvironmentRecord, isFaulty: boolean): string {
  if (cacheKey !== null) return "it is made again when it is next needed";
  return isFaulty ? `skerry repair ${name} mends it` : `skerry check ${name} tells it in full`;
}

async function strayFindings(context: Context, op: Operation): Promise<Finding[]> {
  return (await findStrays(context, op)).map(({ id, place }) => ({
    level: "warning",
    subject: `folder ${id}`,
    message: `${place} belongs to no recorded environment`,
    hint: "skerry doctor --fix removes it, unless files of yours are in its work folder",
  }));
}

function intentFindings(context: Context): Finding[] {
  return context.ledger.intents.list().map((intent) => ({
    level: "warning" as const,
    subject: `environment ${intent.environment}`,
    message: mayBeAlive(intent.owner, intent.createdAt)
      ? `pid ${namePid(intent.owner)} is changing it (${intent.kind})`
      : `a killed process left a ${intent.kind} half done; it is recovered when the environment is free`,
  }));
}

/** Commands that run where nobody here can see them. */
function hiddenFindings({ ledger }: Context): Finding[] {
  const hidden = ledger.processes
    .list()
    .filter(({ ref, startedAt }) => isOutOfSight(ref) && mayBeAlive(ref, startedAt));
  if (hidden.length === 0) return [];
  return [
    {
      level: "warning",
      subject: "processes",
      message: `${hidden.length} of another container can't be seen from here: each counts as running for a week from its start`,
      hint: "skerry rm --force removes an environment all the same",
    },
  ];
}
