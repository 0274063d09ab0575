import { CONFIG_KEYS } from "../../config/keys.ts";
import { TEMPLATES } from "../../config/template-names.ts";
import type { CommandSpec } from "../grammar.ts";

/** Verbs about this machine and what happened on it. */
export const MACHINE: readonly CommandSpec[] = [
  {
    name: "events",
    summary: "Tell what happened",
    operands: [],
    options: {
      follow: { type: "boolean", short: "f", description: "Go on with what happens from now on" },
      since: {
        type: "string",
        value: "TIME",
        description: "Only the last 10m, 2h, 7d, or from a date such as 2026-05-31",
      },
      limit: { type: "string", short: "n", value: "NUMBER", description: "Only the newest so many (otherwise 50)" },
      environment: {
        type: "string",
        value: "ENVIRONMENT",
        description: "Only those of this environment",
        complete: "environment",
      },
    },
    examples: [
      ["skerry events --since 1h", "Tell what happened in the last hour"],
      ["skerry events --follow --json", "Print each event as a line of JSON when it happens"],
    ],
    exits: "verb",
    run: () => import("../verbs/events.ts"),
  },
  {
    name: "python",
    summary: "List the Python interpreters of this machine, or find the one that a request means",
    operands: [
      { name: "ACTION", description: "What to do: list or find", choices: ["list", "find"] },
      {
        name: "REQUEST",
        description: "With find: 3.12, '>=3.10,<3.13', pypy3.10, or a path",
        optional: true,
        complete: "python",
      },
    ],
    options: { all: { type: "boolean", description: "With list: tell the unusable ones too, with the reason" } },
    examples: [
      ["skerry python list", "List the interpreters that can be used"],
      ["skerry python find '>=3.11'", "Print the path of the one that would be taken"],
    ],
    exits: "verb",
    run: () => import("../verbs/python.ts"),
  },
  {
    name: "doctor",
    summary: "Tell what works on this machine, and what to do about the rest",
    operands: [],
    options: {
      fix: {
        type: "boolean",
        description:
          "First do what is safe: repair environments, remove what nobody owns, recover what was left half done",
      },
    },
    examples: [
      ["skerry doctor", "Look at the engines, the installers, the state folder and the environments"],
      ["skerry doctor --fix", "And mend what can be mended without losing anything"],
    ],
    exits: "verb",
    run: () => import("../verbs/doctor.ts"),
  },
  {
    name: "gc",
    summary: "Remove what nobody uses: cached environments, and packages that no environment has",
    operands: [],
    options: {
      "dry-run": { type: "boolean", short: "n", description: "Only list what would go, why, and what that frees" },
      "max-age": {
        type: "string",
        value: "TIME",
        description: "Take what wasn't used for this long, such as 12h or 7d (otherwise cache_max_age, 30d)",
      },
      "max-size": {
        type: "string",
        value: "SIZE",
        description: "And the least recently used until the rest is no larger, such as 10G (otherwise cache_max_size)",
      },
      all: { type: "boolean", description: "Take everything that isn't in use now, whatever its age" },
    },
    examples: [
      ["skerry gc --dry-run", "List what would go"],
      ["skerry gc --max-age 7d --max-size 10G", "Remove what wasn't used for a week, and more until 10 GiB are left"],
    ],
    exits: "verb",
    run: () => import("../verbs/gc.ts"),
  },
  {
    name: "trust",
    summary: "Let this project's own configuration set what runs or redirects",
    operands: [
      { name: "DIR", description: "The project; otherwise the current folder's", optional: true, complete: "folder" },
    ],
    options: {
      revoke: { type: "boolean", description: "Trust it no more" },
      list: { type: "boolean", description: "List what is trusted" },
    },
    examples: [
      ["skerry trust", "Trust the configuration of this project as it is now"],
      ["skerry trust --list", "List the trusted projects"],
    ],
    exits: "verb",
    run: () => import("../verbs/trust.ts"),
  },
  {
    name: "config",
    summary: "Show or change the configuration",
    description: "What is set, where it comes from, and the files that set it.",
    operands: [
      {
        name: "ACTION",
        description: "What to do: show, get, set, unset, init or schema",
        choices: ["show", "get", "set", "unset", "init", "schema"],
      },
      { name: "KEY", description: "With get, set and unset: the key", optional: true, complete: CONFIG_KEYS },
      {
        name: "VALUE",
        description: "With set: the value; of a list each entry, of a table each NAME=VALUE",
        optional: true,
        multiple: true,
      },
    ],
    options: {
      user: { type: "boolean", description: "With set, unset and init: your own file instead of the project's" },
      template: {
        type: "string",
        value: "LEVEL",
        description: "With init: write the file for environments of this level (otherwise virtualenv)",
        choices: TEMPLATES,
      },
      force: { type: "boolean", short: "f", description: "With init: replace a file that is there" },
    },
    examples: [
      ["skerry config show", "Tell every key, its value and where it is set"],
      ["skerry config set python 3.12", "Set the project's Python in its skerry.toml"],
      ["skerry config set --user lock_ttl 7d", "Set a key for all your projects"],
      ["skerry config init --template basic", "Write a skerry.toml that names every key"],
      ["skerry config schema > skerry.schema.json", "Give editors the JSON Schema"],
    ],
    exits: "verb",
    run: () => import("../verbs/config.ts"),
  },
];
