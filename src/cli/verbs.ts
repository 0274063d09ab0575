import { SkerryError } from "../core/error.ts";
import { nearest } from "../core/near.ts";
import { quote } from "./grammar/grammar.ts";
import type { NamedVerb, Verb } from "./verb.ts";

/** The name of a verb, what loads its file, and the other words for it. */
type Entry = readonly [name: string, load: () => Promise<{ readonly default: Verb }>, ...aliases: string[]];

/**
 * Every verb, in the order of the help. Its file is loaded when something is asked of it: so one that is run waits for no
 * other. Names that begin with __ are for code alone.
 */
const VERBS: readonly Entry[] = [
  ["run", () => import("./verbs/run.ts")],
  ["exec", () => import("./verbs/exec.ts")],
  ["shell", () => import("./verbs/shell.ts")],
  ["activate", () => import("./verbs/activate.ts")],
  ["create", () => import("./verbs/create.ts")],
  ["ls", () => import("./verbs/ls.ts"), "list"],
  ["show", () => import("./verbs/show.ts"), "inspect"],
  ["pin", () => import("./verbs/pin.ts")],
  ["unpin", () => import("./verbs/unpin.ts")],
  ["clone", () => import("./verbs/clone.ts")],
  ["repair", () => import("./verbs/repair.ts")],
  ["rm", () => import("./verbs/rm.ts"), "remove", "destroy"],
  ["import", () => import("./verbs/import.ts")],
  ["install", () => import("./verbs/install.ts")],
  ["uninstall", () => import("./verbs/uninstall.ts")],
  ["update", () => import("./verbs/update.ts"), "upgrade"],
  ["undo", () => import("./verbs/undo.ts")],
  ["redo", () => import("./verbs/redo.ts")],
  ["restore", () => import("./verbs/restore.ts")],
  ["sync", () => import("./verbs/sync.ts")],
  ["lock", () => import("./verbs/lock.ts")],
  ["packages", () => import("./verbs/packages.ts")],
  ["check", () => import("./verbs/check.ts")],
  ["worktree", () => import("./verbs/worktree.ts"), "wt"],
  ["hook", () => import("./verbs/hook.ts")],
  ["__hook", () => import("./verbs/hook-answer.ts")],
  ["__vouch", () => import("./verbs/vouch.ts")],
  ["shims", () => import("./verbs/shims.ts")],
  ["task", () => import("./verbs/task.ts")],
  ["events", () => import("./verbs/events.ts")],
  ["python", () => import("./verbs/python.ts")],
  ["doctor", () => import("./verbs/doctor.ts")],
  ["gc", () => import("./verbs/gc.ts")],
  ["trust", () => import("./verbs/trust.ts")],
  ["config", () => import("./verbs/config.ts")],
  ["completion", () => import("./verbs/completion.ts")],
  ["help", () => import("./verbs/help.ts")],
  ["version", () => import("./verbs/version.ts")],
  ["__complete", () => import("./verbs/complete.ts")],
];

/** The verb of this name or alias. */
export async function findVerb(word: string): Promise<NamedVerb | undefined> {
  const entry = VERBS.find(([name, , ...aliases]) => name === word || aliases.includes(word));
  return entry && named(entry);
}

/** The verb that somebody typed. @throws SKE-USAGE */
export async function verbOf(word: string): Promise<NamedVerb> {
  const verb = await findVerb(word);
  if (verb) return verb;
  const near = nearest(word, verbWords());
  throw new SkerryError("SKE-USAGE", `skerry has no command ${quote(word)}`, {
    hint: near ? `did you mean skerry ${near}?` : "skerry help lists the commands",
  });
}

/** Every verb, in the order of the help. */
export function allVerbs(): Promise<NamedVerb[]> {
  return Promise.all(VERBS.map(named));
}

/** Every word that {@link findVerb} knows and that people may type; loads nothing. */
export function verbWords(): string[] {
  return VERBS.flatMap(([name, , ...aliases]) => (isHidden(name) ? [] : [name, ...aliases]));
}

async function named([name, load, ...aliases]: Entry): Promise<NamedVerb> {
  return { ...(await load()).default, name, aliases, hidden: isHidden(name) };
}

function isHidden(name: string): boolean {
  return name.startsWith("__");
}
