import { quoteFish, quotePosix } from "../../core/quote.ts";
import type { Values } from "./change.ts";
import type { HookShell } from "./shells.ts";
import type { Watched } from "./stamps.ts";

/** What a shell is to do and to watch. */
export interface HookAnswer {
  readonly variables: Values;
  readonly watched: Watched;
  /** VIRTUAL_ENV as it is afterwards, and the folder that has to stay on PATH: nobody else may change them unnoticed. */
  readonly venv: string;
  readonly folder: string;
  /** The shell is to ask `__hook SHELL more` once it has done this. */
  readonly isMore: boolean;
}

/** Code for the shell's `eval`. */
export function renderAnswer(shell: HookShell, answer: HookAnswer): string {
  return shell === "fish" ? renderFish(answer) : renderPosix(answer);
}

function renderPosix({ variables, watched, venv, folder, isMore }: HookAnswer): string {
  const list = (words: readonly string[]) => `(${words.map(quotePosix).join(" ")})`;
  return [
    ...Object.entries(variables).map(([name, value]) =>
      value === null ? `unset ${name}` : `export ${name}=${quotePosix(value)}`,
    ),
    `__skerry_venv=${quotePosix(venv)}`,
    `__skerry_folder=${quotePosix(folder)}`,
    `__skerry_files=${list(watched.files.flat())}`,
    `__skerry_absent=${list(watched.absent)}`,
    `__skerry_more=${isMore ? "more" : ""}`,
    "",
  ].join("\n");
}

function renderFish({ variables, watched, venv, folder, isMore }: HookAnswer): string {
  const words = (all: readonly string[]) => all.map(quoteFish).join(" ");
  const tests = [
    ...watched.files.map(([file, older, newer]) => [
      ...["!", quoteFish(file), "-nt", quoteFish(older), "-o"],
      ...["!", quoteFish(file), "-ot", quoteFish(newer)],
    ]),
    ...watched.absent.map((path) => ["-e", quoteFish(path)]),
  ];
  return [
    ...Object.entries(variables).map(([name, value]) => {
      if (value === null) return `set -e ${name}`;
      return name === "PATH" ? `set -gx PATH ${words(value.split(":"))}` : `set -gx ${name} ${quoteFish(value)}`;
    }),
    `set -g __skerry_venv ${quoteFish(venv)}`,
    `set -g __skerry_folder ${quoteFish(folder)}`,
    `set -g __skerry_more ${isMore ? "more" : ""}`,
    `set -g __skerry_changed ${tests.map((test) => test.join(" ")).join(" -o ")}`,
    "",
  ].join("\n");
}
