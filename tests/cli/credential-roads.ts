import { expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { git } from "../git/repository.ts";
import { startIndex, type TestIndex } from "../rig/index.ts";
import { MARK, markedFiles, marksIn, runWatched, USER } from "../rig/marked.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { projectFiles } from "../rig/wheel.ts";

const PYTHON = newestPython().path;
const GAMMA = WHEELS.find((one) => one.project === "gamma")!;
const AUTH = { user: USER, password: MARK };

/** What the parts of a road are made of. */
interface Place {
  readonly rig: Rig;
  /** `http://127.0.0.1:<port>`, without and with the marked password. */
  readonly open: string;
  readonly secret: string;
}

interface Given {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const file = (rig: Rig, name: string, text: string) => ["-r", rig.write(name, text)];
const wheel = (base: string) => `gamma @ ${base}/files/${GAMMA.filename}`;
const KEYS = `?a=1&key=${MARK}#token=${MARK}`;
const pyproject = (line: string) => `[project]\nname = "x"\nversion = "1"\ndependencies = ["${line}"]\n`;
const pylock = (base: string) => `lock-version = "1.0"
created-by = "x"
[[packages]]
name = "gamma"
version = "1.0"
[packages.archive]
url = "${base}/files/${GAMMA.filename}"
hashes = { sha256 = "${GAMMA.sha256}" }
`;

/** A way in which a password for a package can be given: it leads to `gamma`. */
type Road = (at: Place) => Given;

const BOTH: Readonly<Record<string, Road>> = {
  "the address of a requirement": ({ secret }) => ({ args: ["--with", wheel(secret)] }),
  "the query and fragment of an address": ({ secret }) => ({ args: ["--with", `${wheel(secret)}${KEYS}`] }),
  "the query of an index": ({ secret }) => ({
    args: ["--with", "gamma", "--find-links", `${secret}/simple/gamma/${KEYS}`],
    env: { PIP_NO_INDEX: "1" },
  }),
  "an address alone": ({ secret }) => ({ args: ["--with", `${secret}/files/${GAMMA.filename}`] }),
  "a line of a requirements file": ({ rig, secret }) => ({ args: file(rig, "r.txt", wheel(secret)) }),
  "a variable in a requirements file": ({ rig, open }) => ({
    args: file(rig, "r.txt", wheel(open.replace("//", `//${USER}:\${TOKEN}@`))),
    env: { TOKEN: MARK },
  }),
  "--find-links of a requirements file": ({ rig, secret }) => ({
    args: file(rig, "r.txt", `--no-index\n--find-links ${secret}/simple/gamma/\ngamma\n`),
  }),
  "--index-url of a requirements file": ({ rig, secret }) => ({
    args: file(rig, "r.txt", `--index-url ${secret}/simple\ngamma\n`),
  }),
  "--extra-index-url of a requirements file": ({ rig, secret }) => ({
    args: file(rig, "r.txt", `--extra-index-url ${secret}/simple\ngamma\n`),
  }),
  "a requirements file at an address": ({ rig, secret }) => {
    rig.write("static/r.txt", "gamma\n");
    return { args: ["-r", `${secret}/static/r.txt`], env: { PIP_INDEX_URL: `${secret}/simple` } };
  },
  "a constraints file at an address": ({ rig, secret }) => {
    rig.write("static/c.txt", "gamma==1.0\n");
    return { args: ["--with", "gamma", "-c", `${secret}/static/c.txt`], env: { PIP_INDEX_URL: `${secret}/simple` } };
  },
  "--index-url": ({ secret }) => ({ args: ["--with", "gamma", "--index-url", `${secret}/simple`] }),
  "--extra-index-url": ({ secret }) => ({ args: ["--with", "gamma", "--extra-index-url", `${secret}/simple`] }),
  PIP_INDEX_URL: ({ secret }) => ({ args: ["--with", "gamma"], env: { PIP_INDEX_URL: `${secret}/simple` } }),
  PIP_FIND_LINKS: ({ secret }) => ({
    args: ["--with", "gamma"],
    env: { PIP_FIND_LINKS: `${secret}/simple/gamma/`, PIP_NO_INDEX: "1" },
  }),
  "the configuration": ({ rig, secret }) => {
    rig.write("../home/.config/skerry/config.toml", `index_url = "${secret}/simple"\nrequirements = ["gamma"]\n`);
    return { args: [] };
  },
  "a requirement of the configuration": ({ rig, secret }) => {
    rig.write("../home/.config/skerry/config.toml", `requirements = ["${wheel(secret)}"]\n`);
    return { args: [] };
  },
  "pip.conf": ({ rig, secret }) => {
    rig.write("../home/.config/pip/pip.conf", `[global]\nindex-url = ${secret}/simple\n`);
    return { args: ["--with", "gamma"] };
  },
  netrc: ({ rig, open }) => {
    const netrc = rig.write("../home/.netrc", `machine 127.0.0.1 login ${USER} password ${MARK}\n`, 0o600);
    return { args: ["--with", wheel(open)], env: { NETRC: netrc } };
  },
  "pyproject.toml": ({ rig, secret }) => ({ args: file(rig, "pyproject.toml", pyproject(wheel(secret))) }),
  "pylock.toml": ({ rig, secret }) => ({ args: file(rig, "pylock.toml", pylock(secret)) }),
  "a repository": ({ rig, secret }) => {
    makeRepository(join(rig.cwd, "static", "gamma"));
    return { args: ["--with", `gamma @ git+${secret}/static/gamma/.git@main`] };
  },
};

const ONLY_UV: Readonly<Record<string, Road>> = {
  "UV_INDEX with a name": ({ secret }) => ({ args: ["--with", "gamma"], env: { UV_INDEX: `own=${secret}/simple` } }),
  "UV_INDEX_…_PASSWORD": ({ open }) => ({
    args: ["--with", "gamma"],
    env: { UV_INDEX: `own=${open}/simple`, UV_INDEX_OWN_USERNAME: USER, UV_INDEX_OWN_PASSWORD: MARK },
  }),
  "uv.toml": ({ rig, secret }) => {
    rig.write("../home/.config/uv/uv.toml", `[[index]]\nurl = "${secret}/simple"\ndefault = true\n`);
    return { args: ["--with", "gamma"] };
  },
  "an override": ({ secret }) => ({ args: ["--with", "gamma", "--override", wheel(secret)] }),
};

/** All ways, for each installer. */
export const ROADS: Readonly<Record<"uv" | "pip", Readonly<Record<string, Road>>>> = {
  uv: { ...BOTH, ...ONLY_UV },
  pip: BOTH,
};

/** A repository of the project `gamma`, as a plain web server can serve it. */
function makeRepository(folder: string): void {
  for (const [path, bytes] of Object.entries(projectFiles({ name: "gamma", version: "1.0" }))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  for (const args of [["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["update-server-info"]])
    git(folder, ...args);
}

/** Variables that take the machine's own index away, and the caches of other tests. */
function apart(rig: Rig): Record<string, string> {
  const none = Object.fromEntries(
    Object.keys(rig.env)
      .filter((name) => /^(PIP|UV)_.*(INDEX|FIND_LINKS)/.test(name))
      .map((name) => [name, ""]),
  );
  return { ...none, UV_CACHE_DIR: join(rig.root, "uv"), PIP_NO_CACHE_DIR: "1", PIP_RETRIES: "0", UV_HTTP_RETRIES: "0" };
}

function placeOf(rig: Rig, index: Pick<TestIndex, "url">): Place {
  const open = index.url.replace("/simple", "");
  return { rig, open, secret: open.replace("//", `//${USER}:${MARK}@`) };
}

/** What was told and kept after all that was run must have no mark in it. */
async function expectClean(
  rig: Rig,
  runs: readonly Awaited<ReturnType<typeof runWatched>>[],
  env: Record<string, string>,
) {
  const words = [
    ["show", "web", "--json"],
    ["show", "web", "--history"],
    ["ls", "--json"],
    ["events", "--json"],
    ["packages", "web", "--json"],
    ["lock", "web"],
    ["doctor", "--json"],
  ];
  for (const args of words) runs = [...runs, await runWatched(rig, args, env)];
  const told = runs.flatMap(({ outcome, shown }) => [...marksIn(outcome.stdout + outcome.stderr), ...shown]);
  expect({ told, kept: markedFiles(rig.home) }).toEqual({ told: [], kept: [] });
}

/** Makes an environment and uses it, with a password that is given this way: it is neither kept nor shown. */
export async function expectUnseen(installer: "uv" | "pip", road: string): Promise<void> {
  await using rig = await Rig.make();
  await using index = await startIndex({
    distributions: WHEELS,
    auth: AUTH,
    folder: join(rig.cwd, "static"),
    delayMs: 30,
  });
  const { args, env: more } = ROADS[installer][road]!(placeOf(rig, index));
  const env = { ...apart(rig), ...more };
  const created = await runWatched(rig, ["create", "web", "--python", PYTHON, "--installer", installer, ...args], env);
  expect(created.outcome).toMatchObject({ exitCode: 0 });
  const ran = await runWatched(rig, ["exec", "web", "--", "python", "-c", "import gamma"], env);
  expect(ran.outcome).toMatchObject({ exitCode: 0 });
  await expectClean(rig, [created, ran], env);
}
