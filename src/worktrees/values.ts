import { existsSync, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SkerryError } from "../core/error.ts";
import { checkEnvironmentName, plainName } from "../core/names.ts";
import { quotePosix } from "../core/quote.ts";
import type { Worktree } from "../git/believe.ts";
import { repositoryName } from "../git/worktree.ts";
import { leadsInto } from "../platform/files.ts";
import { writeBlock } from "./marked-block.ts";

/** The highest port there is. */
const LAST_PORT = 65_535;

/**
 * Fills in the values that differ from worktree to worktree: `{worktree}` and `{branch}` as words of letters, digits and
 * underscores, `{number}` (0 for the main checkout, else unique in the repository), `{port:8000}` that port plus the number.
 * @throws SKE-CONFIG for a template that says anything else in braces, and for a port beyond the last
 */
export function fillIn(
  templates: Readonly<Record<string, string>>,
  worktree: Worktree,
  number: number,
): Record<string, string> {
  const known = new Map([
    ["worktree", wordOf(basename(worktree.root))],
    ["branch", wordOf(worktree.branch ?? "detached")],
    ["number", String(number)],
  ]);
  const fill = (name: string, template: string) =>
    template.replace(/\{([^{}]*)\}/g, (whole, key: string) => {
      const port = /^port:(\d{1,5})$/.exec(key)?.[1];
      const value =
        port === undefined
          ? known.get(key)
          : Number(port) + number <= LAST_PORT
            ? String(Number(port) + number)
            : undefined;
      if (value !== undefined) return value;
      throw new SkerryError("SKE-CONFIG", `worktree_values: ${name} has ${whole}, which stands for nothing`, {
        hint: "there are {worktree}, {branch}, {number} and {port:8000}",
      });
    });
  return Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, fill(name, template)]));
}

/** Letters of any case, digits and underscores: what databases and containers take as names. */
function wordOf(text: string): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  return plain.replace(/^_|_$/g, "") || "worktree";
}

/** The smallest number that no other worktree has. @param taken those of the others */
export function numberFor(kind: Worktree["kind"], taken: readonly number[]): number {
  if (kind !== "linked") return 0;
  for (let n = 1; ; n++) if (!taken.includes(n)) return n;
}

/**
 * Writes values into the marked block of a dotenv file in the worktree; the rest of the file stays.
 * @returns whether it was changed @throws SKE-CONFIG for a file that isn't a regular one
 */
export function writeValues(root: string, file: string, values: Readonly<Record<string, string>>): boolean {
  const path = join(root, file);
  if (!existsSync(dirname(path)) || !leadsInto(dirname(path), root)) {
    throw new SkerryError(
      "SKE-CONFIG",
      `Could not write the worktree's values into ${path}: its folder isn't in ${root}`,
      {
        hint: "worktree_values_file is a path in the worktree",
      },
    );
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new SkerryError("SKE-CONFIG", `Could not write the worktree's values into ${path}: it is no regular file`, {
      hint: "name another with worktree_values_file",
    });
  }
  return writeBlock(
    root,
    path,
    Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`),
  );
}

/** As shells and dotenv readers both take it. */
function quoted(value: string): string {
  return /^[A-Za-z0-9_./:@%+,-]*$/.test(value) ? value : quotePosix(value);
}

/** `shop-feature` for the worktree `feature` of `shop`, `shop` for its main checkout; a number makes it another's. */
export function nameFor({ kind, root, commonDir }: Worktree, n: number): string {
  const repository = repositoryName(commonDir);
  const whole = kind === "linked" ? `${repository}-${basename(root)}` : repository;
  const suffix = n === 1 ? "" : `-${n}`;
  return checkEnvironmentName(`${(plainName(whole) || "worktree").slice(0, 64 - suffix.length)}${suffix}`);
}
