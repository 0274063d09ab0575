import { join } from "node:path";
import type { EnvironmentRecord } from "../../src/core/environment.ts";
import { EMPTY_REQUIREMENTS } from "../../src/core/spec.ts";

/** A row for the table of environments of the state in a folder. */
export function environmentIn(folder: string, id: string, change: Partial<EnvironmentRecord> = {}): EnvironmentRecord {
  return {
    id,
    name: `env-${id}`,
    engine: "basic",
    status: "ready",
    spec: {
      name: id,
      engine: "basic",
      packages: EMPTY_REQUIREMENTS,
      mode: "full",
      link: "auto",
      installer: "auto",
      systemSitePackages: false,
      home: "user",
      tmp: "own",
      variables: {},
    },
    state: { n: 1 },
    place: join(folder, "envs", id),
    lock: null,
    trees: [],
    cacheKey: null,
    createdAt: 1,
    updatedAt: 1,
    usedAt: 1,
    pinned: false,
    cleanup: {},
    owner: null,
    failed: false,
    labels: { team: "data" },
    ...change,
  };
}

/** A row for the history of one. */
export const entry = (asked: string, lock: string | null = null) => ({
  lock,
  trees: [asked],
  packages: EMPTY_REQUIREMENTS,
  operation: "install" as const,
  asked,
  change: { added: [], removed: [], changed: [] },
});
