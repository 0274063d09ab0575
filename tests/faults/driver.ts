// One change of the state in a process of its own, killed before the n-th write to the ledger: driver.ts CHANGE N

import { openSkerry } from "../../src/index.ts";
import { Database } from "../../src/ledger/database.ts";

/** A change to make. */
export type Change =
  | {
      readonly verb: "create";
      readonly options: {
        readonly name: string;
        readonly mode?: "thin" | "full";
        readonly requirements?: readonly string[];
        readonly prefix?: string;
      };
    }
  | { readonly verb: "cached"; readonly requirements: readonly string[] }
  | { readonly verb: "run"; readonly editables: readonly string[] }
  | { readonly verb: "install" | "uninstall"; readonly name: string; readonly packages: readonly string[] }
  | { readonly verb: "undo" | "redo"; readonly name: string }
  | { readonly verb: "restore"; readonly name: string; readonly n: number }
  | { readonly verb: "destroy" | "repair"; readonly name: string }
  | { readonly verb: "clone"; readonly of: string; readonly name: string; readonly count: number };

/** Makes a change through the library. */
export async function make(change: Change): Promise<void> {
  await using skerry = await openSkerry();
  switch (change.verb) {
    case "create":
      await skerry.create({ ...change.options, requirements: [...(change.options.requirements ?? [])], keep: true });
      break;
    case "cached":
      await skerry.cached({ requirements: [...change.requirements] });
      break;
    case "run": {
      await using env = await skerry.cached({ editables: [...change.editables] });
      await env.run(["true"]);
      break;
    }
    case "install":
      await (await skerry.open(change.name)).packages.install(change.packages);
      break;
    case "uninstall":
      await (await skerry.open(change.name)).packages.uninstall(change.packages);
      break;
    case "undo":
    case "redo":
      await (await skerry.open(change.name)).packages[change.verb]();
      break;
    case "restore":
      await (await skerry.open(change.name)).packages.restore(change.n);
      break;
    case "clone":
      await (await skerry.open(change.of)).clone({ name: change.name, count: change.count, keep: true });
      break;
    case "repair":
      await skerry.repair(change.name);
      break;
    case "destroy":
      await skerry.destroy(change.name);
      break;
  }
}

if (import.meta.main) {
  const killAt = Number(process.argv[3]);
  let touched = 0;
  for (const method of ["run", "write"] as const) {
    const original = Database.prototype[method] as (...args: unknown[]) => unknown;
    Object.assign(Database.prototype, {
      [method](this: Database, ...args: unknown[]) {
        if (++touched === killAt) process.kill(process.pid, "SIGKILL");
        return original.apply(this, args);
      },
    });
  }
  await make(JSON.parse(process.argv[2]!) as Change);
}
