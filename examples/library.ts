// Creates an environment, runs something in it, changes its packages. It is gone when the scope ends.
import { openSkerry } from "skerry";

await using skerry = await openSkerry();
await using env = await skerry.create({ engine: "virtualenv", requirements: ["requests"] });
const { stdout } = await env.run(["python", "-c", "import requests; print(requests.__version__)"]);
console.log("requests", stdout.trim());

const { added } = await env.packages.install(["httpx>=0.27"]);
console.log("added", added.map(({ name, version }) => `${name} ${version}`).join(", "));
