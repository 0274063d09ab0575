import { existsSync, mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import {
  absent,
  type Engine,
  type EngineContext,
  type LaunchRecipe,
  present,
  type Realized,
} from "../../core/engine.ts";
import { type Place, placeAt } from "../../core/environment.ts";
import type { Fault } from "../../core/fault.ts";
import type { Json } from "../../core/json.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import { exists, ioError } from "../../platform/files.ts";
import { removeTree } from "../../platform/remove.ts";
import type { InterpreterFacts } from "../../python/interpreter.ts";
import { missingWitness } from "../launch.ts";
import {
  hasInterpreter,
  interpreterFor,
  localParts,
  makePlace,
  placeFaults,
  placeRecipe,
  placesWith,
  probeLocal,
  removePlace,
} from "../local.ts";
import { interpreterFault, successorOf } from "../successor.ts";
import { unfinished } from "../unfinished.ts";

const NO_PACKAGES = absent(
  "a basic environment has no packages of its own: it sees those of its interpreter",
  "create it with --engine virtualenv",
);

interface BasicState {
  readonly python: InterpreterFacts;
}

/**
 * The weakest level: a folder of its own (work, tmp, logs, run, bin), scrubbed variables, its own TMPDIR and, by
 * choice, HOME. Commands run under an interpreter of the machine and see that interpreter's packages.
 */
export function basicEngine(context: EngineContext): Engine {
  return {
    name: "basic",

    probe: (op) => probeLocal(context, op),

    async pin(spec, op) {
      const facts = await interpreterFor(spec.python, context, op);
      return { spec: { ...spec, python: facts.path }, target: NO_PACKAGES };
    },

    async create(spec, place, op) {
      const facts = await interpreterFor(spec.python, context, op);
      await removeTree(place.root);
      return write(spec, place, facts);
    },

    open(record) {
      const { state } = record;
      if (!hasInterpreter(state)) return unfinished(state, () => removePlace(placeAt(record.place)));
      return realize(record.spec, placeAt(record.place), record.state as unknown as BasicState);
    },

    ...placesWith(binOf),
  };

  function write(spec: EnvironmentSpec, place: Place, facts: InterpreterFacts): Realized {
    makePlace(place, spec);
    try {
      mkdirSync(binOf(place), { recursive: true });
      for (const path of linksOf(place, facts)) {
        if (exists(path)) unlinkSync(path);
        symlinkSync(facts.baseExecutable, path);
      }
    } catch (error) {
      throw ioError("link the interpreter into", binOf(place), error);
    }
    return realize(spec, place, { python: facts });
  }

  function realize(spec: EnvironmentSpec, place: Place, state: BasicState): Realized {
    const { path, size, mtimeMs } = state.python;
    const recipe: LaunchRecipe = {
      path: [binOf(place)],
      ...placeRecipe(place, spec),
      witnesses: [{ path, size, mtimeMs }, { path: `${binOf(place)}/python` }],
    };
    const { local, start, attach } = localParts(recipe, {}, context);
    return {
      state: state as unknown as Json,
      facets: {
        local: present(local),
        layers: NO_PACKAGES,
        repair: present({
          async diagnose(op) {
            const changed = await interpreterFault(state.python, context, op);
            return [...(changed ? [changed] : []), ...placeFaults(place, spec), ...linkFaults(place, state.python)];
          },
          interpreter: (request, op) => successorOf(state.python, request, context, op),
          rebuild: async (python, op) => write(spec, place, await interpreterFor(python, context, op)),
        }),
      },
      start,
      attach,
      async inspect() {
        if (!exists(place.root)) return { state: "absent", problems: [`${place.root} is gone`] };
        const missing = missingWitness(recipe);
        return { state: "ready", problems: missing ? [`${missing} is gone or was changed`] : [] };
      },
      destroy: () => removePlace(place),
    };
  }
}

/** The links to an interpreter. */
function linksOf(place: Place, { versionInfo: [major, minor] }: InterpreterFacts): string[] {
  return ["python", `python${major}`, `python${major}.${minor}`].map((name) => `${binOf(place)}/${name}`);
}

function linkFaults(place: Place, python: InterpreterFacts): Fault[] {
  return linksOf(place, python)
    .filter((path) => !existsSync(path))
    .map((path) => ({ kind: "python-link", message: `${path} is gone or leads nowhere` }));
}

function binOf(place: Place): string {
  return `${place.root}/bin`;
}
