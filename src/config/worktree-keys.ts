import { z } from "zod";
import { isReserved } from "../core/reserved.ts";
import type { KeyFacts } from "./key-facts.ts";
import { everyEntry, line, operand, staysInside } from "./value-types.ts";

/** A path in a worktree that something may be put at. */
const target = operand.refine((path) => !isReserved(path), "expected a path outside of .git, .venv and .pixi");

/** The keys for git worktrees. */
export const WORKTREE_KEYS = {
  worktree_links: {
    schema: z.array(target),
    description:
      "Folders and files of the main checkout that all worktrees share through a symbolic link, relative to its root.",
    default: [],
    example: ["scripts"],
    safe: { when: "every entry is a relative path without `..`", test: everyEntry(staysInside) },
  },
  worktree_values: {
    schema: z.record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a name of letters, digits and underscores"),
      line,
    ),
    description:
      "Values that differ from worktree to worktree, by name, for a dotenv file: `{worktree}`, `{branch}`, `{number}` (0 for the main checkout) and `{port:8000}` (that port plus the number) are filled in.",
    default: {},
    example: { PORT: "{port:8000}", DATABASE: "shop_{worktree}" },
    safe: true,
  },
  worktree_values_file: {
    schema: target,
    description:
      "The dotenv file that `worktree_values` are written into, relative to the worktree; the rest of it stays.",
    default: ".env",
    example: ".env.local",
    safe: {
      when: "it is a relative path without `..`",
      test: (value) => typeof value === "string" && staysInside(value),
    },
  },
  worktree_infrastructure: {
    schema: z.array(target),
    description:
      "Folders in which `skerry worktree global-setup` looks for playbooks, compose files and scripts, besides the usual ones; relative to the repository.",
    default: [],
    example: ["ops"],
    safe: { when: "every entry is a relative path without `..`", test: everyEntry(staysInside) },
  },
  auto_sync: {
    schema: z.enum(["ask", "always", "never"]),
    description:
      "What the shell hook does about a worktree whose environment is missing, moved or out of date: `ask` on a terminal, else tell; `always` bring it up to date where you have installed the very same before in this repository, else ask; `never` say nothing.",
    default: "ask",
    example: "always",
    safe: { when: "it isn't `always`", test: (value) => value !== "always" },
  },
} as const satisfies Record<string, KeyFacts>;
