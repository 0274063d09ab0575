import { afterEach, expect, test } from "bun:test";
import { operation } from "../../src/core/operation.ts";
import { identityOf } from "../../src/platform/identity.ts";
import { runTool } from "../../src/processes/run-tool.ts";
import { spawnProcess } from "../../src/processes/spawn.ts";
import { startCommand } from "../../src/processes/start.ts";
import { killStarted } from "../../src/processes/stop.ts";
import { cleanUp, until } from "../platform/support.ts";

afterEach(cleanUp);

test("commands and tools that go on are killed with all that they started, whatever they listen to", async () => {
  const deaf = "trap '' INT TERM; (setsid sleep 300 & echo $!); echo $$; sleep 300";
  const pids: number[] = [];
  const onLine = (line: string) => void pids.push(Number(line));
  const plan = { file: "/bin/bash", argv: ["bash", "-c", deaf], env: { PATH: process.env.PATH! }, cwd: "/" };
  const io = { stdin: "ignore", stdout: "capture", stderr: "ignore", onLine } as const;
  const command = await startCommand((streams) => spawnProcess(plan, streams), io, operation());
  const tool = runTool(["bash", "-c", deaf], { op: operation(), timeoutMs: 60_000, onLine });
  await until(() => pids.length === 4);
  expect(pids.map((pid) => identityOf(pid)?.pid)).toEqual(pids);
  await killStarted();
  expect(pids.map((pid) => identityOf(pid))).toEqual(pids.map(() => undefined));
  expect((await command.exit).signal).toBe("SIGKILL");
  expect((await tool).signal).toBe("SIGKILL");
});
