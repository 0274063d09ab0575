// The entry: what is asked most, and needs nothing, is answered before anything else is loaded.
import { VERSION } from "../core/version.ts";
import { writeOut } from "../platform/stdio.ts";

const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === "--version" || first === "-V")) {
  writeOut(`skerry ${VERSION}\n`);
  process.exit(0);
}
await import("./program.ts");
