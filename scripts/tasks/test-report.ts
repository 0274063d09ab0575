/** What became of a run of tests. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads the summary that `bun test` ends with: ` 3 pass`, ` 1 fail`, ` 2 skip`, ` 1 todo`. A file that can't be loaded
 * is in its ` fail` line, but not in the JUnit report. A run that ended badly without a failed test counts as one.
 */
export function countOf(output: string, status: number): Count {
  const plain = output.replace(/\x1b\[[\d;]*m/g, "");
  const last = (word: string) => Number([...plain.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  const failed = last("fail");
  return {
    passed: last("pass"),
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: last("skip") + last("todo"),
  };
}

/** `file: test` for each skipped test of a JUnit report. */
export function skippedIn(xml: string): string[] {
  const skipped = /<testcase name="([^"]*)"[^>]* file="([^"]*)"[^>]*>\s*<skipped/g;
  return [...xml.matchAll(skipped)].map(
    ([, name = "", file = ""]) => `${decodeEntities(file)}: ${decodeEntities(name)}`,
  );
}

function decodeEntities(text: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? "");
}
