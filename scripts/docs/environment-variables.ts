import { KEPT, SCRUBBED } from "../../src/python/environment-variables.ts";

/** The page on the variables that commands see. */
export function render(): Record<string, string> {
  const rows = (table: readonly { readonly pattern: string; readonly why: string }[]) =>
    table.map(({ pattern, why }) => `| \`${pattern}\` | ${why} |`).join("\n");
  return {
    "docs/reference/environment-variables.md": `# Environment variables

What a command in a local environment sees: the caller's variables without those below, then the environment's own, then those of \`--env\`.

## Set

| variable | value |
|---|---|
| \`SKERRY_ENV\` | the environment's name |
| \`SKERRY_WORK\` | a folder for the environment's own files |
| \`SKERRY_PROCESS\` | marks the command and its descendants, so that all of them can be found and stopped |
| \`TMPDIR\` | a folder of the environment in \`/tmp\`; the user's in the shared environments behind \`run --with\` |
| \`HOME\` | with \`--env-home\`, a folder of the environment |
| \`PATH\` | begins with the environment's \`bin\` |
| \`VIRTUAL_ENV\`, \`VIRTUAL_ENV_PROMPT\` | of virtualenv environments: the prefix and the name |

## Kept out

| variable | why |
|---|---|
${rows(SCRUBBED)}

## Left in on purpose

| variable | why |
|---|---|
${rows(KEPT)}

## Of the ways to a worktree's Python

| variable | meaning |
|---|---|
| \`SKERRY_HOOK\` | what the hook has set in a shell, and what was there before |
| \`SKERRY_BYPASS\` | set to anything, shims and entry files leave the interpreter as it is |
| \`SKERRY_SHIM\`, \`SKERRY_ENTERED\` | where a process has been, so that no two of them send it in circles |

## Read by the executable's runtime

\`BUN_OPTIONS\` and \`BUN_BE_BUN\` mean something to the runtime that \`dist/skerry\` is built with, before Skerry starts: unset them where
you start it directly. The \`skerry\` of a checkout starts it without them, and so the programs that run don't see them either.
\`NODE_OPTIONS\` means nothing to the executable and reaches the program as it is. No variable is taken from a \`.env\` file.
`,
  };
}
