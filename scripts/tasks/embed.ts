import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { at, TaskError } from "./command.ts";

const IMPORT = /^import (?<name>\w+) from "(?<specifier>\.[^"\n]+)" with \{ type: "text" \};$/gm;

/**
 * Puts the texts that a compiled module imports into the module: Node.js doesn't import text.
 * @param module the compiled one, absolute @param source what it was compiled from, in the checkout
 * @throws TaskError for an import of text that isn't understood
 */
export function embedTexts(module: string, source: string): void {
  const before = readFileSync(module, "utf8");
  const after = before.replace(IMPORT, (_, name: string, specifier: string) => {
    const text = readFileSync(at(join(dirname(source), specifier)), "utf8");
    return `const ${name} = ${JSON.stringify(text)};`;
  });
  if (/\btype: "text"/.test(after))
    throw new TaskError(`${source} imports a text in a form that the build doesn't know`);
  if (after !== before) writeFileSync(module, after);
}
