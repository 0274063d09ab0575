import type { Credentials } from "../core/credentials.ts";
import { dropSecrets, hideSecrets } from "../core/secrets.ts";
import { listed } from "../core/text.ts";
import type { ReadRequirements } from "../python/requirement/files.ts";
import type { Requirement } from "../python/requirement/requirement.ts";
import { rootLine } from "../python/requirement/roots.ts";
import { refuse } from "../python/requirement/text.ts";

/** One file in the syntax of requirements files with all that was asked for, independent of any working folder. */
export function requirementLines(read: ReadRequirements): string {
  return [...read.requirements.map(givenLine), ...read.remote.requirements.map((url) => `-r ${url}`), ""].join("\n");
}

/** The same of the constraints; empty where there are none. */
export function constraintLines(read: ReadRequirements): string {
  const lines = [...read.constraints.map(givenLine), ...read.remote.constraints.map((url) => `-c ${url}`)];
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/**
 * Remembers what passwords there are in requirements and in the options of their files, so that what is made of them
 * later is fetched with them too.
 * @throws SKE-PKG-REQUIREMENT for a repository whose password would stand on a command line
 */
export function rememberCredentials(
  { requirements, constraints, options, remote }: ReadRequirements,
  known: Credentials,
) {
  for (const { source, text, where } of [...requirements, ...constraints]) {
    known.hide(text);
    // ssh takes no password from an address, and git gets that of one by a header.
    if (source.kind !== "vcs" || /^\w+\+ssh:/i.test(source.url) || dropSecrets(source.url) === source.url) continue;
    if (/^git\+https?:\/\/[^?#]*(#|$)/i.test(source.url)) continue;
    throw refuse(
      where ?? text,
      "a password or token in the address of such a repository would be shown to all who list processes",
      "leave it out of the address; for git, write git+https://user:password@…, or use netrc or ssh",
    );
  }
  const places = [options.indexUrl ?? "", ...options.extraIndexUrls, ...options.findLinks];
  for (const place of [...places, ...remote.requirements, ...remote.constraints]) known.hide(place);
}

/** What a lock keeps of what was asked for: sorted lines, passwords taken out. */
export function rootLines(read: ReadRequirements): string[] {
  return [...read.requirements.map(rootLine), ...read.remote.requirements.map((url) => `-r ${url}`)]
    .map(hideSecrets)
    .sort();
}

/** What is asked for, in a few words. */
export function summary(read: ReadRequirements): string {
  const names = read.requirements.map((one) =>
    hideSecrets(one.source.kind === "index" ? one.text : (one.name ?? one.text)),
  );
  return listed(names, 3) || "the requirements";
}

/** A requirement without the hash of a local archive, which uv doesn't read everywhere: the lock is held to it. */
function givenLine(requirement: Requirement): string {
  const { source } = requirement;
  const line = rootLine(requirement);
  return source.kind === "path" && source.hash ? line.replace(`#${source.hash.replace(":", "=")}`, "") : line;
}
