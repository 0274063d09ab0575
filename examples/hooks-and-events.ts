// Refuses packages that aren't on a list, and tells what happens.
import { openSkerry, SkerryError } from "skerry";

const ALLOWED = /^(rich|attrs)\b/;

await using skerry = await openSkerry();
skerry.events.on((event) => console.log(event.kind, event.environment?.name ?? ""));
skerry.hooks.add({
  on: "before-install",
  identity: "allow-list@1",
  ask({ add }) {
    const strange = add.requirements.find((requirement) => !ALLOWED.test(requirement));
    return strange ? { refuse: `${strange} is not on the list`, hint: "ask for it to be added" } : undefined;
  },
});

await using env = await skerry.create({ name: "guarded" });
await env.packages.install(["attrs"]);
try {
  await env.packages.install(["requests"]);
} catch (error) {
  if (error instanceof SkerryError) console.log(error.code, error.hint);
}
