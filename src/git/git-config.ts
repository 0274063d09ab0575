import { join } from "node:path";
import { textOf } from "./git-files.ts";

/** The settings of a repository that say what its git folder is. */
export interface GitConfig {
  readonly bare: boolean;
  /** `core.worktree` as it stands: relative to the git folder. */
  readonly worktree: string | undefined;
  /** `extensions.objectFormat`: how long an object's name is. */
  readonly objectFormat: string;
  /** `extensions.refStorage`: in what branches are kept. */
  readonly refStorage: string;
  /** `core.hooksPath` as it stands: relative to the checkout. */
  readonly hooksPath: string | undefined;
  /** What git has found out of the file system, where it isn't the usual: settings of {@link FILE_SYSTEM} and their values. */
  readonly fileSystem: Readonly<Record<string, boolean>>;
}

/** Settings that `git init` makes by trying. */
const FILE_SYSTEM = ["core.filemode", "core.ignorecase", "core.precomposeunicode", "core.symlinks"];

/**
 * Reads them as git does (git-config(1)), in time that grows with the file; files that it includes aren't looked at. Where
 * `extensions.worktreeConfig` is set, as sparse checkouts do, `core.bare` and `core.worktree` are in config.worktree.
 * @param gitDir of the main checkout, or of the repository
 */
export function readGitConfig(gitDir: string): GitConfig {
  const own = settingsOf(textOf(join(gitDir, "config")) ?? "");
  const isSplit = isTrue(own.get("extensions.worktreeconfig"));
  const all = isSplit ? new Map([...own, ...settingsOf(textOf(join(gitDir, "config.worktree")) ?? "")]) : own;
  const worktree = all.get("core.worktree");
  return {
    bare: isTrue(all.get("core.bare")),
    worktree: worktree || undefined,
    hooksPath: all.get("core.hookspath") || undefined,
    objectFormat: all.get("extensions.objectformat")?.toLowerCase() ?? "sha1",
    refStorage: all.get("extensions.refstorage")?.toLowerCase() ?? "files",
    fileSystem: Object.fromEntries(FILE_SYSTEM.filter((key) => all.has(key)).map((key) => [key, isTrue(all.get(key))])),
  };
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && (/^(true|yes|on)$/i.test(value) || /^[+-]?0*[1-9]\d*[kmg]?$/i.test(value));
}

/** Every setting outside of subsections, by `section.key` in lower case; of several, the last. */
function settingsOf(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  let section: string | undefined;
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; ) {
    const end = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
    const line = text.slice(at, end).trimStart();
    const header = /^\[[ \t]*([\w.-]+)([ \t]*\]|[ \t]+"[^"\\]*(?:\\.[^"\\]*)*"[ \t]*\])/.exec(line);
    if (header) section = header[2]!.includes('"') ? undefined : header[1]!.toLowerCase();
    const rest = line.slice(header?.[0].length ?? 0).trimStart();
    const key = /^[a-z][\w-]*/i.exec(rest)?.[0];
    const behind = rest.slice(key?.length ?? 0).trimStart();
    at = end + 1;
    if (key === undefined) continue;
    let value = "true";
    if (behind.startsWith("=")) [value, at] = readValue(text, end - behind.length + 1);
    if (section !== undefined) settings.set(`${section}.${key.toLowerCase()}`, value);
  }
  return settings;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["b", "\b"],
  ["\n", ""],
]);

/** A value without quotes, escapes, comments and the spaces around it, and where the next line begins. */
function readValue(text: string, begin: number): [value: string, next: number] {
  const parts: string[] = [];
  let [isQuoted, isComment, kept] = [false, false, 0];
  let at = begin;
  for (; at < text.length && text[at] !== "\n"; at++) {
    const character = text[at]!;
    if (isComment || (character === "\r" && (text[at + 1] ?? "\n") === "\n")) continue;
    if (!isQuoted && (character === "#" || character === ";")) {
      isComment = true;
    } else if (!isQuoted && /\s/.test(character)) {
      // Kept only between other characters.
      if (kept > 0) parts.push(character);
    } else {
      if (character === '"') isQuoted = !isQuoted;
      else if (character !== "\\") parts.push(character);
      else {
        if (text[at + 1] === "\r" && text[at + 2] === "\n") at++;
        const next = text[++at] ?? "";
        parts.push(ESCAPES.get(next) ?? next);
      }
      kept = parts.length;
    }
  }
  return [parts.slice(0, kept).join(""), at + 1];
}
