// Starts the program that its arguments name with its own streams, and ends as that does.
import { operation } from "../../../src/core/operation.ts";
import { spawnProcess } from "../../../src/processes/spawn.ts";
import { startCommand } from "../../../src/processes/start.ts";

// The terminal sends Ctrl-C to both: what it means is the program's affair.
process.on("SIGINT", () => {});
const [file = "", ...args] = process.argv.slice(2);
const plan = { file, argv: [file, ...args], env: process.env as Record<string, string>, cwd: process.cwd() };
const io = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
const child = await startCommand((streams) => spawnProcess(plan, streams), io, operation());
process.exit((await child.exit).exitCode);
