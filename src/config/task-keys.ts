import { z } from "zod";
import type { KeyFacts } from "./key-facts.ts";
import { duration, line, operand, staysInside } from "./value-types.ts";

/** What a task may be called, also in files of other tools. */
export const TASK_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:+@/-]{0,99}$/;

const name = z.string().regex(TASK_NAME, "a task's name has letters, digits and any of _ . : + @ / -");
const text = z.string().regex(/^[^\x00]*$/, "expected text without NUL");
const argv = z.array(text).min(1).max(1000);
/** A pattern of files; a `!` before it takes away. */
const pattern = line.refine((value) => staysInside(value.replace(/^!/, "")), "expected a relative path without `..`");

const TASK = z.strictObject({
  command: z.union([text, argv], { error: "expected a text or a list of texts" }).optional(),
  shell: z.boolean().optional(),
  "depends-on": z.array(name).max(1000).optional(),
  environment: z
    .union(
      [
        z.literal(false),
        operand,
        z.strictObject({ python: line.optional(), requirements: z.array(operand).max(1000).optional() }),
      ],
      { error: "expected false, the name of an environment, or a table with python and requirements" },
    )
    .optional(),
  cwd: line.refine(staysInside, "expected a relative path without `..`").optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a name of a variable"), text).optional(),
  inputs: z.array(pattern).max(1000).optional(),
  outputs: z.array(pattern).max(1000).optional(),
  shared: z.boolean().optional(),
  description: line.optional(),
  timeout: duration("24d").optional(),
});

/** A task as the configuration has it; a text or list alone is its command. */
export type TaskTable = z.output<typeof TASK> | string | readonly string[];

/** The message of what is wrong inside of the table, where one was meant. */
function deepest(issue: { readonly errors?: readonly (readonly z.core.$ZodIssue[])[] }): string {
  const inside = issue.errors?.flat().find(({ path, code }) => path.length > 0 || code === "unrecognized_keys");
  if (inside === undefined) return "expected a table, or a command as a text or a list of texts";
  return [...inside.path.map(String), inside.message].join(": ").replace("Invalid input: ", "");
}

/** The key for tasks. */
export const TASK_KEYS = {
  tasks: {
    schema: z.record(
      name,
      z.union([text, argv, TASK], { error: (issue) => deepest(issue as Parameters<typeof deepest>[0]) }),
    ),
    description:
      "Commands of the project by name, for `skerry task`: a command, or a table with `command`, `shell`, `depends-on`, `environment`, `cwd`, `env`, `inputs`, `outputs`, `shared`, `description` and `timeout`.",
    default: {},
    example: { test: { command: ["pytest", "-q"], "depends-on": ["lint"] }, lint: "ruff check" },
    safe: false,
  },
} as const satisfies Record<string, KeyFacts>;
