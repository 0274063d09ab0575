import { shellWord } from "../../core/quote.ts";
import type { ConflictOption } from "./conflict.ts";
import type { Item } from "./item.ts";

/** The command that came upon a conflict. */
export interface ConflictContext {
  readonly verb: "install" | "create";
  /** Name of the environment. */
  readonly environment: string;
  /** Requirements and constraints files that the command named. */
  readonly files: readonly string[];
  readonly constraints: readonly string[];
  /** Only say what clashes: the way out is known. */
  readonly decided?: boolean;
}

/** The command line that takes an option; undefined where a file has to be edited instead. */
export function commandOf(
  { kind, changes, overrides = [] }: ConflictOption,
  items: readonly Item[],
  { verb, environment, files, constraints }: ConflictContext,
): string | undefined {
  if (changes.some(({ from }) => from.where !== undefined)) return undefined;
  const lines = items
    .filter(({ root }) => root.by === "now" && root.where === undefined)
    .flatMap(({ root }) => {
      const change = changes.find((one) => one.from === root);
      return change ? (change.to ?? []) : [root.requirement];
    });
  const before = changes.filter(({ from }) => from.by === "before");
  const all = [...lines, ...before.flatMap(({ to }) => to ?? [])];
  if (all.length + files.length === 0) return undefined;
  const words = all.flatMap((line) => {
    if (line.startsWith("-e ")) return ["-e", line.slice(3)];
    return verb === "create" ? ["--with", line] : [line];
  });
  const command = [
    ...["skerry", verb, environment, ...words],
    ...files.flatMap((file) => ["-r", file]),
    ...constraints.flatMap((file) => ["-c", file]),
    ...overrides.flatMap((line) => ["--override", line]),
    ...(kind === "force" ? ["--force"] : []),
  ];
  const gone = before
    .filter(({ to }) => to === undefined)
    .map(({ from }) => items.find((one) => one.root === from)?.requirement.name);
  if (gone.includes(undefined)) return undefined;
  const first = gone.length === 0 ? "" : `skerry uninstall ${environment} ${gone.join(" ")} && `;
  return first + command.map(shellWord).join(" ");
}
