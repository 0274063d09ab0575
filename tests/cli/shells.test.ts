import { describe, expect, test } from "bun:test";
import { SKERRY } from "../rig/rig.ts";
import { rigWithWeb } from "./setup.ts";

/** Each shell: how it reads code from a program, and the user's own start-up file. */
const SHELLS = [
  { shell: "bash", activate: 'eval "$("$SKERRY" activate web)"', rc: ".bashrc" },
  { shell: "zsh", activate: 'eval "$("$SKERRY" activate web)"', rc: ".zshrc" },
  { shell: "fish", activate: '"$SKERRY" activate web | source', rc: ".config/fish/config.fish" },
] as const;

for (const { shell, activate, rc } of SHELLS) {
  // Every machine that runs all tests has all three; elsewhere one may be missing.
  describe.skipIf(!Bun.which(shell) && !process.env.CI)(shell, () => {
    test("enters an environment by activate, which sees what shell it is, and leaves it by deactivate", async () => {
      await using rig = await rigWithWeb();
      const file = rig.write(
        "script",
        `${activate}\ncommand -v python\necho "in $SKERRY_ENV"\ndeactivate\necho "out $SKERRY_ENV"\n`,
      );
      const { stdout, stderr } = await rig.run([shell, file], { env: { SKERRY, SHELL: "/bin/sh" } });
      expect({ stdout, stderr }).toEqual({
        stdout: expect.stringMatching(new RegExp(`^${rig.home}/envs/\\w+/.*bin/python\nin web\nout \n$`)),
        stderr: "",
      });
    });

    test("starts inside an environment, after the user's own start-up file, with the name in the prompt", async () => {
      await using rig = await rigWithWeb();
      const own =
        shell === "fish" ? "set -gx PATH /usr/bin $PATH; set -gx OWN yes" : "PATH=/usr/bin:$PATH; export OWN=yes";
      rig.write(`../home/${rc}`, `${own}\n`);
      const program = rig.start([SKERRY, "shell", "web", "--shell", shell], { tty: true });
      await program.until(/\(web\) /);
      program.type('echo "got $OWN $SKERRY_ENV" (which python)\n'.replace("(", shell === "fish" ? "(" : "$("));
      await program.until(/got yes web \S+\/envs\/\w+\/\S*bin\/python/);
      program.type("exit 9\n");
      expect((await program.exit).exitCode).toBe(9);
    });
  });
}

test("a shell without start-up files of its own gets the variables", async () => {
  await using rig = await rigWithWeb();
  const { stdout } = await rig.skerry(["shell", "web", "--shell", "sh"], { input: 'echo "$SKERRY_ENV"; exit 4\n' });
  expect(stdout).toBe("web\n");
});

test("a shell that nobody knows can't be activated for", async () => {
  await using rig = await rigWithWeb();
  const outcome = await rig.skerry(["activate", "web", "--shell", "elvish"]);
  expect(outcome).toMatchObject({ exitCode: 2, stdout: "" });
});
