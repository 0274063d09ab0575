// The command line with the engine `remote` beside those that come with it: `bun skerry.ts SOCKET ARGUMENTS…`.
import { main } from "../../../../src/cli/program.ts";
import { remoteEngine } from "../engine.ts";

const [socket = "", ...argv] = process.argv.slice(2);
process.exit(await main(argv, { remote: remoteEngine(socket) }));
