import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SkerryError, UnfitFile } from "../core/error.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import type { Lock, LockedFile, LockedPackage } from "../core/lock.ts";
import type { Operation } from "../core/operation.ts";
import { cut } from "../core/scan.ts";
import type { Target } from "../core/target.ts";
import { listed } from "../core/text.ts";
import { readWhole } from "../platform/files.ts";
import { type FileOptions, readRequirements } from "../python/requirement/files.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { withScratch } from "../store/scratch.ts";
import { installerError } from "./errors.ts";
import { enforceHashes, refuseUnhashed } from "./hashes.ts";
import type { Installer, InstallPlace, ResolveRequest } from "./installer.ts";
import { lockedLine } from "./locked-line.ts";
import { withCredentials, withoutCredentials } from "./locked-secrets.ts";
import { constraintLines, rememberCredentials, requirementLines, rootLines, summary } from "./request-lines.ts";
import { type InstallerSettings, pipInvocation, soleIndex } from "./settings.ts";
import { keepStrict } from "./strict.ts";
import { type InstallerInit, keptPreferences, withIndex } from "./uv.ts";
import { consultIndex } from "./versions.ts";

/** The oldest pip whose installation report has the form that is read here. */
export const OLDEST_PIP = "23.1";

/**
 * pip as the installer. It always runs inside a virtual environment made for it of two entries: there it sees no
 * packages, Debian's own layout and its refusal to install don't apply, and a user's site is out of reach.
 */
export function pipInstaller({ program, version, paths, settings }: InstallerInit): Installer {
  async function run(
    python: string,
    args: readonly string[],
    how: { settings: InstallerSettings; file?: FileOptions; cwd: string; doing: string; target: Target },
    op: Operation,
  ): Promise<void> {
    const { cwd, doing, target, file, settings: used } = how;
    // An interrupted pip leaves nothing of this folder behind elsewhere.
    const env = { ...pipInvocation(used, file).env, TMPDIR: cwd };
    keepStrict(used, env);
    // -I would hide nothing more, and pip's build processes read PYTHON variables that pip itself sets.
    const argv = [python, program, "install", ...args, "--progress-bar", "off", "--no-color"] as const;
    const { exitCode, stdout, stderr } = await target.run([python, ...argv.slice(1)], {
      op,
      cwd,
      env,
      timeoutMs: used.timeoutMs,
      redact: used.redact,
      onLine: (line) => report(line, op),
    });
    if (exitCode === 0) return;
    const failure = {
      tool: "pip" as const,
      doing,
      output: used.redact(`${stdout}\n${stderr}`),
      target: target.identity,
      offline: used.offline,
    };
    throw await consultIndex(installerError(failure), doing, { target, settings: used, file }, op);
  }

  async function resolve(request: ResolveRequest, op: Operation): Promise<Lock> {
    const { credentials } = request.settings;
    const read = request.read ?? readRequirements(request.requirements, request.cwd, request.settings.variables);
    rememberCredentials(read, credentials);
    if (request.offline ?? request.settings.offline) {
      throw new SkerryError("SKE-NETWORK", `Could not resolve ${summary(read)}: pip can't work offline`, {
        hint: "try again without --offline, or with uv",
      });
    }
    if (request.overrides?.length) {
      throw new SkerryError("SKE-USAGE", `Could not resolve ${summary(read)}: pip has no overrides`, {
        hint: "use uv (--installer uv when the environment is created), or --force",
      });
    }
    refuseUnhashed(read, request.settings);
    const kept = keptPreferences(request).filter(
      (one) => one.version !== null && !one.directory && !one.vcs && !one.archive,
    );
    const attempt = (preferred: readonly LockedPackage[]) =>
      withScratch(paths, op, async (folder): Promise<Lock> => {
        const python = makeScratchPrefix(join(folder, "prefix"), request.target.identity);
        const input = join(folder, "requirements.txt");
        const constraints = join(folder, "constraints.txt");
        const output = join(folder, "report.json");
        const { lines } = pipInvocation(request.settings, read.options);
        writeFileSync(input, [...lines, credentials.reveal(requirementLines(read))].join("\n"));
        writeFileSync(
          constraints,
          credentials.reveal(constraintLines(read)) + preferred.map((one) => `${one.name}==${one.version}\n`).join(""),
        );
        op.tell({ kind: "progress", phase: "resolve", detail: summary(read) });
        const alone = request.dependencies === false ? ["--no-deps"] : [];
        const args = ["--dry-run", "--ignore-installed", "--report", output, "-r", input, "-c", constraints, ...alone];
        await run(
          python,
          args,
          {
            settings: request.settings,
            file: read.options,
            cwd: folder,
            doing: `resolve ${summary(read)}`,
            target: request.target,
          },
          op,
        );
        const index = soleIndex("pip", request.settings, read.options);
        const packages = withIndex(readReport(reportText(output, summary(read))), index);
        const found = enforceHashes(withoutCredentials(packages, credentials), read, request.settings);
        return { format: 1, installer: "pip", roots: rootLines(read), packages: found };
      });
    if (kept.length === 0) return attempt([]);
    try {
      return await attempt(kept);
    } catch (error) {
      // pip knows no preferences, only constraints: where they don't fit, all of them are let go.
      if (error instanceof SkerryError && /^SKE-PKG-(CONFLICT|VERSION|NOT-FOUND)$/.test(error.code)) return attempt([]);
      throw error;
    }
  }

  async function install(
    packages: readonly LockedPackage[],
    { target, prefix, fresh = false }: InstallPlace,
    op: Operation,
  ): Promise<void> {
    mkdirSync(prefix, { recursive: true });
    if (packages.length === 0) return;
    await withScratch(paths, op, async (folder) => {
      const python = makeScratchPrefix(prefix, target.identity);
      const names = packages.map(({ name }) => name);
      const context = {
        settings,
        cwd: folder,
        doing: `install ${listed(names, 3)}`,
        target,
      };
      const how = ["--no-deps", "--ignore-installed", "--compile", "--no-warn-script-location"];
      if (fresh) how.push("--no-cache-dir");
      op.tell({ kind: "progress", phase: "install", total: packages.length });
      const indexed = packages.filter((one) => one.wheels || one.sdist);
      const others = packages.filter((one) => !one.wheels && !one.sdist);
      if (indexed.length > 0) {
        const links = join(folder, "links.html");
        const input = join(folder, "indexed.txt");
        writeFileSync(links, linksPage(indexed, settings), { mode: 0o600 });
        writeFileSync(input, indexed.map(pinnedLine).join("\n"));
        // A page of exactly the locked files; a build from source still needs the index for its tools.
        const noIndex = indexed.every((one) => !one.sdist) ? ["--no-index"] : [];
        const pins = ["--require-hashes", "--find-links", pathToFileURL(links).href];
        await run(python, [...how, ...noIndex, ...pins, "-r", input], context, op);
      }
      if (others.length > 0) {
        const input = join(folder, "others.txt");
        const { credentials } = settings;
        writeFileSync(input, others.map((one) => lockedLine(withCredentials(one, credentials))).join("\n"));
        await run(python, [...how, "-r", input], context, op);
      }
      removeScratchParts(prefix);
    });
  }

  return { name: "pip", version, resolve, install };
}

/** Makes a folder a virtual environment, as small as Python accepts one (PEP 405). @returns its interpreter */
export function makeScratchPrefix(prefix: string, { interpreter }: LayerTarget): string {
  mkdirSync(join(prefix, "bin"), { recursive: true });
  const python = join(prefix, "bin", "python");
  rmSync(python, { force: true });
  symlinkSync(interpreter, python);
  writeFileSync(join(prefix, "pyvenv.cfg"), `home = ${homeOf(interpreter)}\ninclude-system-site-packages = false\n`);
  return python;
}

/** The folder of the base interpreter: of a virtual environment's, what its own pyvenv.cfg names. */
function homeOf(interpreter: string): string {
  const bin = dirname(interpreter);
  try {
    const home = /^home[ \t]*=(.+)$/m.exec(readWhole(join(dirname(bin), "pyvenv.cfg")).toString("utf8"))?.[1];
    return home?.trim() ?? bin;
  } catch {
    return bin;
  }
}

function removeScratchParts(prefix: string): void {
  unlinkSync(join(prefix, "bin", "python"));
  unlinkSync(join(prefix, "pyvenv.cfg"));
}

interface ReportItem {
  readonly download_info: {
    readonly url: string;
    readonly archive_info?: { readonly hash?: string; readonly hashes?: Record<string, string> };
    readonly dir_info?: { readonly editable?: boolean };
    readonly vcs_info?: { readonly vcs: string; readonly commit_id: string; readonly requested_revision?: string };
    readonly subdirectory?: string;
  };
  readonly is_direct: boolean;
  readonly metadata: { readonly name: string; readonly version: string };
}

/** Reads pip's installation report (https://pip.pypa.io/en/stable/reference/installation-report/). */
export function readReport(text: string): LockedPackage[] {
  const { install } = JSON.parse(text) as { install: ReportItem[] };
  return install.map(readItem).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readItem({ download_info: from, is_direct, metadata }: ReportItem): LockedPackage {
  const base = { name: normalizeName(metadata.name), version: metadata.version };
  const subdirectory = from.subdirectory === undefined ? {} : { subdirectory: from.subdirectory };
  if (from.dir_info) {
    const directory = { path: fileURLToPath(from.url), editable: from.dir_info.editable === true, ...subdirectory };
    // As in a lock of uv's: the version of a project in work is nobody's promise.
    return { name: base.name, version: null, directory };
  }
  if (from.vcs_info) {
    const { vcs, commit_id, requested_revision } = from.vcs_info;
    const revision = requested_revision === undefined ? {} : { requestedRevision: requested_revision };
    return { ...base, vcs: { type: vcs, url: from.url, commit: commit_id, ...revision, ...subdirectory } };
  }
  const local = from.url.startsWith("file:");
  const [algorithm = "", hex = ""] = (from.archive_info?.hash ?? "").split("=");
  const file: LockedFile = {
    name: basename(decodeURIComponent(new URL(from.url).pathname)),
    ...(local ? { path: fileURLToPath(cut(from.url, "#")[0]) } : { url: from.url }),
    hashes: from.archive_info?.hashes ?? (hex ? { [algorithm]: hex } : {}),
  };
  if (is_direct) return { ...base, archive: { ...file, ...subdirectory } };
  return file.name.endsWith(".whl") ? { ...base, wheels: [file] } : { ...base, sdist: file };
}

/** The files of a package from an index: pip takes the best of them. */
function filesOf(one: LockedPackage): LockedFile[] {
  return [...(one.wheels ?? []), ...(one.sdist ? [one.sdist] : [])];
}

function pinnedLine(one: LockedPackage): string {
  const hashes = filesOf(one).flatMap((file) =>
    Object.entries(file.hashes).map(([kind, hex]) => ` --hash=${kind}:${hex}`),
  );
  return `${lockedLine(one)}${hashes.join("")}`;
}

/** A page of links for `--find-links`, with the password that was given for the server on which a file lies. */
export function linksPage(packages: readonly LockedPackage[], { credentials }: InstallerSettings): string {
  const address = ({ path, url = "" }: LockedFile): string =>
    path === undefined ? credentials.forFile(url) : pathToFileURL(path).href;
  const html = packages.flatMap(filesOf).map((file) => {
    const hash = Object.entries(file.hashes).map(([kind, hex]) => `#${kind}=${hex}`)[0] ?? "";
    return `<a href="${address(file)}${hash}">${file.name}</a>`;
  });
  return `<!DOCTYPE html><html><body>\n${html.join("\n")}\n</body></html>\n`;
}

/** Tells what a line of pip's says about its progress. */
function report(line: string, op: Operation): void {
  const [, word, rest = ""] =
    /^\s*(Downloading|Collecting|Building wheel for|Installing collected packages:) ?(\S*)/.exec(line) ?? [];
  if (word === "Downloading") op.tell({ kind: "progress", phase: "download", detail: basename(rest) });
  else if (word === "Collecting") op.tell({ kind: "progress", phase: "resolve", detail: rest });
  else if (word === "Building wheel for") op.tell({ kind: "progress", phase: "build", detail: rest });
  else if (word !== undefined) op.tell({ kind: "progress", phase: "install" });
}

/** What pip tells of a resolution, which has the metadata of each package in it. @throws SKE-PKG-BROKEN for one without measure */
function reportText(path: string, asked: string): string {
  try {
    return readWhole(path).toString("utf8");
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    throw new SkerryError(
      "SKE-PKG-BROKEN",
      `Could not resolve ${asked}: what pip tells of the packages ${error.clause}`,
      {
        hint: "ask for them one by one to see whose metadata it is, and tell its authors",
        cause: error,
      },
    );
  }
}
