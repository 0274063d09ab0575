import { SkerryError } from "../../core/error.ts";
import type { Invocation } from "../invocation/invocation.ts";
import type { Verb } from "../verb.ts";

const ACTIONS = ["list", "install", "remove"] as const;

/** `skerry shims [ACTION] [NAME…]` */
export default {
  summary: "Let python and pip on PATH be those of the folder that they are typed in",
  description:
    "A shim stands on PATH under the name of a program and becomes that of the environment which the working folder has, else the next one on PATH. It needs no hook in the shell, so it serves editors, scripts and programs too.",
  operands: [
    { name: "ACTION", description: "What to do: list, install or remove", choices: ACTIONS, optional: true },
    {
      name: "NAME",
      description: "Programs; otherwise python, python3, pip and pip3, or with remove all there are",
      optional: true,
      multiple: true,
    },
  ],
  options: {},
  examples: [
    ["skerry shims install", "Make shims for python and pip, and tell what to add to PATH"],
    ["skerry shims install pytest ruff", "And for other programs that environments have"],
    ["skerry shims", "Tell what there is, and whether it is first on PATH"],
  ],
  run,
} satisfies Verb;

async function run({ library, operands, output, env }: Invocation): Promise<number> {
  const [word, ...names] = operands;
  const action = ACTIONS.find((one) => one === word) ?? "list";
  if (action === "list" && names.length > 0) {
    throw new SkerryError("SKE-USAGE", "skerry shims list takes no names", { hint: "it lists all that there are" });
  }
  const { quotePosix } = await import("../../core/quote.ts");
  const { installShims, listShims, removeShims } = await import("../../worktrees/shims.ts");
  const { home } = await library.open();
  if (action === "install") installShims(home, names, process.execPath);
  if (action === "remove") removeShims(home, names);
  const found = listShims(home, env.PATH);
  output.result({ ...found }, () => {
    for (const name of found.names) output.print(name);
    if (found.names.length === 0) output.say("there are no shims; skerry shims install makes some");
    else if (!found.isOnPath)
      output.say(`add this to your shell's start-up file: export PATH=${quotePosix(found.folder)}:"$PATH"`);
    for (const path of found.hiddenBy) output.warn(`${path} comes first on PATH`, `put ${found.folder} before it`);
  });
  return 0;
}
