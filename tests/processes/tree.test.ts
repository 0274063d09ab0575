import { describe, expect, test } from "bun:test";
import { identityOf, isAlive, statOf } from "../../src/platform/identity.ts";
import { stopProcess } from "../../src/processes/stop.ts";
import {
  descendants,
  newCookie,
  ProcessTree,
  signalProcess,
  type TreeRoot,
  withCookie,
} from "../../src/processes/tree.ts";
import { until } from "../platform/support.ts";

/** Starts a shell script with a cookie; what it leaves behind says its pid on a line each. */
async function tree(script: string, lines: number) {
  const cookie = newCookie();
  const env = withCookie({ PATH: process.env.PATH! }, cookie);
  const child = Bun.spawn(["bash", "-c", script], { env, stdout: "pipe", stderr: "ignore" });
  const identity = identityOf(child.pid)!;
  let text = "";
  const reader = child.stdout.getReader();
  while (text.split("\n").length <= lines) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  const said = text
    .trim()
    .split("\n")
    .map((pid) => identityOf(Number(pid))!);
  expect(said).not.toContain(undefined);
  return { child, ref: { ...identity, cookie }, said };
}

/** Forks twice into a session of its own, as daemons do, and ignores what is asked nicely. */
const DAEMON = `(setsid bash -c 'trap "" INT TERM HUP; echo $BASHPID; while :; do sleep 1; done' &)`;

function stopTree(root: TreeRoot, graceMs: number): Promise<boolean> {
  return stopProcess(new ProcessTree(root), graceMs);
}

describe("a tree of processes", () => {
  test("is stopped whole: a daemon in a session of its own too, within seconds", async () => {
    const { child, ref, said } = await tree(`${DAEMON}; sleep 300 & echo $!; wait`, 2);
    const found = descendants(ref.pid, ref.cookie).map(({ pid }) => pid);
    for (const { pid } of said) expect(found).toContain(pid);
    const began = performance.now();
    expect(await stopTree(ref, 300)).toBe(true);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(said.filter(isAlive)).toEqual([]);
    await child.exited;
  });

  test("is found by its cookie when its root has ended", async () => {
    const { child, ref, said } = await tree(DAEMON, 1);
    await child.exited;
    expect(said.every(isAlive)).toBe(true);
    expect(await stopTree(ref, 0)).toBe(true);
    expect(said.filter(isAlive)).toEqual([]);
  });

  test("goes with a session that was made in it, though its variables are cleared", async () => {
    const { child, ref, said } = await tree(`env -i setsid bash -c '(sleep 300 & echo $!) ; sleep 300' & wait`, 1);
    await stopTree(ref, 0);
    expect(said.filter(isAlive)).toEqual([]);
    await child.exited;
  });

  test("ends gently when it may: what handles SIGINT isn't killed", async () => {
    const { child, ref } = await tree(`trap 'exit 42' INT; echo $$; while :; do sleep 0.05; done`, 1);
    await stopTree(ref, 5000);
    expect(await child.exited).toBe(42);
  });

  test("a suspended process is ended as well", async () => {
    const { child, ref } = await tree(`echo $$; kill -STOP $$; sleep 300`, 1);
    await until(() => statOf(ref.pid)?.state === "T");
    const began = performance.now();
    await stopTree(ref, 3000);
    // By the first signal, not by the kill at the end.
    expect(performance.now() - began).toBeLessThan(2500);
    await child.exited;
    expect(isAlive(ref)).toBe(false);
  });

  test("never takes in processes outside of it, nor another that has its pid", async () => {
    const { child, ref } = await tree(`echo $$; exec sleep 300`, 1);
    expect(descendants(undefined, newCookie())).toEqual([]);
    expect(descendants(ref.pid, newCookie())).toEqual([]);
    const earlier = { ...ref, start: `${Number(ref.start) - 1}`, cookie: newCookie() };
    expect(signalProcess(earlier, "SIGKILL")).toBe(false);
    expect(await stopTree(earlier, 0)).toBe(true);
    expect(isAlive(ref)).toBe(true);
    child.kill("SIGKILL");
    await child.exited;
  });

  test("belongs to the trees around it", async () => {
    const outer = newCookie();
    const env = withCookie(withCookie({ PATH: process.env.PATH! }, outer), newCookie());
    const child = Bun.spawn(["sleep", "300"], { env });
    await until(() => descendants(undefined, outer).some(({ pid }) => pid === child.pid));
    child.kill("SIGKILL");
    await child.exited;
  });
});
