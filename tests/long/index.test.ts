import { describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WHEELS } from "../environments/setup.ts";
import { Stage, SUBJECT } from "../faults/stage.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";

/** An index in front of another one, which breaks off in the middle of each wheel. */
async function droppingIndex(): Promise<Pick<TestIndex, "url" | typeof Symbol.asyncDispose>> {
  const behind = await startIndex({ distributions: WHEELS });
  const server = createServer(async (request, response) => {
    const { accept } = request.headers;
    const answer = await fetch(new URL(request.url!, behind.url), { headers: accept ? { accept } : {} });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, {
      "content-type": answer.headers.get("content-type") ?? "application/octet-stream",
      "content-length": body.length,
    });
    if (!request.url!.endsWith(".whl")) return void response.end(body);
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await behind[Symbol.asyncDispose]();
    },
  };
}

const lying = new Set(WHEELS.map(({ filename }) => filename));

describe("an index that", () => {
  const cases: readonly (readonly [string, typeof droppingIndex, RegExp])[] = [
    ["answers 500", () => startIndex({ status: 500 }), /SKE-NETWORK/],
    ["lies about hashes", () => startIndex({ distributions: WHEELS, tampered: lying }), /SKE-PKG-HASH|SKE-PKG-BROKEN/],
    ["breaks off", droppingIndex, /SKE-NETWORK|SKE-PKG-BROKEN|SKE-PKG-HASH/],
    [
      "is slower than is waited for",
      () => startIndex({ distributions: WHEELS, delayMs: 60_000 }),
      /SKE-NETWORK|SKE-TIMEOUT/,
    ],
  ];
  for (const installer of ["uv", "pip"]) {
    for (const [what, start, code] of cases) {
      test(`${what} changes nothing, and is named (${installer})`, async () => {
        await using stage = await Stage.make(WHEELS, [
          ["create", SUBJECT, "--with", "gamma", "--installer", installer],
        ]);
        await using index = await start();
        const before = stage.shapeOf(SUBJECT);
        const env = {
          PIP_INDEX_URL: index.url,
          UV_DEFAULT_INDEX: index.url,
          // What other tests fetched must not help.
          UV_CACHE_DIR: `${stage.rig.root}/fresh-uv`,
          PIP_NO_CACHE_DIR: "1",
          PIP_RETRIES: "1",
          UV_HTTP_RETRIES: "1",
          SKERRY_INSTALL_TIMEOUT: "20s",
          PIP_TIMEOUT: "3",
          UV_HTTP_TIMEOUT: "3",
        };
        const failed = await stage.skerry(["install", SUBJECT, "alpha", "--json"], env);
        expect(failed.exitCode).toBeGreaterThan(0);
        const { error } = JSON.parse(failed.stdout);
        expect({ what, ...error }).toMatchObject({ what, code: expect.stringMatching(code), hint: expect.any(String) });
        await stage.expectSound();
        expect(stage.shapeOf(SUBJECT)).toEqual(before);
      }, 90_000);
    }
  }
});
