import { indent } from "./tool-output.ts";

/** How uv begins to say that it can't take a file of its settings; behind it stands the file. */
const BEGINNINGS = ["error: Failed to parse: ", "error: failed to read from file ", "error: failed to open file "];
/** Files of projects and packages that uv says the same of. */
const OTHERS = /(?:^|\/)(?:pyproject|pylock(?:\.[^./]+)?)\.toml$/;
/** Longer lines name all keys that there are. */
const MOST_COLUMNS = 200;

/** What to say where uv can't take a file of its settings, which it reads before all else; undefined for anything else. */
export function settingsDiagnosis(output: string) {
  const lines = output.split("\n");
  const at = lines.findIndex((line) => line.startsWith("error: "));
  const mark = BEGINNINGS.find((one) => lines[at]?.startsWith(one));
  if (mark === undefined) return undefined;
  const named = lines[at]!.slice(mark.length);
  const [file = "", why = ""] = named.startsWith("`") ? named.slice(1).split("`: ", 2) : [named];
  const path = file.replace(/`$/, "");
  if (!path.startsWith("/") || OTHERS.test(path)) return undefined;
  const told = [why, ...lines.slice(at + 1)].filter((line) => line.trim() !== "");
  const cut = told.map((line) => (line.length > MOST_COLUMNS ? `${line.slice(0, MOST_COLUMNS)}…` : line));
  return {
    code: "SKE-CONFIG" as const,
    what: `uv can't take its settings from ${path}\n${indent(cut.slice(0, 8).join("\n"))}`,
    hint: "put right what it says of that file, or choose the other installer with --installer pip",
    details: { path },
  };
}
