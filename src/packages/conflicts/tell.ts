import { basename } from "node:path";
import { SkerryError } from "../../core/error.ts";
import type { LayerTarget } from "../../core/layer-target.ts";
import { describeTarget, indent } from "../tool-output.ts";
import type { AskedRequirement, Clash, Conflict, ConflictOption, RequirementChain } from "./conflict.ts";

/** What goes into the words about a conflict. */
export interface Telling {
  /** `resolve flask>=3, werkzeug<3` */
  readonly doing: string;
  /** Name of the environment, for what it asked for before. */
  readonly environment: string | undefined;
  readonly target: LayerTarget;
  /** The error that the installer's own words made. */
  readonly told: SkerryError;
  /** True where the command can be given `--resolve`. */
  readonly resolves: boolean;
}

/** The error for a conflict: `SKE-PKG-VERSION` where one requirement alone can't be met, else `SKE-PKG-CONFLICT`. */
export function conflictError(conflict: Conflict, telling: Telling): SkerryError {
  const { told, doing } = telling;
  const problem = conflict.clashes.length === 1 ? conflict.clashes[0]!.problem : undefined;
  const details = {
    ...told.details,
    ...(problem ? { package: conflict.clashes[0]!.package, available: problem.available } : {}),
    conflict,
  };
  const what = conflict.clashes.map((clash) => tellClash(clash, telling)).join("\nand ");
  return new SkerryError(problem ? "SKE-PKG-VERSION" : "SKE-PKG-CONFLICT", `Could not ${doing}: ${what}`, {
    hint: hintOf(conflict, telling),
    details,
  });
}

function tellClash(clash: Clash, telling: Telling): string {
  const lines = clash.chains.map((chain) => tellChain(chain, telling));
  const [only] = clash.chains;
  if (clash.problem && only) {
    const shown = only.steps.length === 0 && only.root.by === "now" ? [] : lines;
    return [tellProblem(clash, only, telling), ...shown.map(indent)].join("\n");
  }
  if (clash.package !== undefined && lines.length > 1)
    return `the requirements exclude each other, on ${clash.package}:\n${indent(lines.join("\n"))}`;
  const own = typeof telling.told.details.chain === "string" ? [telling.told.details.chain] : [];
  return `the requirements exclude each other:\n${indent([...lines, ...own].join("\n"))}`;
}

function tellProblem(
  { package: name, problem }: Clash,
  { requirement }: RequirementChain,
  { target }: Telling,
): string {
  const { why, versions, says } = problem!;
  const newest = versions[0];
  switch (why) {
    case "none":
      return `there is no ${requirement}`;
    case "python":
      return `no version of ${requirement} fits ${describeTarget(target)}: ${name} ${newest} wants Python ${says}`;
    case "platform":
      return `no file of ${requirement} fits ${describeTarget(target)}`;
    case "yanked":
      return `${name} ${newest} was withdrawn by its authors${says ? `: ${says}` : ""}`;
    case "prerelease":
      return `only pre-releases are ${requirement}: ${versions.join(", ")}`;
  }
}

/** `you asked for flask>=3 → flask 3.0.2 requires werkzeug>=3.0` */
function tellChain({ root, steps }: RequirementChain, telling: Telling): string {
  const links = steps.map(
    (one) => `${one.package}${one.version === null ? "" : ` ${one.version}`} requires ${one.requires}`,
  );
  return [`${asker(root, telling)} ${root.requirement}`, ...links].join(" → ");
}

function asker({ by, where }: AskedRequirement, { environment }: Telling): string {
  const place = where === undefined ? undefined : basename(where);
  if (by === "constraint") return `${place ?? "a constraint"} allows only`;
  if (by === "before") return `${environment ?? "the environment"} asks for`;
  return place === undefined ? "you asked for" : `${place} asks for`;
}

function hintOf({ options, clashes }: Conflict, telling: Telling): string {
  const problem = clashes.length === 1 ? clashes[0]!.problem : undefined;
  const project = clashes[0]?.package;
  const others =
    problem && problem.available.length > 0 && problem.why !== "prerelease"
      ? [`the newest of ${project} that fit: ${problem.available.join(", ")}`]
      : [];
  const named =
    problem?.why === "yanked"
      ? [`ask for it by its number to take it all the same: ${project}==${problem.versions[0]}`]
      : problem?.why === "prerelease"
        ? [`ask for it by its number too: '${project}>=${problem.versions[0]}'`]
        : [];
  const python = problem?.why === "python" && problem.says ? [`choose another Python: --python '${problem.says}'`] : [];
  const tried = options.map(tellOption);
  const lines = [...others, ...named, ...python, ...tried];
  if (lines.length === 0)
    return problem
      ? "choose another version of the package, or another Python with --python"
      : "loosen one of these bounds";
  const relaxes = options.some(isAutomatic);
  return [
    ...lines,
    ...(telling.resolves && relaxes ? ["--resolve does the first of these that changes a bound"] : []),
  ].join("\n");
}

/** Whether `--resolve` may take an option: a bound that was asked for moves; files of constraints are the user's. */
export function isAutomatic({ kind, changes }: ConflictOption): boolean {
  return kind === "relax" && changes.every(({ from }) => from.by !== "constraint");
}

function tellOption({ kind, changes, overrides = [], command }: ConflictOption): string {
  if (command !== undefined) return command;
  const words = changes.map(({ from, to }) => {
    const place = from.where === undefined ? "" : ` in ${basename(from.where)}`;
    if (to === undefined) return `leave out ${from.requirement}${place}`;
    return to === from.requirement.replace(/[<>=!~].*/, "") || to === ""
      ? `drop the bound of ${from.requirement}${place}`
      : `ask for ${to} instead of ${from.requirement}${place}`;
  });
  if (kind === "override") return `override with ${overrides.join(", ")}`;
  return kind === "force" ? "force it" : words.join(", ");
}
