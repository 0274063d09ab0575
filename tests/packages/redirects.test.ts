import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { operation } from "../../src/core/operation.ts";
import { installerSettings } from "../../src/packages/settings.ts";
import { askIndex } from "../../src/packages/versions.ts";
import { Rig } from "../rig/rig.ts";
import { HERE } from "./setup.ts";

const PAGE = '<a href="beta-1-py3-none-any.whl">beta</a>';

/** A server that notes with what it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return { port: (server.address() as AddressInfo).port, seen };
}

const open: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const page = () => serve((_, response) => void response.writeHead(200, { "content-type": "text/html" }).end(PAGE));
const redirect = (to: string) => serve((_, response) => void response.writeHead(302, { location: to }).end());
const ME = `Basic ${Buffer.from("me:marked").toString("base64")}`;

async function ask(rig: Rig, index: string, more: Readonly<Record<string, string>> = {}) {
  const settings = installerSettings({ ...rig.env, PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index, ...more });
  return askIndex({ versions: "beta" }, { target: HERE, settings }, operation());
}

describe("asking an index: a redirect", () => {
  test.each(["127.0.0.1", "localhost"])("to another port of %s gets no credentials", async (host) => {
    await using rig = await Rig.make();
    const other = await page();
    const first = await redirect(`http://${host}:${other.port}/simple/beta/`);
    expect(await ask(rig, `http://me:marked@127.0.0.1:${first.port}/simple`)).toEqual({ versions: ["1"] });
    expect(first.seen).toEqual([ME]);
    expect(other.seen).toEqual([undefined]);
  });

  test("on the same server keeps them", async () => {
    await using rig = await Rig.make();
    const server = await serve((request, response) => {
      if (request.url?.startsWith("/simple/")) response.writeHead(301, { location: "/moved/" }).end();
      else response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    });
    await ask(rig, `http://me:marked@127.0.0.1:${server.port}/simple`);
    expect(server.seen).toEqual([ME, ME]);
  });

  test("to another port gets nothing from ~/.netrc, and no user that the server names", async () => {
    await using rig = await Rig.make();
    const other = await page();
    const first = await redirect(`http://them:word@127.0.0.1:${other.port}/simple/beta/`);
    const netrc = rig.write("netrc", "machine 127.0.0.1 login me password marked\n", 0o600);
    await ask(rig, `http://127.0.0.1:${first.port}/simple`, { NETRC: netrc });
    expect(first.seen).toEqual([ME]);
    expect(other.seen).toEqual([undefined]);
  });

  test("to what isn't http is refused", async () => {
    await using rig = await Rig.make();
    const first = await redirect(`file://${join(rig.cwd, "page")}`);
    await expect(ask(rig, `http://me:marked@127.0.0.1:${first.port}/simple`)).rejects.toMatchObject({
      message: expect.not.stringContaining("marked"),
    });
  });

  test("doesn't carry credentials from one index to another port of its host", async () => {
    await using rig = await Rig.make();
    const second = await page();
    const first = await serve((_, response) => void response.writeHead(404).end());
    await ask(rig, `http://127.0.0.1:${second.port}/simple`, {
      UV_INDEX: `http://me:marked@127.0.0.1:${first.port}/simple`,
    });
    expect(first.seen).toEqual([ME]);
    expect(second.seen).toEqual([undefined]);
  });
});
