// The entry: what is asked most, and needs nothing, is answered before anything else is loaded.
import { VERSION } from "../core/version.ts";

const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === "--version" || first === "-V")) {
  // biome-ignore lint/suspicious/noConsole: stdio.ts loads node:fs, which takes longer than all else here.
  console.log(`skerry ${VERSION}`);
  process.exit(0);
}
if (first === "__hook") {
  const { answerQuickly } = await import("./hook/quick.ts");
  if (await answerQuickly(rest)) process.exit(0);
}
// What a module still waits for is kept out of its chunk: program.ts only defines, so that it is one chunk, not ten.
const { main } = await import("./program.ts");
// Everything is written synchronously, and the state needs no closing: nothing is left to wait for.
process.exit(await main(process.argv.slice(2)));
