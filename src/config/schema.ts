import { z } from "zod";
import { CLEANUPS } from "../core/environment.ts";
import { isReserved } from "../core/reserved.ts";
import { HOME_MODES, INSTALLERS, LINK_MODES, PACKAGE_MODES } from "../core/spec.ts";
import { asksByVersion } from "../python/request.ts";
import { INDEX_KEYS } from "./index-keys.ts";
import type { KeyFacts } from "./key-facts.ts";
import type { ConfigKey, SAFE_KEYS } from "./keys.ts";
import { namesPackage } from "./requirements.ts";
import { TASK_KEYS } from "./task-keys.ts";
import {
  askedPython,
  count,
  duration,
  everyEntry,
  line,
  operand,
  secretName,
  size,
  staysInside,
  variables,
} from "./value-types.ts";
import { WORKTREE_KEYS } from "./worktree-keys.ts";

/** The most bytes of a text, entries of a list or table, and levels of nesting that a value may have. */
export const LIMITS = { text: 64 * 1024, entries: 10_000, depth: 4 } as const;

const wholeText = (text: string) => text;
/** A requirement's path ends where extras or a marker begin. */
const localRequirement = (text: string) => /^(\.\.?|~)?\/[^[;]*[^[;\s]/.exec(text)?.[0];

/** The longest that a timer can be set for, in whole days. */
const TIMER = "24d";

/** The configuration's keys: types, checks, JSON Schema and documentation are all made from this table. */
export const KEYS = {
  python: {
    schema: line,
    description:
      "The Python to use: a version, a range, an implementation with a version, or the path of an interpreter.",
    example: "3.12",
    safe: {
      when: "it is a version or a range of versions",
      test: (value) => {
        const request = askedPython(value);
        return request !== undefined && asksByVersion(request);
      },
    },
    path: (text) => (askedPython(text)?.kind === "path" && text !== "~" ? text : undefined),
  },
  requirements: {
    schema: z.array(operand),
    description: "Packages that every environment of the project gets, one PEP 508 requirement an entry.",
    default: [],
    example: ["requests>=2.31", "rich"],
    safe: {
      when: "every entry only names a package, with extras, versions, markers and hashes",
      test: everyEntry(namesPackage),
    },
    path: localRequirement,
  },
  requirements_files: {
    schema: z.array(operand),
    description: "Requirements files that every environment of the project gets.",
    default: [],
    example: ["requirements.txt"],
    safe: {
      when: "every entry is a relative path without `..`, and the files only name packages",
      test: everyEntry(staysInside),
    },
    path: wholeText,
  },
  engine: {
    // Which there are is for the registry to say, plugins' among them.
    schema: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "expected the name of an engine"),
    description:
      "What environments are made of, and so how strongly they are apart from the machine: `basic`, `virtualenv`, `pixi`, or an engine that a program brings.",
    default: "virtualenv",
    example: "virtualenv",
    safe: false,
  },
  mode: {
    schema: z.enum(PACKAGE_MODES),
    description:
      "Whether an environment reads its packages through a shared layer (`thin`) or has its own files (`full`). Unset, each command takes what suits it.",
    example: "full",
    safe: true,
  },
  link: {
    schema: z.enum(LINK_MODES),
    description:
      "How the files of a full environment come from the store; `auto` takes a reflink, else a hardlink, else a copy.",
    default: "auto",
    example: "copy",
    safe: true,
  },
  installer: {
    schema: z.enum(INSTALLERS),
    description: "The program that installs packages; `auto` takes uv where it can be had, else pip.",
    default: "auto",
    example: "pip",
    // With several indexes uv takes a package from the first that has it, and pip from whichever has the highest version.
    safe: { when: "it isn't `pip`", test: (value) => value !== "pip" },
  },
  system_site_packages: {
    schema: z.boolean(),
    description: "Whether environments also see the packages that the interpreter's own installation has.",
    default: false,
    example: true,
    safe: { when: "it is false", test: (value) => value === false },
  },
  env_home: {
    schema: z.enum(HOME_MODES),
    description: "Which HOME programs see: the user's, or a folder of the environment's own.",
    default: "user",
    example: "own",
    safe: { when: 'it is "own"', test: (value) => value === "own" },
  },
  variables: {
    schema: variables,
    description:
      "Variables that everything in the environments runs with. They are kept as plain text: for what is secret see `secrets`. The text is taken as it stands: nothing is expanded.",
    default: {},
    example: { APP_MODE: "test" },
    safe: false,
  },
  secrets: {
    schema: z.array(secretName),
    description:
      "Names of variables that everything in the environments needs and that are kept nowhere: each start takes the value from the caller's variables, and is refused without it.",
    default: [],
    example: ["API_TOKEN"],
    safe: false,
  },
  auto_cleanup: {
    schema: z.enum(CLEANUPS),
    description:
      "Whether an environment goes when the process that it was made for ends: `never`, on `exit`, or with `keep-on-failure` only if the last command in it didn't fail. Unset, each command takes what suits it: `create` never, `run` with a project folder on exit.",
    example: "keep-on-failure",
    safe: true,
  },
  ttl: {
    schema: duration("3650d"),
    description: "How long after its creation an environment that `create` makes goes by itself; `0` for never.",
    default: "0",
    example: "7d",
    safe: true,
  },
  idle_ttl: {
    schema: duration("3650d"),
    description: "How long after its last use an environment that `create` makes goes by itself; `0` for never.",
    default: "0",
    example: "30d",
    safe: true,
  },
  max_environments: {
    schema: count,
    description:
      "How many environments there may be, those behind `run` not counted; one more is refused. `0` for any number.",
    default: 0,
    example: 50,
    safe: "user",
  },
  max_concurrent_creates: {
    schema: count,
    description:
      "How many environments may be created at the same time; others wait, first come, first served; those that only point at packages which are in the store wait for nobody. `0` for any number. Unset: twice the number of processors.",
    example: 4,
    safe: "user",
  },
  max_env_size: {
    schema: size,
    description:
      "How large the packages of an environment may be, unpacked; more are refused before anything changes. `0` for any size.",
    default: "0",
    example: "2GiB",
    safe: "user",
    unit: "bytes",
  },
  timeout: {
    schema: duration(TIMER),
    description: "How long a command of `run` or `exec` may take before it is stopped; `0` for as long as it likes.",
    default: "0",
    example: "10m",
    safe: true,
  },
  install_timeout: {
    schema: duration(TIMER),
    description: "How long one installation of packages may take; `0` for as long as it likes.",
    default: "30m",
    example: "1h",
    safe: true,
  },
  lock_timeout: {
    schema: duration(TIMER),
    description: "How long a change of an environment waits for another change to end; `0` not to wait.",
    default: "5m",
    example: "30s",
    safe: true,
  },
  lock_ttl: {
    schema: duration("3650d"),
    description:
      "How long the versions found for the unpinned requirements of `run --with` are used again before newer ones are looked for.",
    default: "24h",
    example: "7d",
    safe: true,
  },
  cache_max_age: {
    schema: duration("3650d"),
    description:
      "How long the environments behind `run --with`, and packages that no environment has, stay after they were last used; `0`: until they are collected next.",
    default: "30d",
    example: "7d",
    safe: "user",
  },
  cache_max_size: {
    schema: size,
    description:
      "How large the store and the cached environments may become before the least recently used of them are collected. Unset: as large as it gets.",
    example: "10G",
    unit: "bytes",
    safe: "user",
  },
  auto_gc: {
    schema: z.boolean(),
    description:
      "Whether making an environment collects, once a day and for a second at most, what is older or larger than that.",
    default: true,
    example: false,
    safe: "user",
  },
  ...INDEX_KEYS,
  home: {
    schema: line.refine((path) => !isReserved(path), "expected a folder outside of .git, .venv and .pixi"),
    description: "The folder for environments, packages and records. Unset: `$XDG_DATA_HOME/skerry`.",
    example: ".skerry",
    safe: false,
    path: wholeText,
  },
  color: {
    schema: z.enum(["auto", "always", "never"]),
    description:
      "Whether output has colours; `auto` where it goes to a terminal that has them. NO_COLOR and `--no-color` win. What is said before any file is read, such as errors of the command line, knows the variable only.",
    default: "auto",
    example: "never",
    safe: true,
  },
  ...WORKTREE_KEYS,
  ...TASK_KEYS,
} as const satisfies Record<ConfigKey, KeyFacts>;

type Keys = typeof KEYS;

/** The validated configuration. Durations are in milliseconds (0: none), paths absolute. */
export type Config = {
  readonly [K in ConfigKey as Keys[K] extends { default: unknown } ? K : never]: z.output<Keys[K]["schema"]>;
} & {
  readonly [K in ConfigKey as Keys[K] extends { default: unknown } ? never : K]:
    | z.output<Keys[K]["schema"]>
    | undefined;
};

/** The keys whose value needs no trust: what needs no more than these asks for none. */
export type SafeConfig = Pick<Config, (typeof SAFE_KEYS)[number]>;

/** What is known of a key, without its type. */
export function factsOf(key: ConfigKey): KeyFacts {
  return KEYS[key];
}

/** Whether a project's own file may set the key to this value, as it stands in the file, before it is trusted. */
export function isSafe(key: ConfigKey, value: unknown): boolean {
  const { safe } = factsOf(key);
  if (typeof safe === "object") return safe.test(value);
  // What doesn't count does no harm.
  return safe === "user" || safe;
}

/** Whether only the user's own file, a variable or a flag can set the key. */
export function isUsersAlone(key: ConfigKey): boolean {
  return factsOf(key).safe === "user";
}
