// Starts the program that its arguments name with its own streams, and ends as that does.
import { operation } from "../../../src/core/operation.ts";
import { startLocal } from "../../../src/processes/spawn.ts";

// The terminal sends Ctrl-C to both: what it means is the program's affair.
process.on("SIGINT", () => {});
const [file = "", ...args] = process.argv.slice(2);
const plan = { file, argv: [file, ...args], env: process.env as Record<string, string>, cwd: process.cwd() };
const child = await startLocal(plan, { stdin: "inherit", stdout: "inherit", stderr: "inherit" }, operation());
process.exit((await child.exit).exitCode);
