import { lstatSync } from "node:fs";
import { type Engine, type EngineContext, type LaunchRecipe, present, type Realized } from "../../core/engine.ts";
import { type Place, placeAt } from "../../core/environment.ts";
import type { Json } from "../../core/json.ts";
import type { EnvironmentSpec } from "../../core/spec.ts";
import type { Target } from "../../core/target.ts";
import { VERSION } from "../../core/version.ts";
import { LinkedHome } from "../../homes/linked/linked-home.ts";
import { exists } from "../../platform/files.ts";
import { removeTree } from "../../platform/remove.ts";
import type { InterpreterFacts } from "../../python/interpreter.ts";
import { targetHere } from "../../python/target.ts";
import { writeVenv } from "../../python/venv.ts";
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
import { claimPrefix, ownAgain, prefixFor, prefixOf, releasePrefix } from "./prefix.ts";
import { mendPrefix, prefixFaults } from "./prefix-faults.ts";

interface VirtualenvState {
  readonly python: InterpreterFacts;
}

/** Environments that are virtual environments of PEP 405, written natively: dependencies apart, one interpreter shared. */
export function virtualenvEngine(context: EngineContext): Engine {
  return {
    name: "virtualenv",

    probe: (op) => probeLocal(context, op),

    async pin(spec, op) {
      const facts = await interpreterFor(spec.python, context, op);
      return { spec: { ...spec, python: facts.path }, target: present(targetOf(facts)) };
    },

    async create(spec, place, op) {
      const facts = await interpreterFor(spec.python, context, op);
      await removeTree(place.root);
      makePlace(place, spec);
      await claimPrefix(spec, place);
      return write(spec, place, facts);
    },

    open(record) {
      const place = placeAt(record.place);
      const { state } = record;
      if (!hasInterpreter(state)) return unfinished(state, () => discard(record.spec, place));
      return realize(record.spec, place, record.state as unknown as VirtualenvState);
    },

    ...placesWith(prefixOf),
  };

  function write(spec: EnvironmentSpec, place: Place, facts: InterpreterFacts): Realized {
    const { name: prompt, systemSitePackages } = spec;
    writeVenv({ prefix: prefixFor(spec, place), facts, systemSitePackages, prompt, version: VERSION });
    return realize(spec, place, { python: facts });
  }

  function realize(spec: EnvironmentSpec, place: Place, state: VirtualenvState): Realized {
    const { python } = state;
    const prefix = prefixFor(spec, place);
    const target = targetOf(python);
    const { name, mode, link, systemSitePackages } = spec;
    const subject = {
      prefix,
      target,
      systemSitePackages,
      allowed: spec.packages.editables,
      sitePackages: python.sitePackages,
    };
    const bin = `${prefix}/bin`;
    const { set, ...rest } = placeRecipe(place, spec);
    const recipe: LaunchRecipe = {
      ...rest,
      path: [bin],
      set: { VIRTUAL_ENV: prefix, VIRTUAL_ENV_PROMPT: spec.name, ...set },
      witnesses: [{ path: python.path, size: python.size, mtimeMs: python.mtimeMs }, { path: `${bin}/python` }],
    };
    const scripts = {
      sh: `${bin}/activate`,
      csh: `${bin}/activate.csh`,
      fish: `${bin}/activate.fish`,
      nu: `${bin}/activate.nu`,
      pwsh: `${bin}/Activate.ps1`,
    };
    const { local, start, attach } = localParts(recipe, scripts, context);
    return {
      state: state as unknown as Json,
      facets: {
        local: present(local),
        layers: present(
          new LinkedHome(
            { name, target, prefix, sitePackages: python.sitePackages, mode, link, trees: `${place.root}/trees` },
            async (op) => {
              const { verifyByProcess } = await import("../../python/verify.ts");
              await verifyByProcess(subject, op);
            },
          ),
        ),
        repair: present({
          async diagnose(op) {
            const changed = await interpreterFault(python, context, op);
            return [...(changed ? [changed] : []), ...placeFaults(place, spec), ...prefixFaults(spec, place, python)];
          },
          interpreter: (request, op) => successorOf(python, request, context, op),
          async rebuild(path, op) {
            const facts = await interpreterFor(path, context, op);
            makePlace(place, spec);
            if (spec.prefix !== undefined && !exists(prefix)) await claimPrefix(spec, place);
            mendPrefix(spec, place, facts);
            if (spec.prefix !== undefined) ownAgain(prefix, place);
            return write(spec, place, facts);
          },
        }),
      },
      start,
      attach,
      async inspect() {
        if (!lstatSync(prefix, { throwIfNoEntry: false })) return { state: "absent", problems: [`${prefix} is gone`] };
        const { verifyByStructure } = await import("../../python/verify.ts");
        return { state: "ready", problems: verifyByStructure(subject) };
      },
      destroy: () => discard(spec, place),
    };
  }
}

function targetOf({ implementation, version, abi, platform, libc, baseExecutable }: InterpreterFacts): Target {
  return targetHere({ implementation, version, abi, platform, libc, interpreter: baseExecutable });
}

async function discard(spec: EnvironmentSpec, place: Place): Promise<void> {
  await releasePrefix(spec, place);
  await removePlace(place);
}
