import type { z } from "zod";
import { findVerb, verbWords } from "../../src/cli/verbs.ts";

/** How every JSON document of Skerry begins, and nothing else that a test runs. */
const BEGINNING = '{"schema":1,';

/**
 * Holds what a program printed to the schemas of `--json`: whole lines that are such documents, be it Skerry itself or a
 * script that calls it. Nothing is loaded where there are none.
 * @throws an error that says where a document differs
 */
export async function checkDocuments(argv: readonly string[], stdout: string): Promise<void> {
  if (!stdout.includes(BEGINNING)) return;
  // What a killed program has begun is no line.
  const lines = stdout.split(/\r?\n/).slice(0, -1);
  const verb = await verbIn(argv);
  for (const line of lines) if (line.startsWith(BEGINNING)) await checkDocument(verb, line);
}

async function checkDocument(verb: string | undefined, line: string): Promise<void> {
  const { FAILURE, HELP, RESULTS } = await import("../../src/core/schemas/results.ts");
  const own = Object.entries(RESULTS).flatMap(([title, schema]) =>
    verb === undefined || title.split(" ", 1)[0] === verb ? [schema] : [],
  );
  const document: unknown = JSON.parse(line);
  const wrong: z.core.$ZodIssue[][] = [];
  for (const schema of [...own, FAILURE, HELP]) {
    const { error } = schema.safeParse(document, { reportInput: true });
    if (!error) return;
    wrong.push(error.issues);
  }
  const nearest = wrong.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  const told = nearest.map(({ path, message }) => `  ${path.join(".") || "the document"}: ${message}`).join("\n");
  throw new Error(
    `skerry ${verb ?? ""} --json printed what src/core/schemas/results.ts doesn't say:\n${told}\n${line.slice(0, 2000)}`,
  );
}

/** How far a document is from a schema: what it has at its top says most of which was meant. */
function distance(issues: readonly z.core.$ZodIssue[]): number {
  return issues.length + 100 * issues.filter(({ path }) => path.length < 2).length;
}

/** The name of the verb that a command line names, where it names one. */
async function verbIn([, ...words]: readonly string[]): Promise<string | undefined> {
  const end = words.indexOf("--");
  const known = new Set(verbWords());
  const word = (end < 0 ? words : words.slice(0, end)).find((one) => known.has(one));
  return word === undefined ? undefined : (await findVerb(word))?.name;
}
