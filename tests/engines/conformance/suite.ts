import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineContext, EngineFactory, Realized } from "../../../src/core/engine.ts";
import { FACET_NAMES, facetOf } from "../../../src/core/engine.ts";
import { type EnvironmentRecord, placeAt } from "../../../src/core/environment.ts";
import { newId } from "../../../src/core/names.ts";
import { operation } from "../../../src/core/operation.ts";
import type { Command, ExitResult, Process, ProcessIo, RunningProcess } from "../../../src/core/process.ts";
import { EMPTY_REQUIREMENTS, type EnvironmentSpec } from "../../../src/core/spec.ts";
import { startCommand } from "../../../src/processes/start.ts";
import { stopProcess } from "../../../src/processes/stop.ts";

/** What of the suite an engine can't do, by the test's name, with the reason. */
export type Skips = Readonly<Record<string, string>>;

/** What else the suite has to know of an engine. */
export interface Conformance {
  readonly skips?: Skips;
  /** The caller's variables that it needs beside the usual ones. */
  readonly variables?: NodeJS.ProcessEnv;
  /** What the spec of each environment that is made has to say, in a folder that holds no other environment. */
  readonly specIn?: (folder: string) => Partial<EnvironmentSpec>;
  /** Takes away what an engine made behind its back; absent: removes its place. */
  readonly remove?: (record: EnvironmentRecord) => void;
}

/**
 * The contract of engines, as tests: what `core/engine.ts` says of create, open, start, attach, inspect, find and
 * destroy holds for the engine that `factory` makes.
 */
export function engineConformance(
  name: string,
  factory: EngineFactory,
  {
    skips = {},
    variables = {},
    specIn = () => ({}),
    remove = ({ place }) => rmSync(place, { recursive: true }),
  }: Conformance = {},
): void {
  const op = operation();
  let root: string;
  let envs: string;
  let engine: Engine;
  const caller: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: "C.UTF-8",
    VIRTUAL_ENV: "/somewhere/else",
    PYTHONPATH: "/somewhere/else",
    PYTHONHOME: "/somewhere/else",
    PYTHONSTARTUP: "/somewhere/else.py",
    CONDA_PREFIX: "/somewhere/else",
    KEPT: "yes",
    ...variables,
  };

  const it = (title: string, body: () => Promise<void>, timeout = 30_000) => {
    const reason = skips[title];
    if (reason === undefined) test(title, body, timeout);
    // No skipped test: where these fail a run, an engine would have to do what it can't.
    else test(`${title}: not here, for ${reason}`, () => expect(reason).not.toBe(""));
  };

  function spec(change: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
    return {
      name: "subject",
      engine: name,
      packages: EMPTY_REQUIREMENTS,
      mode: "full",
      link: "auto",
      installer: "auto",
      systemSitePackages: false,
      home: "user",
      tmp: "own",
      variables: {},
      ...change,
    };
  }

  async function make(
    change: Partial<EnvironmentSpec> = {},
  ): Promise<{ realized: Realized; record: EnvironmentRecord }> {
    const id = newId();
    const pinned = await engine.pin(spec({ ...specIn(join(root, `for-${id}`)), ...change }), op);
    const realized = await engine.create(pinned.spec, placeAt(join(envs, id)), op);
    const record: EnvironmentRecord = {
      id,
      name: "subject",
      engine: name,
      status: "ready",
      spec: pinned.spec,
      state: realized.state,
      place: join(envs, id),
      lock: null,
      trees: [],
      cacheKey: null,
      createdAt: 0,
      updatedAt: 0,
      usedAt: 0,
      pinned: false,
      cleanup: {},
      owner: null,
      failed: false,
      labels: {},
    };
    return { realized, record };
  }

  async function run(
    realized: Realized,
    argv: [string, ...string[]],
    io: Partial<ProcessIo> = {},
    more: { cwd?: string; env?: Record<string, string> } = {},
  ): Promise<ExitResult> {
    return (await start(realized, { argv, ...more }, { stdin: "ignore", stdout: "capture", stderr: "capture", ...io }))
      .exit;
  }

  function start(realized: Realized, command: Command, io: ProcessIo, by = op): Promise<RunningProcess> {
    return startCommand((streams) => realized.start(command, streams, by), io, by);
  }
  const SILENT: ProcessIo = { stdin: "ignore", stdout: "ignore", stderr: "ignore" };

  /** The command of a reference, as another process finds it. */
  async function found(record: EnvironmentRecord, { ref }: RunningProcess): Promise<Process> {
    const process = await engine.open(record).attach(JSON.parse(JSON.stringify(ref)), op);
    if (typeof process === "string") throw new Error(`the command is ${process}`);
    return process;
  }

  const printVariable = (variable: string): [string, ...string[]] => ["sh", "-c", `printf %s "\${${variable}-unset}"`];

  describe(`${name} engine`, () => {
    beforeAll(() => {
      root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-conformance-")));
      envs = join(root, "envs");
      mkdirSync(envs);
      const memory = new Map<string, unknown>();
      const cache: EngineContext["cache"] = {
        get: (kind, key) =>
          memory.has(`${kind} ${key}`) ? { value: memory.get(`${kind} ${key}`) as never, at: 0 } : undefined,
        put: (kind, key, value) => void memory.set(`${kind} ${key}`, value),
      };
      engine = factory({ env: caller, cwd: root, cache, home: () => "0123456789abcdef" });
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    it("says what it is", async () => {
      expect(engine.name).toBe(name);
    });

    it("probes without throwing, with a version or a reason and a hint", async () => {
      const found = await engine.probe(op);
      if (found.ok) expect(found.version).not.toBe("");
      else expect([found.reason, found.hint].every(Boolean)).toBe(true);
    });

    it("pins equal specs alike and creates nothing", async () => {
      const asked = spec(specIn(join(root, "for-pin")));
      const before = readdirSync(envs);
      expect(await engine.pin(asked, op)).toEqual(await engine.pin(asked, op));
      expect(readdirSync(envs)).toEqual(before);
    });

    it("gives every facet, or the reason why it is absent", async () => {
      const { realized } = await make();
      for (const facet of FACET_NAMES) {
        const found = facetOf(realized, facet);
        if (!found.ok) expect(found.reason, facet).not.toBe("");
      }
    });

    it("keeps its state as plain JSON, from which it opens again without losing anything", async () => {
      const { realized, record } = await make();
      const again = engine.open({ ...record, state: JSON.parse(JSON.stringify(realized.state)) });
      expect(again.state).toEqual(realized.state);
      expect((await run(again, ["sh", "-c", "echo here"])).stdout).toBe("here\n");
    });

    it("passes arguments as they are, and the exit status back", async () => {
      const { realized } = await make();
      const odd = ["", " ", "a b", "$(id)", "`id`", "*", "--", "'\"", "é🐍", "line\nbreak"];
      const result = await run(realized, ["sh", "-c", 'for a; do printf "<%s>" "$a"; done; exit 7', "sh", ...odd]);
      expect(result).toMatchObject({
        exitCode: 7,
        signal: null,
        timedOut: false,
        stdout: odd.map((one) => `<${one}>`).join(""),
      });
    });

    it("keeps standard output and error apart and feeds standard input", async () => {
      const { realized } = await make();
      const result = await run(realized, ["sh", "-c", "cat; echo oops >&2"], { stdin: { text: "fed" } });
      expect(result).toMatchObject({ exitCode: 0, stdout: "fed", stderr: "oops\n" });
    });

    it("reports a signal as 128 + its number", async () => {
      const { realized } = await make();
      expect(await run(realized, ["sh", "-c", "kill -TERM $$"])).toMatchObject({ exitCode: 143, signal: "SIGTERM" });
    });

    it("refuses a command that doesn't exist with its name", async () => {
      const { realized } = await make();
      await expect(run(realized, ["no-such-command-anywhere"])).rejects.toMatchObject({
        code: "SKE-COMMAND-NOT-FOUND",
        message: expect.stringContaining("no-such-command-anywhere"),
      });
    });

    it("keeps the beginning and the end of more output than was asked for", async () => {
      const { realized } = await make();
      const result = await run(
        realized,
        ["sh", "-c", "printf begin; head -c 100000 /dev/zero | tr '\\0' x; printf end"],
        { captureLimit: 1000 },
      );
      expect(result.stdout.startsWith("begin")).toBe(true);
      expect(result.stdout.endsWith("end")).toBe(true);
      expect(result.truncated.stdout).toBeGreaterThan(90_000);
    });

    it("stops a command that takes too long, with all its descendants", async () => {
      const { realized } = await make();
      const beats = "while :; do echo beat >> $TMPDIR/beats; sleep 0.1; done";
      const script = `setsid sh -c '${beats}' & sleep 60`;
      expect(await run(realized, ["sh", "-c", script], { timeoutMs: 500 })).toMatchObject({
        exitCode: 124,
        timedOut: true,
      });
      const count = ["sh", "-c", "cat $TMPDIR/beats; sleep 0.5; echo; cat $TMPDIR/beats"] as const;
      const [before, after] = (await run(realized, [...count])).stdout.split("\n\n");
      expect(before).toStartWith("beat");
      expect(after?.trim()).toBe(before);
    });

    it("finds a started command again by its reference, until it is gone", async () => {
      const { realized, record } = await make();
      const running = await start(realized, { argv: ["sleep", "30"] }, SILENT);
      const other = await found(record, running);
      expect(other.ref).toEqual(running.ref);
      expect(await other.isRunning()).toBe(true);
      expect(await stopProcess(other, 200)).toBe(true);
      expect((await running.exit).exitCode).toBeGreaterThan(128);
      await other.exited;
      expect(await realized.attach(running.ref, op)).toBe("gone");
    });

    it("sends a signal to the command itself, or to all that it started", async () => {
      const { realized, record } = await make();
      const ready = Promise.withResolvers<void>();
      const io: ProcessIo = { ...SILENT, stdout: "capture", onLine: () => ready.resolve() };
      const script = "trap 'exit 9' USR1; sleep 60 & echo ready; wait";
      const running = await start(realized, { argv: ["sh", "-c", script] }, io);
      await ready.promise;
      const other = await found(record, running);
      await other.signal("SIGUSR1", "command");
      expect((await running.exit).exitCode).toBe(9);
      // What it started goes on until that is told to stop as well.
      expect(await other.isRunning()).toBe(true);
      expect(await stopProcess(other, 0)).toBe(true);
      expect(await other.isRunning()).toBe(false);
    });

    it("takes bytes as they are, both ways, and waits for who takes them", async () => {
      const { realized } = await make();
      const bytes = Uint8Array.from({ length: 1 << 20 }, (_, at) => at % 251);
      async function* input() {
        for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
      }
      const taken: Uint8Array[] = [];
      const slow = async (chunk: Uint8Array) => {
        await Bun.sleep(1);
        taken.push(Uint8Array.from(chunk));
      };
      expect((await run(realized, ["cat"], { stdin: input(), stdout: slow })).exitCode).toBe(0);
      expect(Buffer.concat(taken).equals(bytes)).toBe(true);
    });

    it("runs in the folder that is named and with the variables that are given", async () => {
      const { realized } = await make({ variables: { FROM_SPEC: "spec", BOTH: "spec" } });
      expect((await run(realized, ["pwd"], {}, { cwd: root })).stdout).toBe(`${root}\n`);
      const both = await run(
        realized,
        ["sh", "-c", 'echo "$FROM_SPEC $BOTH $FROM_COMMAND"'],
        {},
        { env: { FROM_COMMAND: "command", BOTH: "command" } },
      );
      expect(both.stdout).toBe("spec command command\n");
    });

    it("keeps the caller's other variables", async () => {
      const { realized } = await make();
      expect((await run(realized, printVariable("KEPT"))).stdout).toBe("yes");
    });

    for (const variable of ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"]) {
      it(`keeps ${variable} out`, async () => {
        const { realized } = await make();
        expect((await run(realized, printVariable(variable))).stdout).toBe("unset");
      });
    }

    for (const variable of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
      it(`doesn't let the caller's ${variable} in`, async () => {
        const { realized } = await make();
        expect((await run(realized, printVariable(variable))).stdout).not.toBe("/somewhere/else");
      });
    }

    it("has its own TMPDIR, and its own HOME by choice", async () => {
      const { realized } = await make({ home: "own" });
      for (const variable of ["TMPDIR", "HOME"]) {
        const { stdout } = await run(realized, ["sh", "-c", `touch "$${variable}/mine" && printf %s "$${variable}"`]);
        expect(stdout).not.toBe(caller[variable] ?? "/tmp");
      }
      const { realized: users } = await make();
      expect((await run(users, printVariable("HOME"))).stdout).toBe(caller.HOME!);
    });

    it("runs Python", async () => {
      const { realized } = await make();
      const { exitCode, stdout, stderr } = await run(realized, [
        "python",
        "-c",
        "import json, sys; print(json.dumps(list(sys.version_info[:2])))",
      ]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const [major, minor] = JSON.parse(stdout) as [number, number];
      expect(major * 100 + minor).toBeGreaterThanOrEqual(308);
    });

    it("sees what is wrong: nothing when fresh, gone when its place is removed", async () => {
      const { realized, record } = await make();
      expect(await realized.inspect(op)).toEqual({ state: "ready", problems: [] });
      remove(record);
      expect(await realized.inspect(op)).toMatchObject({ state: "absent" });
    });

    it("finds what exists, and no longer what was destroyed", async () => {
      const { realized, record } = await make();
      expect((await Array.fromAsync(engine.find(envs, op))).map((found) => found.id)).toContain(record.id);
      await realized.destroy(op);
      expect((await Array.fromAsync(engine.find(envs, op))).map((found) => found.id)).not.toContain(record.id);
    });

    it("discards what it found and nobody knows of, any number of times", async () => {
      const { record } = await make();
      const find = () => Array.fromAsync(engine.find(envs, op));
      const found = (await find()).find(({ id }) => id === record.id)!;
      for (let n = 0; n < 2; n++) await engine.discard(found, op);
      expect((await find()).map(({ id }) => id)).not.toContain(record.id);
    });

    it("creates the same id again after a crash", async () => {
      const { record } = await make();
      const again = await engine.create(record.spec, placeAt(record.place), op);
      expect((await run(again, ["sh", "-c", "exit 3"])).exitCode).toBe(3);
    });

    it("destroys any number of times, and what was never finished", async () => {
      const { realized, record } = await make();
      await realized.destroy(op);
      await realized.destroy(op);
      expect(existsSync(record.place)).toBe(false);
      const unfinished = await make();
      await engine.open({ ...unfinished.record, state: null }).destroy(op);
      expect(existsSync(unfinished.record.place)).toBe(false);
    });

    it("stops what it started when the operation is stopped", async () => {
      const { realized, record } = await make();
      const controller = new AbortController();
      const running = await start(
        realized,
        { argv: ["sleep", "30"] },
        SILENT,
        operation({ signal: controller.signal }),
      );
      const other = await found(record, running);
      controller.abort();
      await Promise.race([
        running.exit.catch(() => {}),
        new Promise((_, fail) => setTimeout(() => fail(new Error("still running")), 15_000)),
      ]);
      expect(await other.isRunning()).toBe(false);
    });
  });
}
