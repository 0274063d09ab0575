import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, completeWords } from "../../src/cli/completion/complete.ts";
import { completionScript, SHELLS_COMPLETED } from "../../src/cli/completion/scripts.ts";
import { BUILT_IN_ENGINES } from "../../src/engines/registry.ts";
import { type Outcome, Rig, SKERRY } from "../rig/rig.ts";

const words = async (line: string, names: readonly string[] = ["api", "web"]) => {
  const answer = await completeWords(line.split(" "), async () => names);
  return { words: answer.words.map(({ word }) => word), otherwise: answer.otherwise };
};

describe("the words that can stand at the end of a line", () => {
  test.each<[string, string[], Answer["otherwise"]]>([
    ["ver", ["version"], "none"],
    ["--ver", ["--verbose", "--version"], "none"],
    ["--home /x ls --c", ["--cached"], "none"],
    ["exec w", ["web"], "none"],
    ["exec ", ["api", "web"], "none"],
    ["rm api ", ["api", "web"], "none"],
    ["exec web ", [], "command 2"],
    ["exec web -- py", [], "command 3"],
    ["exec web python --j", [], "command 2"],
    ["run --with x py", [], "command 3"],
    ["run --installer ", ["auto", "uv", "pip"], "none"],
    ["run --installer=u", ["--installer=uv"], "none"],
    ["run -r ", [], "files"],
    ["run -qr ", [], "files"],
    ["run --with ", [], "none"],
    ["run --with requests --wi", ["--with"], "none"],
    ["run --offline --off", [], "none"],
    ["create --prefix ", [], "folders"],
    ["create --engine ", Object.keys(BUILT_IN_ENGINES), "none"],
    ["config get ttl", ["ttl"], "none"],
    ["create --python 3.1", ["3.14", "3.13", "3.12", "3.11", "3.10"], "files"],
    ["python f", ["find"], "none"],
    ["help exe", ["exec"], "none"],
    ["completion ", ["bash", "zsh", "fish"], "none"],
    ["ls ", [], "none"],
    ["nonsense ", [], "none"],
  ])("skerry %s", async (line, expected, otherwise) => {
    expect(await words(line)).toEqual({ words: expected, otherwise });
  });

  test("are asked of the state folder that --home names", async () => {
    const asked: (string | undefined)[] = [];
    for (const line of ["exec ", "--home /a exec ", "exec --home=/b "]) {
      await completeWords(line.split(" "), async (home) => {
        asked.push(home);
        return [];
      });
    }
    expect(asked).toEqual([undefined, "/a", "/b"]);
  });
});

test("asking for words makes no state folder and never fails", async () => {
  await using rig = await Rig.make();
  expect(await rig.skerry(["__complete", "--", "exec", ""])).toEqual({ exitCode: 0, stdout: ":none\n", stderr: "" });
  expect(existsSync(rig.home)).toBe(false);
});

test("environments are those of the state folder that a file names, a project's own once it is trusted", async () => {
  await using rig = await Rig.make();
  const env = { SKERRY_HOME: undefined };
  const words = async () => (await rig.skerry(["__complete", "--", "exec", ""], { env })).stdout.trim().split("\n");
  for (const [file, name] of [
    ["../home/.config/skerry/config.toml", "theirs"],
    ["skerry.toml", "ours"],
  ] as const) {
    rig.write(file, `home = "state-${name}"\n`);
    if (name === "ours") {
      expect(await words()).toEqual([":files"]);
      await rig.skerry(["trust", "--yes"], { env });
    }
    expect(await rig.skerry(["create", name, "--engine", "basic"], { env })).toMatchObject({ exitCode: 0 });
    expect(await words()).toEqual([":none", name]);
  }
});

for (const shell of SHELLS_COMPLETED) {
  // Every machine that runs all tests has all three; elsewhere one may be missing.
  describe.skipIf(!Bun.which(shell) && !process.env.CI)(`in ${shell}`, () => {
    test("the code is well formed", async () => {
      await using rig = await Rig.make();
      const file = rig.write("completion", completionScript(shell));
      expect(await rig.run([shell, "-n", file])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    });

    test.each([
      ["skerry cre", ["create"]],
      ["skerry --home=/nowhere cre", ["create"]],
      ["skerry run --inst", ["--installer"]],
      ["skerry run --installer ", ["auto", "pip", "uv"]],
      ["skerry run -r req", ["requirements file.txt", "requirements.txt"]],
      ["skerry -C fol", ["folder"]],
      ["skerry exec web -- onlyhe", ["onlyhere"]],
    ])("%s is completed", async (line, expected) => {
      await using rig = await Rig.make();
      expect(await complete(rig, shell, line)).toEqual(expected);
    });

    test("a value behind = is completed", async () => {
      await using rig = await Rig.make();
      // What a shell answers is put behind the `=` (bash) or in place of the whole word (zsh, fish).
      expect(await complete(rig, shell, "skerry run --installer=p")).toEqual([
        shell === "bash" ? "pip" : "--installer=pip",
      ]);
    });
  });
}

/** What a shell offers for a line, sorted, without trailing slashes and descriptions. */
async function complete(rig: Rig, shell: string, line: string): Promise<string[]> {
  const bin = join(rig.root, "bin");
  mkdirSync(bin);
  symlinkSync(SKERRY, join(bin, "skerry"));
  rig.write("requirements.txt", "");
  rig.write("requirements file.txt", "");
  mkdirSync(join(rig.cwd, "folder"));
  rig.write("../bin/onlyhere", "#!/bin/sh\n", 0o755);
  const script = rig.write("../completion", completionScript(shell as "bash"));
  const path = `${bin}:${rig.env.PATH}`;
  const outcome = await (shell === "zsh"
    ? inZsh(rig, script, line, path)
    : rig.run(driver(shell, script, line), { env: { PATH: path } }));
  expect(outcome.stderr).toBe("");
  const plain = outcome.stdout
    .split("\n")
    .map((one) => one.replace(/\t.*/, "").replace(/\\ /g, " ").replace(/\/$/, ""));
  return [...new Set(plain.filter(Boolean))].sort();
}

function driver(shell: string, script: string, line: string): [string, ...string[]] {
  if (shell === "fish") return ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line];
  // As bash itself does before it calls a completion function.
  const ask = `
    source "$1"; COMP_LINE=$2; COMP_POINT=\${#COMP_LINE}
    read -ra COMP_WORDS <<< "\${COMP_LINE//=/ = }"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); compopt() { :; }
    _skerry; ((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"; true`;
  return ["bash", "--norc", "-c", ask, "bash", script, line];
}

/** zsh completes only in its line editor: on a terminal, with Tab typed, and a `compadd` that notes what is offered. */
async function inZsh(rig: Rig, script: string, line: string, path: string): Promise<Outcome> {
  const offers = join(rig.root, "offers");
  const setup = `autoload -Uz compinit; compinit -u -D; source "$COMPLETION"; PS1='READY>'; setopt no_beep
    compadd() { local -a got; builtin compadd -O got "$@"; (( \${#got} )) && print -rl -- $got >> "$OFFERS"; builtin compadd "$@" }
    noted() { zle expand-or-complete; print -r -- END >> "$OFFERS" }; zle -N noted; bindkey '^I' noted`;
  rig.write("../zsh/.zshrc", setup);
  const zsh = rig.start(["zsh", "-i"], {
    tty: true,
    env: { PATH: path, ZDOTDIR: join(rig.root, "zsh"), COMPLETION: script, OFFERS: offers },
  });
  await zsh.until(/READY>/);
  zsh.type(`${line}\t`);
  while (!existsSync(offers) || !readFileSync(offers, "utf8").endsWith("END\n")) await sleep(20);
  zsh.type("\x15exit\n");
  await zsh.exit;
  return { exitCode: 0, stdout: readFileSync(offers, "utf8").replace(/END\n/g, ""), stderr: "" };
}
