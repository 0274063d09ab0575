import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The page on engines, with the code of the tested example in it. */
export function render(): Record<string, string> {
  const code = readFileSync(join(import.meta.dirname, "../../examples/niced-engine.ts"), "utf8").trim();
  return {
    "docs/write-an-engine.md": `# Write an engine

An engine makes environments real at one isolation level. It gives one primitive, *start a command inside*, beside create, inspect and destroy; packages,
time-outs, events and the rest are written once, over that. This is a complete one:

\`\`\`ts
${code}
\`\`\`

Register it where Skerry is opened:

\`\`\`ts
await using skerry = await openSkerry({ engines: { niced: nicedEngine } });
await using env = await skerry.create({ engine: "niced" });
await env.run(["make", "-j8"]);
\`\`\`

One that comes with Skerry is a folder of \`src/engines/\` and an entry of \`BUILT_IN_ENGINES\` in [src/engines/registry.ts](../src/engines/registry.ts). It may import from the rooms that
[ARCHITECTURE.md](../ARCHITECTURE.md) lists for \`engines\`, and not from \`skerry\`; \`../local.ts\` has the parts that engines of this machine share.

## What it must keep to

- \`probe\` never throws: it says a version, or a reason and a hint.
- \`pin\` makes a spec exact and creates nothing. Whatever can be wrong with a spec is found here, before anything changes.
- \`create\` may be killed at any instruction. The same id again takes up or replaces what is there; what its state would have told is not known then, so
  \`open\` with a state of \`null\` must still give a handle whose \`destroy\` removes all that was made.
- \`open\` does no input or output: listing a thousand environments opens a thousand.
- State is plain JSON and opaque to everyone else. An engine never sees the ledger, nor another engine.
- \`start\` gives a process: its streams are the caller's descriptors, nothing, or bytes that are given and taken; a taker's promise makes the command wait.
  \`spawnProcess\` and \`attachProcess\` are that for processes of this machine.
- A spec may hold an environment to limits, a rule for the network, a security template or ports. An engine lists the rules it can enforce in \`holds\`; a spec with any
  other rule is refused before \`pin\` is asked. Options of the engine are \`spec.options\`, checked by the schema that \`options\` gives.
- \`attach\` and \`inspect\` return \`unknown\` when the engine can't reach what would know. Nothing of such an environment is removed, and it isn't broken. Each call
  to something outside has a time-out of its own.
- A command sees the caller's variables, but for those that lead to another Python (\`scrub\` takes them out); then the spec's, then its own. HOME is the user's unless the
  spec says \`home: "own"\`.
- A facet is there to use, or absent with a reason that a person can read; one that is left out is absent. \`local\` lets a command replace the calling process, which is how a warm start
  costs nothing; \`layers\` is where its packages are: a home that applies a lock,
  compares, repairs and carries over. Nobody else reads or writes there. \`LinkedHome\` is that for a Python prefix on this machine; an engine whose environments lie elsewhere brings
  another \`PackageHome\`.
- \`find\` lists what exists of this state, known to the ledger or not, and nothing where it can't ask; \`discard\` removes one of these, any number of times. Label what is
  made outside the place with \`context.home()\`.
- The facet \`repair\` finds what is wrong and makes it anew; without it, a damaged environment has to be created again.
- \`destroy\` works from any state and any number of times.

## Prove it

The suite in [tests/engines/conformance/](../tests/engines/conformance/suite.ts) is the contract in full. It takes a factory; what an engine can't do is
skipped by the test's name, with a reason:

\`\`\`ts
engineConformance("niced", nicedEngine, { skips: { "runs Python": "it has none" } });
\`\`\`
`,
  };
}
