import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Distribution } from "./wheel.ts";

/** How an index made for a test behaves. */
export interface IndexInit {
  readonly distributions?: readonly Distribution[];
  /** Every request must carry this user and password (basic authentication). */
  readonly auth?: { readonly user: string; readonly password: string };
  /** Answers every request with this status. */
  readonly status?: number;
  /** Files whose bytes differ from what their hash says, by file name. */
  readonly tampered?: ReadonlySet<string>;
  /** More digests by algorithm that pages tell of a file, by file name. */
  readonly told?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Waits this long before each answer. */
  readonly delayMs?: number;
  /** A folder that is served as it is, below `/static/`. */
  readonly folder?: string;
  /** Serves pages as HTML only (PEP 503), JSON (PEP 691) else. */
  readonly htmlOnly?: boolean;
}

/** A running index on the loopback interface. */
export interface TestIndex extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/simple` */
  readonly url: string;
  /** The same with the user and password in it. */
  readonly urlWithAuth: string;
  /** Paths asked for so far, in order. */
  readonly requests: string[];
  add(...distributions: readonly Distribution[]): void;
}

const normalise = (name: string) => name.replace(/[-_.]+/g, "-").toLowerCase();
const pathOf = (request: IncomingMessage) => decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
const escapeHtml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

/** Starts a package index: simple pages as HTML and JSON, and the files. Close it with `await using`. */
export async function startIndex(init: IndexInit = {}): Promise<TestIndex> {
  const all: Distribution[] = [...(init.distributions ?? [])];
  const requests: string[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    if (init.status !== undefined) return void response.writeHead(init.status).end();
    if (init.auth) {
      const wanted = `Basic ${Buffer.from(`${init.auth.user}:${init.auth.password}`).toString("base64")}`;
      if (request.headers.authorization !== wanted) {
        return void response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      }
    }
    const file = all.find((one) => path === `/files/${one.filename}`);
    if (file) {
      const bytes = Buffer.from(file.bytes);
      if (init.tampered?.has(file.filename)) bytes.writeUInt8(bytes.readUInt8(40) ^ 0xff, 40);
      return void response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    }
    if (init.folder !== undefined && path.startsWith("/static/")) {
      const place = join(init.folder, path.slice("/static/".length));
      if (!existsSync(place) || statSync(place).isDirectory()) return void response.writeHead(404).end();
      return void response.writeHead(200).end(readFileSync(place));
    }
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
    const own = all.filter((one) => project !== undefined && normalise(one.project) === normalise(project));
    if (project === undefined || own.length === 0) return void response.writeHead(404).end();
    if (!init.htmlOnly && request.headers.accept?.includes("application/vnd.pypi.simple.v1+json")) {
      const files = own.map((one) => ({
        filename: one.filename,
        url: `/files/${one.filename}`,
        hashes: { sha256: one.sha256, ...init.told?.[one.filename] },
        ...(one.requiresPython ? { "requires-python": one.requiresPython } : {}),
        ...(one.yanked === undefined ? {} : { yanked: one.yanked }),
      }));
      const page = { meta: { "api-version": "1.0" }, name: normalise(project), files };
      return void response
        .writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" })
        .end(JSON.stringify(page));
    }
    const links = own.map((one) => {
      const python = one.requiresPython ? ` data-requires-python="${escapeHtml(one.requiresPython)}"` : "";
      const yanked = one.yanked === undefined ? "" : ` data-yanked="${escapeHtml(one.yanked)}"`;
      return `<a href="/files/${one.filename}#sha256=${one.sha256}"${python}${yanked}>${one.filename}</a><br>`;
    });
    response
      .writeHead(200, { "content-type": "text/html" })
      .end(`<!DOCTYPE html><html><body>${links.join("")}</body></html>`);
  }

  const server = createServer((request, response) => {
    requests.push(pathOf(request));
    if (init.delayMs) setTimeout(() => answer(request, response), init.delayMs).unref();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = init.auth ? `${init.auth.user}:${encodeURIComponent(init.auth.password)}@` : "";
  return {
    url: `http://127.0.0.1:${port}/simple`,
    urlWithAuth: `http://${credentials}127.0.0.1:${port}/simple`,
    requests,
    add: (...distributions) => void all.push(...distributions),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The address of an index on which nobody listens: every connection is refused. */
export async function closedIndex(): Promise<string> {
  const index = await startIndex();
  await index[Symbol.asyncDispose]();
  return index.url;
}
