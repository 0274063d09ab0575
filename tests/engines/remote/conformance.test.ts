import { afterAll, beforeAll } from "bun:test";
import { engineConformance } from "../conformance/suite.ts";
import { remoteEngine } from "./engine.ts";
import { FakeDaemon } from "./fake-daemon.ts";

const daemon = new FakeDaemon();
beforeAll(() => daemon.start());
afterAll(() => daemon[Symbol.asyncDispose]());

engineConformance("remote", remoteEngine(daemon.socket), {
  remove: ({ id }) => daemon.forget(id),
});
