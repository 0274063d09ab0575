import { statSync } from "node:fs";
import {
  absent,
  type Engine,
  type EngineContext,
  type LaunchRecipe,
  present,
  type Realized,
} from "../../core/engine.ts";
import { type Place, placeAt } from "../../core/environment.ts";
import { SkerryError } from "../../core/error.ts";
import type { Fault } from "../../core/fault.ts";
import type { Json } from "../../core/json.ts";
import type { Operation } from "../../core/operation.ts";
import { asksForPackages, type EnvironmentSpec } from "../../core/spec.ts";
import { exists } from "../../platform/files.ts";
import { removeTree } from "../../platform/remove.ts";
import { changedContent, contentsOf } from "../launch.ts";
import { localParts, makePlace, placeFaults, placeRecipe, placesWith, removePlace } from "../local.ts";
import { isOwn } from "../pointer.ts";
import { unfinished } from "../unfinished.ts";
import { condaPackages } from "./conda-packages.ts";
import { claimPrefix, isOthers, linkIn, releasePrefix, takePrefix } from "./prefix.ts";
import { checkEnvironment, type PixiProject, prefixIn, projectAbove, projectOfPrefix } from "./project.ts";

/** What is remembered of an environment: what it follows, and what pixi said that entering it changes. */
interface PixiState extends PixiProject, Required<Pick<LaunchRecipe, "path" | "set" | "contents">> {
  readonly prefix: string;
  /** Whether Python is among its packages. */
  readonly hasPython: boolean;
}

const NO_PACKAGES = absent(
  "pixi installs its packages, and the manifest says which",
  "pixi add NAME, then skerry repair; for packages of an index: pixi add --pypi NAME",
);

/**
 * Environments of pixi projects: pixi resolves and installs what a manifest says, into `.pixi/envs/NAME` beside it; what
 * activating changes is asked once and kept, so that a start needs no pixi.
 */
export function pixiEngine(context: EngineContext): Engine {
  return {
    name: "pixi",

    async probe(op) {
      const { findPixi, GET_PIXI } = await import("./program.ts");
      try {
        const { path, version } = await findPixi(context, op);
        return { ok: true, version, notes: [path] };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { ok: false, reason, hint: GET_PIXI, only: "pixi projects" };
      }
    },

    async pin(spec, op) {
      const project = spec.prefix === undefined ? projectAbove(context.cwd, context.env) : projectOfPrefix(spec.prefix);
      const prefix = prefixIn(project.root, project.environment);
      refuseForeign(spec, prefix);
      const { findPixi } = await import("./program.ts");
      await checkEnvironment(project);
      await findPixi(context, op);
      return { spec: { ...spec, prefix }, target: NO_PACKAGES };
    },

    async create(spec, place, op) {
      await removeTree(place.root);
      return install(spec, place, op);
    },

    open(record) {
      const place = placeAt(record.place);
      const { prefix, contents } = { ...(record.state as Partial<PixiState> | null) };
      if (typeof prefix !== "string" || contents === undefined)
        return unfinished(record.state, () => discard(record.spec, place));
      return realize(record.spec, place, record.state as unknown as PixiState);
    },

    ...placesWith(linkIn),
  };

  async function install(spec: EnvironmentSpec, place: Place, op: Operation, keeps = false): Promise<Realized> {
    const prefix = spec.prefix!;
    const project = projectOfPrefix(prefix);
    const [{ findPixi, runPixi }, { activate }, { followedFiles }] = await Promise.all([
      import("./program.ts"),
      import("./activation.ts"),
      import("../../project/pixi-manifest.ts"),
    ]);
    const pixi = await findPixi(context, op);
    makePlace(place, spec);
    if (!keeps) await claimPrefix(prefix, place);
    const before = contentsOf(followedFiles(project.manifest).filter((path) => !isLock(path)));
    const detail = `${project.environment} of ${project.manifest} with pixi ${pixi.version}`;
    op.tell({ kind: "progress", phase: "install", detail });
    await runPixi(pixi, project, ["install"], { env: context.env, op });
    const activation = await activate(pixi, project, { env: context.env, secrets: spec.secrets }, op);
    takePrefix(prefix, place);
    // After pixi, which may write the lock. What else was edited meanwhile may not be what is installed.
    const now = contentsOf(followedFiles(project.manifest));
    const isEdited = changedContent(before) !== undefined;
    const contents = isEdited
      ? { files: now.files.map(({ path }) => ({ path, size: -1, mtimeMs: 0 })), digest: "" }
      : now;
    const hasPython = exists(`${prefix}/bin/python`);
    return realize(spec, place, { ...project, ...activation, prefix, contents, hasPython });
  }

  function realize(spec: EnvironmentSpec, place: Place, state: PixiState): Realized {
    const prefix = spec.prefix!;
    const witnesses = [{ path: `${state.prefix}/${state.hasPython ? "bin/python" : "conda-meta"}` }];
    const { set, ...rest } = placeRecipe(place, spec);
    const { path, contents } = state;
    const recipe = { ...rest, path, set: { ...state.set, ...set }, witnesses, contents };
    const { local, start, attach } = localParts(recipe, {}, context);

    function diagnose(): Fault[] {
      return [...placeFaults(place, spec), ...prefixFaults(prefix, place, state), ...projectFaults(state)];
    }

    return {
      state: state as unknown as Json,
      facets: {
        local: present(local),
        layers: NO_PACKAGES,
        repair: present({
          diagnose: async () => diagnose(),
          async interpreter(request) {
            if (request !== undefined) throw pythonError(spec.name);
            return `${prefix}/bin/python`;
          },
          async rebuild(_, op) {
            if (isOthers(prefix, place)) throw foreignError(prefix, spec.name);
            // What only lacks packages is brought up to date; pixi doesn't see what else may be gone.
            return install(spec, place, op, exists(linkIn(place)) && prefixFaults(prefix, place, state).length === 0);
          },
        }),
      },
      start,
      attach,
      inspect: async () => ({
        state: exists(place.root) && exists(prefix) ? "ready" : "absent",
        problems: diagnose().map(({ message }) => message),
      }),
      pythonVersion: () => condaPackages(prefix).get("python"),
      destroy: () => discard(spec, place),
    };
  }
}

/** @throws SKE-USAGE, SKE-FACET-ABSENT for what only the manifest can say */
function refuseForeign(spec: EnvironmentSpec, prefix: string): void {
  if (spec.python !== undefined && spec.python !== `${prefix}/bin/python`) throw pythonError(spec.name);
  if (spec.systemSitePackages) {
    throw new SkerryError("SKE-USAGE", `${spec.name} can't see packages of another Python: pixi brings its own`, {
      hint: "leave --system-site-packages out, and pixi add what is needed",
    });
  }
  if (asksForPackages(spec.packages)) {
    const { reason, hint } = NO_PACKAGES as { reason: string; hint: string };
    throw new SkerryError("SKE-FACET-ABSENT", `${spec.name} can't hold packages: ${reason}`, { hint });
  }
}

function pythonError(name: string): SkerryError {
  return new SkerryError("SKE-USAGE", `${name} can't be given a Python: in a pixi project, Python is a package`, {
    hint: 'let the manifest say which: pixi add "python=3.12"',
  });
}

function isLock(path: string): boolean {
  return path.endsWith("/pixi.lock");
}

function projectFaults({ contents }: PixiState): Fault[] {
  const path = changedContent(contents);
  return path === undefined
    ? []
    : [{ kind: "project-changed", message: `${path} has changed since the environment was installed` }];
}

function prefixFaults(prefix: string, place: Place, state: PixiState): Fault[] {
  if (!exists(prefix)) return [{ kind: "prefix-gone", message: `${prefix} is gone` }];
  if (isOthers(prefix, place)) return [{ kind: "prefix-foreign", message: `${prefix} is another environment's` }];
  if (prefix !== state.prefix)
    return [{ kind: "prefix-moved", message: `${prefix} was installed for ${state.prefix}` }];
  if (!isOwn(prefix, place))
    return [{ kind: "prefix-moved", message: `${prefix}/skerry.json doesn't lead to ${place.root}` }];
  const [gone] = [...(state.hasPython ? ["bin/python"] : []), "conda-meta"].filter(
    (path) => !statSync(`${prefix}/${path}`, { throwIfNoEntry: false }),
  );
  return gone === undefined ? [] : [{ kind: "python-link", message: `${prefix}/${gone} is gone or leads nowhere` }];
}

function foreignError(prefix: string, name: string): SkerryError {
  return new SkerryError("SKE-ENV-EXISTS", `Could not rebuild ${name} in ${prefix}: it is another environment's`, {
    hint: `give the environment up: skerry rm ${name}`,
  });
}

async function discard({ prefix }: EnvironmentSpec, place: Place): Promise<void> {
  if (prefix !== undefined) await releasePrefix(prefix, place);
  await removePlace(place);
}
