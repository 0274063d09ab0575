import { SkerryError } from "../../core/error.ts";
import { INSTALLERS } from "../../core/spec.ts";
import type { CreateOptions, FlagValues } from "../../index.ts";
import type { Invocation } from "./invocation.ts";

/** What `run` and `create` both say of the environment that is wanted. */
export function specOptions(invocation: Invocation): CreateOptions {
  const secrets = invocation.texts("secret");
  return {
    ...requirementOptions(invocation, invocation.texts("with")),
    python: invocation.text("python"),
    installer: invocation.choice("installer", INSTALLERS),
    mode: modeOf(invocation),
    secrets: secrets.length === 0 ? undefined : [...secrets],
    systemSitePackages: invocation.flag("system-site-packages") || undefined,
  };
}

/** Where packages come from, as keys of the configuration; what wasn't given is absent. */
export function sourceFlags(invocation: Invocation): FlagValues {
  const index = invocation.text("index-url");
  const lists = { extra_index_urls: invocation.texts("extra-index-url"), find_links: invocation.texts("find-links") };
  return {
    ...(index === undefined ? {} : { index_url: index }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(invocation.flag("offline") ? { offline: true } : {}),
  };
}

/** What is to be installed; lists that are empty are absent. */
export function requirementOptions(invocation: Invocation, requirements: readonly string[]) {
  const lists = {
    requirements: [...requirements],
    files: [...invocation.texts("requirement")],
    constraints: [...invocation.texts("constraint")],
    editables: [...invocation.texts("editable")],
    groups: [...invocation.texts("group")],
    extras: [...invocation.texts("extra")],
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<typeof lists>;
}

/** What `--thin` and `--full` say. @throws SKE-USAGE when both are given */
export function modeOf(invocation: Invocation): "thin" | "full" | undefined {
  const [thin, full] = [invocation.flag("thin"), invocation.flag("full")];
  if (thin && full) {
    throw new SkerryError("SKE-USAGE", "--thin and --full exclude each other", {
      hint: "give one of them, or none for what suits the verb",
    });
  }
  return thin ? "thin" : full ? "full" : undefined;
}
