import { ERROR_CODES, EXIT, RUN_EXIT } from "../../src/core/error-codes.ts";

/** docs/reference/errors.md, from the table of codes. */
export function render(): Record<string, string> {
  const rows = Object.entries(ERROR_CODES)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { exit, meaning }]) => `| \`${code}\` | ${exit} | ${meaning} |`);
  const text = `# Errors

Made from \`src/core/error-codes.ts\` by \`npm run docs\`.

A failure of Skerry has a code, a message (what was being done, to what, and what happened) and, where there is something
to do about it, a hint. On the command line, where \`--json\` tells the code as well:

\`\`\`text
error: …
  hint: …
\`\`\`

In the library it is a \`SkerryError\` with \`code\`, \`message\`, \`hint\` and \`details\`.

## Codes

| code | exit status | meaning |
|---|---|---|
${rows.join("\n")}

## Exit statuses

\`run\`, \`exec\` and \`shell\` end with the status of the command they ran (128 + n when signal n ended it), or with:

| status | meaning |
|---|---|
| ${RUN_EXIT.timedOut} | the command took longer than it was given |
| ${RUN_EXIT.skerryFailed} | Skerry failed before the command ran |
| ${RUN_EXIT.cannotExecute} | the command was found but can't be executed |
| ${RUN_EXIT.commandNotFound} | the command was not found |

Every other verb ends with:

| status | meaning |
|---|---|
| ${EXIT.ok} | done |
| ${EXIT.failed} | the operation failed |
| ${EXIT.usage} | the command line or a configuration can't be understood |
| ${EXIT.notFound} | something that was named doesn't exist |
| ${EXIT.conflict} | it conflicts with what exists or with what another process does |
| ${EXIT.refused} | refused by a rule or a hook |
| ${EXIT.unavailable} | this machine can't do it |
| ${EXIT.timedOut} | it took longer than it was given |
| 129, 130, 143 | stopped by SIGHUP, by Ctrl-C, by SIGTERM |
`;
  return { "docs/reference/errors.md": text };
}
