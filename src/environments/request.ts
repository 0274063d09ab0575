import { resolve } from "node:path";
import type { z } from "zod";
import type { Config } from "../config/schema.ts";
import type { Labels } from "../core/environment.ts";
import { SkerryError } from "../core/error.ts";
import { checkEnvironmentName, newId } from "../core/names.ts";
import type { EnvironmentSpec } from "../core/spec.ts";
import { kindOf } from "../project/kind.ts";
import { placeOf } from "../python/requirement/text.ts";
import { bothOf, CREATE_OPTIONS, checked, LABELS } from "./schemas.ts";

/** What an environment should be, as far as it differs from the configuration. Paths may be relative to `cwd`. */
export interface SpecOptions extends z.input<typeof CREATE_OPTIONS> {}

/** Checks labels. @throws SKE-USAGE */
export function labelsOf(labels: Labels = {}): Labels {
  const { data, error } = LABELS.safeParse(labels);
  if (!error) return data;
  throw new SkerryError("SKE-USAGE", `The labels: ${error.issues[0]!.message}`, {
    hint: "a name has letters, digits, dots and dashes; there may be 64",
  });
}

/**
 * Joins what was asked with the configuration.
 * @param defaults what suits the verb: named environments are full, cached ones thin
 * @throws SKE-USAGE, SKE-ENV-NAME
 */
export function specOf(
  options: SpecOptions,
  config: Config,
  cwd: string,
  defaults: Pick<EnvironmentSpec, "mode" | "tmp">,
): EnvironmentSpec {
  const asked = checked(CREATE_OPTIONS, options, "CreateOptions");
  const absolute = (path: string) => resolve(cwd, path);
  const place = (path: string) => placeOf(path, cwd);
  const engine = asked.engine ?? config.engine;
  const python = asked.python ?? (kindOf({ engine }).isManaged ? undefined : config.python);
  const variables = { ...config.variables, ...asked.variables };
  const secrets = [...new Set([...config.secrets, ...(asked.secrets ?? [])])].sort();
  const both = bothOf(variables, secrets);
  if (both !== undefined) {
    throw new SkerryError("SKE-USAGE", `${both} can't be a variable that is kept and a secret`, {
      hint: "leave its value out: of --env, or of variables in the configuration, which skerry config get variables shows",
    });
  }
  return {
    name: asked.name === undefined ? `env-${newId().slice(-8)}` : checkEnvironmentName(asked.name),
    engine,
    ...(python === undefined ? {} : { python }),
    packages: {
      requirements: [...config.requirements, ...(asked.requirements ?? [])],
      files: [...config.requirements_files, ...(asked.files ?? []).map(place)],
      constraints: (asked.constraints ?? []).map(place),
      editables: (asked.editables ?? []).map(absolute),
      ...(asked.groups ? { groups: asked.groups } : {}),
      ...(asked.extras ? { extras: asked.extras } : {}),
      ...(asked.overrides?.length ? { forced: { overrides: asked.overrides } } : {}),
    },
    mode: asked.mode ?? config.mode ?? defaults.mode,
    link: asked.link ?? config.link,
    installer: asked.installer ?? config.installer,
    systemSitePackages: asked.systemSitePackages ?? config.system_site_packages,
    home: asked.home ?? config.env_home,
    tmp: asked.tmp ?? defaults.tmp,
    variables,
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(asked.prefix === undefined ? {} : { prefix: absolute(asked.prefix) }),
    limits: asked.limits,
    network: asked.network,
    security: asked.security,
    ports: asked.ports,
    options: asked.options as EnvironmentSpec["options"],
  };
}
