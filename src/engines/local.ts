import { readdirSync } from "node:fs";
import type {
  Activation,
  Availability,
  Engine,
  EngineContext,
  LaunchRecipe,
  LocalFacet,
  Realized,
} from "../core/engine.ts";
import { type Place, placeAt } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import type { Fault } from "../core/fault.ts";
import type { Json } from "../core/json.ts";
import { Lately } from "../core/lately.ts";
import type { Operation } from "../core/operation.ts";
import type { EnvironmentSpec } from "../core/spec.ts";
import { fileTime, isSameTime } from "../platform/file-time.ts";
import { exists } from "../platform/files.ts";
import { lookAt } from "../platform/look.ts";
import { folderFault, mendFolder } from "../platform/mend-state.ts";
import { removeTree } from "../platform/remove.ts";
import { isOwnFolder, temporaryOf } from "../platform/temporary.ts";
import { scrub } from "../python/environment-variables.ts";
import type { FactsCache, InterpreterFacts } from "../python/interpreter.ts";
import { missingSecrets, missingWitness, planLaunch, variablesOf } from "./launch.ts";

/** Creates the folders of a place that aren't there, and a home where the environment has its own. @throws SKE-IO */
export function makePlace(place: Place, spec: EnvironmentSpec): void {
  for (const folder of foldersOf(place, spec)) mendFolder(folder);
}

function foldersOf(place: Place, spec: EnvironmentSpec): string[] {
  const home = spec.home === "own" ? [homeOf(place)] : [];
  return [place.root, place.work, place.tmp, place.logs, place.run, ...home];
}

/** What of a place is gone, or can't be worked in. */
export function placeFaults(place: Place, spec: EnvironmentSpec): Fault[] {
  for (const folder of foldersOf(place, spec)) {
    const why = folderFault(folder);
    if (why !== undefined) return [{ kind: "place", message: `${folder} ${why}` }];
  }
  return [];
}

function homeOf(place: Place): string {
  return `${place.root}/home`;
}

/** Variables that every local environment sets: its name and folders; its own TMPDIR and HOME by choice. */
export function placeRecipe(place: Place, spec: EnvironmentSpec): Pick<LaunchRecipe, "set" | "secrets" | "temporary"> {
  const isOwn = spec.tmp === "own" && spec.variables.TMPDIR === undefined;
  const temporary = isOwn ? { path: temporaryOf(place.root), otherwise: place.tmp } : undefined;
  const set = {
    SKERRY_ENV: spec.name,
    SKERRY_WORK: place.work,
    ...(temporary ? { TMPDIR: temporary.path } : {}),
    ...(spec.home === "own" ? { HOME: homeOf(place) } : {}),
    ...spec.variables,
  };
  const { secrets = [] } = spec;
  return { set, ...(secrets.length > 0 ? { secrets } : {}), ...(temporary ? { temporary } : {}) };
}

/** Removes a place with all that is in it, and the temporary files of its programs. From any state, any number of times. */
export async function removePlace({ root }: Pick<Place, "root">): Promise<void> {
  const temporary = temporaryOf(root);
  if (isOwnFolder(temporary)) await removeTree(temporary);
  await removeTree(root);
}

/** How engines find and discard environments that are their places: by something in them that no other engine makes. */
export function placesWith(markOf: (place: Place) => string): Pick<Engine, "find" | "discard"> {
  return {
    async *find(root) {
      for (const id of readdirSync(root)) {
        const place = placeAt(`${root}/${id}`);
        if (exists(markOf(place))) yield { id, place: place.root };
      }
    },
    discard: ({ place }) => removePlace({ root: place }),
  };
}

/**
 * The local facet and the primitive of an environment whose commands are ordinary processes of this machine.
 * @param recipe its `path` has to hold a `python`: else python and pip are refused, for they would be another environment's
 */
export function localParts(
  recipe: LaunchRecipe,
  scripts: Activation["scripts"],
  context: EngineContext,
): { readonly local: LocalFacet } & Pick<Realized, "start" | "attach"> {
  const local: LocalFacet = {
    recipe,
    plan(command) {
      const gone = missingWitness(recipe);
      if (gone === undefined) return planLaunch(recipe, command, context.env, context.cwd);
      // Else PATH would lead past the environment, to another Python.
      throw new SkerryError("SKE-ENV-BROKEN", `Could not run ${command.argv[0]}: ${gone} is gone or was changed`, {
        hint: `skerry repair ${recipe.set.SKERRY_ENV} mends it, or tells what stands in its way; with --dry-run it changes nothing`,
        details: { path: gone },
      });
    },
    activation: () => {
      const kept = scrub(context.env);
      const unset = Object.keys(context.env).filter((name) => !(name in kept) && !(name in recipe.set));
      const missing = missingSecrets(recipe, context.env);
      return { path: recipe.path, set: variablesOf(recipe), unset, missing, scripts };
    },
  };
  return {
    local,
    async start(command, streams) {
      const plan = local.plan(command);
      const { spawnProcess } = await import("../processes/spawn.ts");
      return spawnProcess(plan, streams);
    },
    async attach(ref) {
      const { attachProcess } = await import("../processes/spawn.ts");
      return attachProcess(ref);
    },
  };
}

/** Whether a state says which interpreter an environment has, as engines of this machine write it. */
export function hasInterpreter(state: Json): boolean {
  const { python } = { ...(state as { readonly python?: Partial<InterpreterFacts> } | null) };
  const texts = [python?.path, python?.baseExecutable, python?.version, python?.sitePackages];
  return texts.every((text) => typeof text === "string") && Array.isArray(python?.versionInfo);
}

/** Interpreter facts remembered in the engine's cache. */
export function factsCache(context: Pick<EngineContext, "cache">): FactsCache {
  return {
    get(path, mtimeMs, size) {
      const facts = context.cache.get("interpreter", path)?.value as InterpreterFacts | undefined;
      return facts?.size === size && isSameTime(facts.mtimeMs, mtimeMs) ? facts : undefined;
    },
    put(facts) {
      context.cache.put("interpreter", facts.path, JSON.parse(JSON.stringify(facts)));
    },
  };
}

/** What a search for interpreters needs of an engine's context. */
type Searched = Pick<EngineContext, "env" | "cwd" | "cache">;

/** The interpreters that were found, by what was asked for. */
const found = new Lately<InterpreterFacts>();

function isUnchanged({ path, size, mtimeMs }: InterpreterFacts): boolean {
  const stat = lookAt(path);
  return stat?.size === size && isSameTime(fileTime(stat), mtimeMs);
}

/** The interpreter that a request leads to here; without one, the default. @throws SKE-PYTHON-… */
export async function interpreterFor(
  request: string | undefined,
  context: Searched,
  op: Operation,
): Promise<InterpreterFacts> {
  const key = request === undefined ? "" : `=${request}`;
  const known = found.get(key, context);
  if (known && isUnchanged(known)) return known;
  // Most verbs look for none, and what compares versions takes long to load.
  const [{ findInterpreter }, { parsePythonRequest }] = await Promise.all([
    import("../python/discovery.ts"),
    import("../python/request.ts"),
  ]);
  const { env, cwd } = context;
  const wanted = request === undefined ? undefined : parsePythonRequest(request, cwd);
  const facts = await findInterpreter(wanted, { env, cwd, cache: factsCache(context), op });
  return found.set(key, facts, context);
}

/** Whether engines that need nothing but an interpreter can work here. */
export async function probeLocal(context: EngineContext, op: Operation): Promise<Availability> {
  try {
    const { version, path } = await interpreterFor(undefined, context, op);
    return { ok: true, version, notes: [`default interpreter ${path}`] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason, hint: "install a Python of 3.8 or newer" };
  }
}
