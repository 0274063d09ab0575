import { basename } from "node:path";
import { z } from "zod";
import { absent, type EngineFactory, type Observation, type Realized } from "../../../src/core/engine.ts";
import { SkerryError } from "../../../src/core/error.ts";
import type { Process } from "../../../src/core/process.ts";
import type { EnvironmentSpec } from "../../../src/core/spec.ts";
import { ask, attachRemote, startRemote } from "./client.ts";
import type { Listed } from "./protocol.ts";

/** Variables of the caller that commands get. */
const PASSED = ["PATH", "HOME", "LANG", "KEPT"];

/** Environments that a daemon holds, which is reached by a socket: nothing of them is on this machine, as far as Skerry can see. */
export function remoteEngine(socket: string): EngineFactory {
  return (context) => {
    function realize(id: string, spec: EnvironmentSpec): Realized {
      return {
        state: {},
        facets: {},
        async start({ argv, cwd, env }, streams) {
          const passed = Object.fromEntries(PASSED.map((name) => [name, context.env[name] ?? ""]));
          const all = { ...passed, SKERRY_ENV: spec.name, ...spec.variables, ...env };
          const input = streams.stdin !== "ignore";
          const request = { do: "start", id, argv, env: all, cwd: cwd ?? context.cwd, input } as const;
          return startRemote(socket, { ...request, ownHome: spec.home === "own" }, streams);
        },
        async attach(ref) {
          if (ref.kind !== "engine") return "gone";
          return unless<Process | "gone" | "unknown">(attachRemote(socket, id, String(ref.ref)), () => "unknown");
        },
        inspect: () =>
          unless<Observation>(
            ask<{ exists: boolean }>(socket, { do: "inspect", id }).then(({ exists }) =>
              exists
                ? { state: "ready", problems: [] }
                : { state: "absent", problems: ["the daemon has none of its id"] },
            ),
            (why) => ({ state: "unknown", problems: [why] }),
          ),
        destroy: () => ask(socket, { do: "remove", id }),
      };
    }

    return {
      name: "remote",
      holds: ["limits", "ports"],
      options: async () => z.strictObject({ zone: z.enum(["near", "far"]) }),
      probe: () =>
        unless(
          ask(socket, { do: "list", home: context.home() }).then(
            () => ({ ok: true, version: "1", notes: [] }) as const,
          ),
          (reason) => ({ ok: false, reason, hint: "start the daemon" }) as const,
        ),
      pin: async (spec) => ({ spec, target: absent("it has no packages of its own") }),
      async create(spec, place) {
        const id = basename(place.root);
        await ask(socket, { do: "create", id, home: context.home() });
        return realize(id, spec);
      },
      open: (record) => realize(record.id, record.spec),
      async *find(root) {
        const listed = ask<Listed[]>(socket, { do: "list", home: context.home() });
        for (const { id, createdAt } of await unless(listed, () => []))
          yield { id, place: `${root}/${id}`, changedAt: createdAt };
      },
      discard: ({ id }) => ask(socket, { do: "remove", id }),
    };
  };
}

/** What somebody answers; something else where nobody does. */
async function unless<T>(answer: Promise<T>, lost: (why: string) => T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SkerryError && error.code === "SKE-ENGINE-LOST") return lost(error.message);
    throw error;
  }
}
