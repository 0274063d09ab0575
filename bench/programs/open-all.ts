// `open-all.ts HOME`: opens all environments of a state folder and prints by how many bytes that made this process larger.
import { type Environment, openSkerry } from "../../src/index.ts";

await using skerry = await openSkerry({ home: process.argv[2]! });
const [first, ...others] = (await skerry.list()).map(({ id }) => id);
const open: Environment[] = [];

/** Opens one as those do who use it. */
async function enter(id: string): Promise<void> {
  const environment = await skerry.open(id);
  const { problems } = await environment.inspect();
  if (problems.length > 0) throw new Error(`${environment.name} isn't whole: ${problems.join(", ")}`);
  open.push(environment);
}

function size(): number {
  Bun.gc(true);
  return process.memoryUsage.rss();
}

// Code that the first one loads isn't growth.
await enter(first!);
const before = size();
for (const id of others) await enter(id);
console.log(size() - before);
if (open.length !== others.length + 1) throw new Error("some weren't opened");
