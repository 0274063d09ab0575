import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Lock, LockedPackage } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import type { Target } from "../core/target.ts";
import { listed } from "../core/text.ts";
import { readWhole } from "../platform/files.ts";
import type { StatePaths } from "../platform/paths.ts";
import { type ReadRequirements, readRequirements } from "../python/requirement/files.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { withScratch } from "../store/scratch.ts";
import { installerError } from "./errors.ts";
import { enforceHashes, refuseUnhashed } from "./hashes.ts";
import type { Installer, ResolveRequest } from "./installer.ts";
import { withCredentials, withoutCredentials } from "./locked-secrets.ts";
import { constraintLines, rememberCredentials, requirementLines, rootLines, summary } from "./request-lines.ts";
import { type InstallerSettings, soleIndex, uvInvocation } from "./settings.ts";
import { consultIndex } from "./versions.ts";

/** The oldest uv that writes and reads `pylock.toml`. */
export const OLDEST_UV = "0.6.15";

/** What an installer is made of. */
export interface InstallerInit {
  /** Absolute path of the program (uv), or of pip's code: a folder or a wheel. */
  readonly program: string;
  readonly version: string;
  readonly paths: StatePaths;
  /** Settings of {@link Installer.install}; resolving takes those of its request. */
  readonly settings: InstallerSettings;
}

/** uv as the installer. */
export function uvInstaller({ program, version, paths, settings }: InstallerInit): Installer {
  /** Runs uv in a folder of its own: an empty uv.toml there ends its search for a project's configuration. */
  function inScratch<T>(op: Operation, work: (folder: string) => Promise<T>): Promise<T> {
    return withScratch(paths, op, async (folder) => {
      writeFileSync(join(folder, "uv.toml"), "");
      return work(folder);
    });
  }

  async function run(
    args: readonly string[],
    used: InstallerSettings,
    read: ReadRequirements | undefined,
    context: { cwd: string; doing: string; target: Target; offline: boolean; consult?: boolean; op: Operation },
  ): Promise<void> {
    const { op, cwd, doing, target, offline, consult = true } = context;
    const invocation = uvInvocation(used, read?.options);
    const argv = [
      program,
      ...args,
      // Flags of `uv pip`.
      ...(args[0] === "pip" ? invocation.args : []),
      "--color",
      "never",
      ...(offline ? ["--offline"] : []),
    ] as const;
    const { exitCode, stdout, stderr } = await target.run([program, ...argv.slice(1)], {
      op,
      cwd,
      env: invocation.env,
      timeoutMs: used.timeoutMs,
      redact: used.redact,
      onLine: (line) => report(line, op),
    });
    if (exitCode === 0) return;
    const failure = {
      tool: "uv" as const,
      doing,
      output: used.redact(`${stdout}\n${stderr}`),
      target: target.identity,
      offline,
    };
    const error = installerError(failure);
    throw consult ? await consultIndex(error, doing, { target, settings: used, file: read?.options }, op) : error;
  }

  return {
    name: "uv",
    version,
    resolve: (request, op) =>
      inScratch(op, async (folder): Promise<Lock> => {
        const { credentials } = request.settings;
        const read = request.read ?? readRequirements(request.requirements, request.cwd, request.settings.variables);
        rememberCredentials(read, credentials);
        refuseUnhashed(read, request.settings);
        await refuseForeign(read.requirements.flatMap(({ source }) => (source.kind === "path" ? [source.path] : [])));
        const { readPylock, writePylock } = await import("./pylock.ts");
        const output = join(folder, "pylock.toml");
        const kept = keptPreferences(request);
        if (kept.length) writeFileSync(output, writePylock(kept.map((one) => withCredentials(one, credentials))));
        writeFileSync(join(folder, "requirements.in"), credentials.reveal(requirementLines(read)));
        const constraints = constraintLines(read);
        if (constraints) writeFileSync(join(folder, "constraints.in"), credentials.reveal(constraints));
        const overrides = request.overrides ?? [];
        if (overrides.length) writeFileSync(join(folder, "overrides.in"), credentials.reveal(overrides.join("\n")));
        const upgrade =
          request.upgrade === "all"
            ? ["--upgrade"]
            : (request.upgrade ?? []).flatMap((name) => ["--upgrade-package", name]);
        op.tell({ kind: "progress", phase: "resolve", detail: summary(read) });
        await run(
          [
            ...["pip", "compile"],
            ...[
              "--python",
              request.target.identity.interpreter,
              "--format",
              "pylock.toml",
              "--generate-hashes",
              "--no-header",
            ],
            ...["--output-file", output, ...upgrade, join(folder, "requirements.in")],
            ...(constraints ? ["--constraints", join(folder, "constraints.in")] : []),
            ...(overrides.length ? ["--override", join(folder, "overrides.in")] : []),
            ...(request.dependencies === false ? ["--no-deps"] : []),
          ],
          request.settings,
          read,
          {
            cwd: folder,
            doing: `resolve ${summary(read)}`,
            target: request.target,
            offline: request.offline ?? request.settings.offline,
            consult: request.consult ?? true,
            op,
          },
        );
        const index = soleIndex("uv", request.settings, read.options);
        const packages = withIndex(readPylock(readWhole(output).toString("utf8"), folder), index);
        const found = enforceHashes(withoutCredentials(packages, credentials), read, request.settings);
        return { format: 1, installer: "uv", roots: rootLines(read), packages: found };
      }),
    install: (packages, { target, prefix, fresh = false }, op) =>
      inScratch(op, async (folder) => {
        mkdirSync(prefix, { recursive: true });
        if (packages.length === 0) return;
        await refuseForeign(packages.flatMap(({ directory }) => (directory ? [directory.path] : [])));
        const { writePylock } = await import("./pylock.ts");
        const file = join(folder, "pylock.toml");
        writeFileSync(file, writePylock(packages.map((one) => withCredentials(one, settings.credentials))));
        const where = ["--python", target.identity.interpreter, "--prefix", prefix];
        // uv goes by pyproject.toml and setup.py to tell whether a folder is as it was when it built it last; what the
        // build reads, and what it makes beside the sources, may have changed or be gone.
        const built = packages.filter((one) => one.directory).flatMap((one) => ["--refresh-package", one.name]);
        const how = ["--no-deps", "--link-mode", "copy", "--compile-bytecode", ...(fresh ? ["--no-cache"] : built)];
        op.tell({ kind: "progress", phase: "install", total: packages.length });
        const names = packages.map(({ name }) => name);
        const doing = `install ${listed(names, 3)}`;
        await run(["pip", "install", ...where, ...how, "--requirements", file], unbound(settings), undefined, {
          cwd: folder,
          doing,
          target,
          offline: settings.offline,
          op,
        });
        // uv's lock on the prefix.
        await rm(join(prefix, ".lock"), { force: true });
      }),
    exportLock: (project, target, { extras, groups }, op) =>
      inScratch(op, async (folder) => {
        const { placeLock } = await import("./uv-workspace.ts");
        const placed = placeLock(project, folder);
        const output = join(folder, "pylock.toml");
        const chosen = [...extras.map((name) => `--extra=${name}`), ...groups.map((name) => `--group=${name}`)];
        const how = ["--frozen", "--format", "pylock.toml", "--no-header", "--python", target.identity.interpreter];
        const args = ["export", "--project", placed.project, ...how, ...chosen, "--output-file", output];
        const doing = `read ${project}/uv.lock`;
        await run(args, settings, undefined, { cwd: folder, doing, target, offline: true, op });
        return { text: readWhole(output).toString("utf8"), folder: placed.folder };
      }),
  };
}

/** @param places folders and files that are built, or installed */
async function refuseForeign(places: readonly string[]): Promise<void> {
  if (places.length === 0) return;
  const { refuseForeignWorkspace } = await import("./uv-workspace.ts");
  places.forEach(refuseForeignWorkspace);
}

/** Settings without what a lock was resolved with: beside one uv takes no constraints. */
function unbound({ uv, pip, ...rest }: InstallerSettings): InstallerSettings {
  const { UV_CONSTRAINT, UV_OVERRIDE, UV_EXCLUDE, ...uvRest } = uv;
  const { constraint, ...pipRest } = pip;
  return { ...rest, uv: uvRest, pip: pipRest };
}

/** The preferred packages that may stay as they are. */
export function keptPreferences({ preferences, upgrade }: ResolveRequest): readonly LockedPackage[] {
  if (!preferences || upgrade === "all") return [];
  const leaving = new Set((upgrade ?? []).map(normalizeName));
  return preferences.packages.filter((one) => !leaving.has(one.name));
}

/** Notes where packages by name came from: neither uv nor pip tells. */
export function withIndex(packages: readonly LockedPackage[], index: string | undefined): readonly LockedPackage[] {
  if (index === undefined) return packages;
  return packages.map((one) => (one.index === undefined && (one.wheels ?? one.sdist) ? { ...one, index } : one));
}

/** Tells what a line of uv's says about its progress. */
function report(line: string, op: Operation): void {
  const [, word, rest] =
    /^\s*(Building|Built|Downloading|Downloaded|Updating|Updated|Prepared|Installed|Resolved|Bytecode compiled) (.*)$/.exec(
      line,
    ) ?? [];
  if (word === undefined || rest === undefined) return;
  const count = Number.parseInt(rest, 10);
  if (word === "Building" || word === "Built")
    op.tell({ kind: "progress", phase: "build", detail: rest.replace(/ @ .*/, "") });
  else if (word === "Downloading" || word === "Updating")
    op.tell({ kind: "progress", phase: "download", detail: rest });
  else if (word === "Prepared") op.tell({ kind: "progress", phase: "download", done: count, total: count });
  else if (word === "Resolved") op.tell({ kind: "progress", phase: "resolve", done: count, total: count });
  else if (word === "Installed") op.tell({ kind: "progress", phase: "install", done: count, total: count });
  else if (word === "Bytecode compiled") op.tell({ kind: "progress", phase: "compile", done: count, total: count });
}
