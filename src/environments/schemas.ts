// What comes from users and hooks, checked by the same rules.
import { isAbsolute } from "node:path";
import { z } from "zod";
import { secretName, variables } from "../config/value-types.ts";
import { SkerryError } from "../core/error.ts";
import type { HookName } from "../core/hook.ts";
import { HOME_MODES, INSTALLERS, LINK_MODES, NETWORKS, PACKAGE_MODES, SECURITY_TEMPLATES } from "../core/spec.ts";

const text = z
  .string()
  .min(1)
  .max(65_536)
  .regex(/^[^\0]*$/, "expected text without NUL");
const texts = z.array(text).max(10_000).readonly();
const lines = z.array(z.string()).readonly();
const secrets = z.array(secretName).max(1000).readonly().optional();

/** What a schema makes of options. @param type the name of their type @throws SKE-USAGE */
export function checked<T>(schema: z.ZodType<T>, options: unknown, type: string): T {
  const { data, error } = schema.safeParse(options);
  if (!error) return data;
  const issue = error.issues[0]!;
  throw new SkerryError("SKE-USAGE", `${issue.path.join(".") || "The options"}: ${issue.message}`, {
    hint: `see the library's type ${type}`,
  });
}

/** A name that is a variable with a value, and a secret. */
export function bothOf(variables: Readonly<Record<string, string>>, secrets: readonly string[]): string | undefined {
  return secrets.find((name) => Object.hasOwn(variables, name));
}

const requirements = {
  requirements: texts,
  files: texts,
  constraints: texts,
  editables: texts,
  groups: texts.optional(),
  extras: texts.optional(),
};
const forced = z.strictObject({ overrides: texts, alone: texts, noDeps: texts, without: texts }).partial().optional();
const count = z.int().positive();
const port = z.int().min(1).max(65_535);
const rules = {
  limits: z
    .strictObject({
      memory: count,
      cpus: z.number().positive(),
      pids: count,
      disk: count,
      openFiles: count,
      time: count,
    })
    .partial(),
  network: z.union([
    z.enum(NETWORKS),
    z.strictObject({
      allow: z
        .array(z.strictObject({ host: text.max(253), ports: z.array(port).max(100).readonly().optional() }))
        .max(1000)
        .readonly(),
    }),
  ]),
  security: z.enum(SECURITY_TEMPLATES),
  ports: z
    .array(z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), port: port.optional() }))
    .max(100)
    .readonly(),
  options: z.record(z.string(), z.json()),
};
const settings = {
  engine: text,
  mode: z.enum(PACKAGE_MODES),
  link: z.enum(LINK_MODES),
  installer: z.enum(INSTALLERS),
  systemSitePackages: z.boolean(),
  home: z.enum(HOME_MODES),
  tmp: z.enum(HOME_MODES),
  variables,
  secrets,
};

/** What an environment should be, as far as it differs from the configuration. */
export const CREATE_OPTIONS = z
  .strictObject({
    name: z.string(),
    python: text,
    prefix: text,
    overrides: texts,
    ...requirements,
    ...settings,
    ...rules,
  })
  .partial();

/** What may be installed, and how; what the lines and paths say is judged by who reads them. */
export const INSTALL_REQUEST = z
  .strictObject({
    requirements: lines,
    files: lines,
    constraints: lines,
    editables: lines,
    groups: lines,
    extras: lines,
    overrides: lines,
    upgrade: z.union([z.literal("all"), lines]),
    resolve: z.boolean(),
    force: z.boolean(),
    noDeps: z.boolean(),
    dryRun: z.boolean(),
  })
  .partial();

/** What an environment may be labelled with. */
export const LABELS = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9.-]{0,63}$/), z.string().max(4096))
  .refine((labels) => Object.keys(labels).length <= 64, "expected 64 at most");

const RECORD = z.unknown().optional();

/** What a hook may change a request to; the environment that it is asked about stays what it is. */
export const HOOK_CHANGES: { readonly [N in HookName]: z.ZodType } = {
  "before-create": z.strictObject({
    spec: z
      .strictObject({
        name: text,
        python: text.optional(),
        prefix: text.refine(isAbsolute, "expected an absolute path").optional(),
        packages: z.strictObject({ ...requirements, forced }),
        ...settings,
        ...z.object(rules).partial().shape,
      })
      .refine(({ variables, secrets = [] }) => bothOf(variables, secrets) === undefined, "a variable is a secret too"),
  }),
  "before-install": z.strictObject({
    environment: RECORD,
    add: z.strictObject({ ...requirements, forced }),
    remove: texts,
  }),
  "before-start": z.strictObject({
    environment: RECORD,
    command: z.strictObject({
      // An argument may be empty; a program can't.
      argv: z.tuple([text], z.string().regex(/^[^\0]*$/, "expected text without NUL")),
      cwd: text.optional(),
      env: variables.optional(),
    }),
  }),
  "before-destroy": z.looseObject({ environment: RECORD }),
};
