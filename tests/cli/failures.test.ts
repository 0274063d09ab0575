import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WHEELS } from "../environments/setup.ts";
import { startIndex } from "../rig/index.ts";
import { FORMS, MARK, markedFiles, marksIn, runWatched, USER } from "../rig/marked.ts";
import { newestPython, Rig } from "../rig/rig.ts";
import { projectFiles } from "../rig/wheel.ts";

const PYTHON = newestPython().path;
/** With what has to be encoded in an address, and what others encode otherwise. */
const PASSWORD = `a/b@${MARK}+%:`;
const ENCODED = encodeURIComponent(PASSWORD);
const CLOSED = `http://${USER}:${ENCODED}@127.0.0.1:1`;
const GAMMA = WHEELS.find((one) => one.project === "gamma")!.filename;

/** A build that fails, and tells each variable with a password, and what files named by variables have of it. */
const TELLER = `
import os, sys
FORMS = ${JSON.stringify(FORMS)}
def tell(where, text):
    for line in text.splitlines():
        if any(form in line for form in FORMS):
            print("told", where, line, file=sys.stderr)
def build_wheel(*_args, **_options):
    for name, value in os.environ.items():
        tell(name, value)
        if os.path.isfile(value):
            with open(value, errors="replace") as file:
                tell(value, file.read())
    raise RuntimeError("fails on purpose")
build_editable = build_wheel
`;

interface Place {
  readonly rig: Rig;
  readonly open: string;
  /** The index's address with the password, and with a wrong one. */
  readonly right: string;
  readonly wrong: string;
}

interface Failing {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it says, so that it failed for the reason that is meant. */
  readonly says: RegExp;
}

const REFUSED = /refused access|could not be reached|401|403/;
const TOLD = /fails on purpose/;
const teller = ({ rig }: Place) => `teller @ file://${rig.cwd}/teller`;
const repository = (base: string) => `gamma @ git+${base}/static/none.git@main`;

/** How getting packages fails where a password is in play. */
const FAILURES: Readonly<Record<string, (at: Place) => Failing>> = {
  "an index refuses the password": ({ wrong }) => ({
    args: ["--with", "gamma", "--index-url", `${wrong}/simple`],
    says: REFUSED,
  }),
  "an index of a variable refuses it": ({ wrong }) => ({
    args: ["--with", "gamma"],
    env: { PIP_INDEX_URL: `${wrong}/simple` },
    says: REFUSED,
  }),
  "a wheel's address refuses it": ({ wrong }) => ({
    args: ["--with", `gamma @ ${wrong}/files/${GAMMA}`],
    says: REFUSED,
  }),
  "a page of links refuses it": ({ right, wrong }) => ({
    args: ["--with", "gamma", "--find-links", `${wrong}/simple/gamma/`, "--index-url", `${right}/none`],
    says: /gamma/,
  }),
  "a requirements file's address refuses it": ({ wrong }) => ({
    args: ["-r", `${wrong}/static/r.txt`],
    says: /r\.txt/,
  }),
  "netrc has a wrong one": ({ rig, open }) => ({
    args: ["--with", `gamma @ ${open}/files/${GAMMA}`],
    env: { NETRC: rig.write("../home/.netrc", `machine 127.0.0.1 login ${USER} password ${MARK}\n`, 0o600) },
    says: REFUSED,
  }),
  "an index has no such package": ({ right }) => ({
    args: ["--with", "nothing", "--index-url", `${right}/simple`],
    says: /no package called nothing/,
  }),
  "packages exclude each other": ({ right }) => ({
    args: ["--with", "alpha==2.0", "--with", "beta<2", "--index-url", `${right}/simple`],
    says: /exclude each other/,
  }),
  "a build tells what it is given": (at) => ({
    args: ["--with", teller(at), "--with", repository(at.right), "--index-url", `${at.right}/simple`],
    says: /./,
  }),
  "a build tells an index": (at) => ({
    args: ["--with", teller(at)],
    env: { PIP_INDEX_URL: `${at.right}/simple` },
    says: TOLD,
  }),
  "a build tells a proxy": (at) => ({
    args: ["--with", teller(at)],
    env: { FTP_PROXY: CLOSED },
    says: /told FTP_PROXY http:..\*\*\*\*@/,
  }),
  "a repository can't be cloned": ({ right }) => ({
    args: ["--with", repository(right)],
    says: /repository could not be read/,
  }),
  "a repository refuses the password": ({ wrong }) => ({
    args: ["--with", repository(wrong)],
    says: /repository could not be read/,
  }),
  "a repository can't be reached": () => ({
    args: ["--with", `gamma @ git+${CLOSED}/none.git`],
    says: /repository could not be read/,
  }),
  ...Object.fromEntries(
    ["hg", "svn", "bzr"].map((vcs) => [
      `a repository of ${vcs} would show it`,
      ({ right }: Place) => ({
        args: ["--with", `gamma @ ${vcs}+${right}/static/none`],
        says: /would be shown to all who list processes/,
      }),
    ]),
  ),
  "a slash in the password isn't encoded": () => ({
    args: ["--with", "gamma", "--index-url", `http://${USER}:a/${MARK}@127.0.0.1:1/simple`],
    says: /gamma/,
  }),
  "nor in a wheel's address": () => ({
    args: ["--with", `gamma @ http://${USER}:a/${MARK}@127.0.0.1:1/${GAMMA}`],
    says: /gamma/,
  }),
  "a space in it isn't": () => ({
    args: ["--with", "gamma", "--index-url", `http://${USER}:a ${MARK}@127.0.0.1:1/simple`],
    says: /expected an http/,
  }),
  "a line has an option that there isn't": ({ rig, right }) => ({
    args: ["-r", rig.write("bad.txt", `--indx-url ${right}/simple\ngamma\n`)],
    says: /bad\.txt/,
  }),
  "a proxy can't be reached": ({ open }) => ({
    args: ["--with", `gamma @ ${open}/files/${GAMMA}`],
    env: { HTTP_PROXY: CLOSED, http_proxy: CLOSED, NO_PROXY: "", no_proxy: "" },
    says: /gamma/,
  }),
};

/** What tells afterwards. */
const VERBS: readonly (readonly string[])[] = [
  ["show", "web", "--json"],
  ["show", "web", "--history"],
  ["ls", "--json"],
  ["events", "--json"],
  ["events"],
  ["packages", "web", "--json"],
  ["check", "web", "--json"],
  ["lock", "web", "--json"],
  ["config", "show", "--json"],
  ["doctor", "--json"],
  ["clone", "web", "copy", "--json"],
  ["repair", "web", "--json"],
  ["gc", "--json"],
];

function writeTeller(folder: string): void {
  for (const [path, bytes] of Object.entries(projectFiles({ name: "teller", version: "1.0", failing: "" }))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith("backend.py") ? TELLER : bytes);
  }
}

test.each(["uv", "pip"])(
  "no failure (%s) tells or keeps a password",
  async (installer) => {
    await using rig = await Rig.make();
    const auth = { user: USER, password: PASSWORD };
    await using index = await startIndex({ distributions: WHEELS, auth, folder: join(rig.cwd, "static") });
    const open = index.url.replace("/simple", "");
    const [right = "", wrong = ""] = [ENCODED, `${ENCODED}no`].map((password) =>
      open.replace("//", `//${USER}:${password}@`),
    );
    writeTeller(join(rig.cwd, "teller"));
    const env = {
      ...Object.fromEntries(
        [
          "PIP_INDEX_URL",
          "PIP_EXTRA_INDEX_URL",
          "PIP_FIND_LINKS",
          "UV_DEFAULT_INDEX",
          "UV_INDEX_URL",
          "UV_INDEX",
          "UV_EXTRA_INDEX_URL",
          "UV_FIND_LINKS",
        ].map((name) => [name, ""]),
      ),
      UV_CACHE_DIR: join(rig.root, "uv"),
      PIP_NO_CACHE_DIR: "1",
      PIP_RETRIES: "0",
      UV_HTTP_RETRIES: "0",
    };
    const making = ["create", "web", "--python", PYTHON, "--installer", installer, "--secret", "API_TOKEN"];
    expect(await rig.skerry(making, { env })).toMatchObject({ exitCode: 0 });

    const found: unknown[] = [];
    const run = async (what: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
      const { outcome, shown } = await runWatched(rig, args, { ...env, ...more });
      const said = outcome.stdout + outcome.stderr;
      const marks = [...marksIn(said), ...shown];
      if (marks.length > 0) found.push({ what, marks, said });
      return { exitCode: outcome.exitCode, said };
    };
    let count = 0;
    for (const [what, failing] of Object.entries(FAILURES)) {
      const { args, env: more, says } = failing({ rig, open, right, wrong });
      const isInstall = count++ % 2 === 1;
      const verb = isInstall
        ? ["install", "web"]
        : ["create", `made-${count}`, "--python", PYTHON, "--installer", installer];
      const given = isInstall ? args.filter((word) => word !== "--with") : args;
      const { exitCode, said } = await run(what, [...verb, ...given, ...(count % 4 < 2 ? ["--json"] : [])], more);
      expect({ what, exitCode, said }).toEqual({
        what,
        exitCode: expect.any(Number),
        said: expect.stringMatching(says),
      });
      expect({ what, exitCode }).not.toEqual({ what, exitCode: 0 });
    }
    const secret = await run("a build tells a secret", ["install", "web", `${rig.cwd}/teller`], {
      API_TOKEN: PASSWORD,
    });
    expect(secret.said).toContain("told API_TOKEN ****");
    for (const verb of VERBS) await run(verb.join(" "), verb);
    expect({ found, kept: markedFiles(rig.home) }).toEqual({ found: [], kept: [] });
  },
  300_000,
);
