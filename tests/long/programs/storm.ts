// storm.ts make NAME TURNS: makes, uses and removes an environment so many times. storm.ts collect: collects all that
// isn't in use, until it is killed; prints a dot for each thing. Either ends with the first failure.

import { openSkerry, type Skerry } from "../../../src/index.ts";
import { writeOut } from "../../../src/platform/stdio.ts";

const [what = "", name = "", turns = ""] = process.argv.slice(2);

function random<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}

async function make(skerry: Skerry): Promise<void> {
  const requirement = random(["alpha==1.0", "alpha==2.0", "beta==1.0", "beta==2.0"]);
  const isCached = Math.random() < 0.2;
  const environment = isCached
    ? await skerry.cached({ requirements: ["gamma"] })
    : await skerry.create({ name, mode: random(["thin", "full"] as const), requirements: [requirement], keep: true });
  const check = async (module: string) => {
    const { exitCode, stderr } = await environment.run(["python", "-c", `import ${module}`]);
    if (exitCode !== 0) throw new Error(`${module} of ${requirement} in ${environment.name}: ${stderr}`);
  };
  await check(isCached ? "gamma" : requirement.replace(/=.*/, ""));
  if (isCached) return;
  if (Math.random() < 0.3) {
    await environment.packages.install(["gamma"]);
    await check("gamma");
  }
  await environment.destroy();
}

await using skerry = await openSkerry();
if (what === "make") for (let n = 0; n < Number(turns); n++) await make(skerry);
else for (;;) writeOut(".".repeat((await skerry.gc({ maxAgeMs: 0 })).collected.length));
