// A daemon that holds environments and runs commands in them, as one of containers does: `bun daemon.ts SOCKET ROOT`.
// All that it knows is in files below ROOT, so that it can be killed and started again; what it runs goes on meanwhile.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { SkerryError } from "../../../../src/core/error.ts";
import type { Process, ProcessRef } from "../../../../src/core/process.ts";
import { findProgram } from "../../../../src/platform/which.ts";
import { attachProcess, spawnProcess } from "../../../../src/processes/spawn.ts";
import { stopProcess } from "../../../../src/processes/stop.ts";
import { CHANNEL, type Frame, framesOf, send, tell } from "../frames.ts";
import type { Listed, Request, Started } from "../protocol.ts";

const [socketPath = "", root = ""] = process.argv.slice(2);

/** Commands that were started by this daemon, not by one before it. */
const children = new Map<string, Process>();

const folderOf = (id: string) => join(root, id);
const fileOf = (id: string, ref: string) => join(folderOf(id), "processes", `${ref}.json`);

const labelOf = (id: string) => join(folderOf(id), "label.json");

function list(home: string): Listed[] {
  const all = readdirSync(root).map((id) => ({ id, ...JSON.parse(readFileSync(labelOf(id), "utf8")) }));
  return all.filter((one) => one.home === home).map(({ id, createdAt }) => ({ id, createdAt }));
}

function processOf(id: string, ref: string): Process | "gone" {
  const child = children.get(ref);
  if (child) return child;
  const file = fileOf(id, ref);
  if (!existsSync(file)) return "gone";
  const found = attachProcess(JSON.parse(readFileSync(file, "utf8")) as ProcessRef);
  if (found === "gone") rmSync(file, { force: true });
  return found;
}

function forget(id: string, ref: string): void {
  rmSync(fileOf(id, ref), { force: true });
  children.delete(ref);
}

async function remove(id: string): Promise<void> {
  const folder = join(folderOf(id), "processes");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const found = processOf(id, name.replace(".json", ""));
    if (typeof found === "object") await stopProcess(found, 0);
  }
  rmSync(folderOf(id), { recursive: true, force: true });
}

async function start(socket: Socket, frames: AsyncIterator<Frame>, request: Extract<Request, { do: "start" }>) {
  const { id, argv, env, cwd, input } = request;
  async function* stdin() {
    for (let next = await frames.next(); !next.done && next.value.bytes.length > 0; next = await frames.next())
      yield next.value.bytes;
  }
  const own = join(folderOf(id), "tmp");
  const all: Record<string, string> = { ...env, TMPDIR: own, ...(request.ownHome ? { HOME: own } : {}) };
  const file = findProgram(argv[0]!, all.PATH ?? "", cwd);
  const ready = Promise.withResolvers<void>();
  const streams = {
    stdin: input ? stdin() : ("ignore" as const),
    stdout: (bytes: Uint8Array) => ready.promise.then(() => send(socket, CHANNEL.stdout, bytes)).catch(() => {}),
    stderr: (bytes: Uint8Array) => ready.promise.then(() => send(socket, CHANNEL.stderr, bytes)).catch(() => {}),
  };
  const child = await spawnProcess({ file, argv, env: all, cwd }, streams, { failed: (error) => error as Error });
  const ref = crypto.randomUUID();
  writeFileSync(fileOf(id, ref), JSON.stringify(child.ref));
  children.set(ref, child);
  await tell(socket, { ref } satisfies Started);
  ready.resolve();
  const exit = await child.exited;
  // What it left in the background can still be stopped by its reference.
  if (!(await child.isRunning())) forget(id, ref);
  await tell(socket, exit);
}

async function answer(socket: Socket, frames: AsyncIterator<Frame>, request: Request): Promise<void> {
  switch (request.do) {
    case "create":
      await remove(request.id);
      for (const name of ["processes", "tmp"]) mkdirSync(join(folderOf(request.id), name), { recursive: true });
      writeFileSync(labelOf(request.id), JSON.stringify({ home: request.home, createdAt: Date.now() }));
      return tell(socket, {});
    case "remove":
      await remove(request.id);
      return tell(socket, {});
    case "inspect":
      return tell(socket, { exists: existsSync(folderOf(request.id)) });
    case "list":
      return tell(socket, list(request.home));
    case "start":
      return start(socket, frames, request);
    case "wait": {
      const found = processOf(request.id, request.ref);
      await tell(socket, { found: found !== "gone" });
      if (found === "gone") return;
      return tell(socket, await found.exited);
    }
    case "signal": {
      const found = processOf(request.id, request.ref);
      if (found !== "gone") await found.signal(request.signal, request.whom);
      return tell(socket, {});
    }
    case "running": {
      const found = processOf(request.id, request.ref);
      const running = found !== "gone" && (await found.isRunning());
      if (!running) forget(request.id, request.ref);
      return tell(socket, { running });
    }
  }
}

const server = createServer(async (socket) => {
  socket.on("error", () => {});
  try {
    const frames = framesOf(socket);
    const first = await frames.next();
    if (first.done) return;
    await answer(socket, frames, JSON.parse(Buffer.from(first.value.bytes).toString()) as Request);
  } catch (error) {
    const { code, message, details } =
      error instanceof SkerryError ? error : { code: "SKE-IO", message: `${error}`, details: {} };
    await tell(socket, { error: { code, message, details } }).catch(() => {});
  } finally {
    socket.end();
  }
});

mkdirSync(root, { recursive: true });
if (existsSync(socketPath)) unlinkSync(socketPath);
server.listen(socketPath, () => process.stdout.write("listening\n"));
process.on("SIGTERM", () => process.exit(0));
