// A complete engine: environments are folders, and whatever runs in them yields to everything else on the machine.
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import {
  absent,
  attachProcess,
  type EngineFactory,
  type EnvironmentSpec,
  findProgram,
  type Place,
  placeAt,
  type Realized,
  scrub,
  spawnProcess,
} from "skerry";

/** Register it: `openSkerry({ engines: { niced: nicedEngine } })`, then `create({ engine: "niced" })`. */
export const nicedEngine: EngineFactory = (context) => {
  const marker = (place: Place) => `${place.root}/niced`;

  function realize(spec: EnvironmentSpec, place: Place): Realized {
    return {
      // Nothing to remember: the place says it all. It must not be null, which stands for "never finished".
      state: {},
      // What it can't do needs no word.
      facets: {},
      async start(command, streams) {
        const env: Record<string, string> = {
          ...scrub(context.env), // all of the caller's variables but those that lead to another Python
          SKERRY_ENV: spec.name,
          TMPDIR: place.tmp,
          ...spec.variables,
          ...command.env,
        };
        if (spec.home === "own") env.HOME = place.work;
        const cwd = command.cwd ?? context.cwd;
        findProgram(command.argv[0], env.PATH, cwd); // refuses a command that doesn't exist, by its name
        const plan = { file: findProgram("nice", env.PATH, cwd), argv: ["nice", ...command.argv], env, cwd };
        return spawnProcess(plan, streams);
      },
      attach: async (ref) => attachProcess(ref),
      inspect: async () => {
        const isThere = statSync(marker(place), { throwIfNoEntry: false }) !== undefined;
        return isThere ? { state: "ready", problems: [] } : { state: "absent", problems: [`${marker(place)} is gone`] };
      },
      destroy: async () => rmSync(place.root, { recursive: true, force: true }),
    };
  }

  return {
    name: "niced",
    probe: async () => ({ ok: true, version: "1", notes: [] }),
    pin: async (spec) => ({ spec, target: absent("it has no packages of its own") }),
    async create(spec, place) {
      for (const folder of [place.work, place.tmp, place.logs, place.run, marker(place)])
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      return realize(spec, place);
    },
    open: (record) => realize(record.spec, placeAt(record.place)),
    async *find(root) {
      for (const id of readdirSync(root)) {
        const place = placeAt(`${root}/${id}`);
        if (statSync(marker(place), { throwIfNoEntry: false })) yield { id, place: place.root };
      }
    },
    discard: async ({ place }) => rmSync(place, { recursive: true, force: true }),
  };
};
