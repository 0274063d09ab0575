import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp, program, temporaryFolder } from "./support.ts";

afterEach(cleanUp);
/** How a shell script calls the program that replaces itself. */
const SELF = `'${process.execPath}' '${program("replace")}'`;

async function bash(script: string, env: Record<string, string> = {}) {
  const child = Bun.spawn(["bash", "-c", script], {
    env: { PATH: process.env.PATH!, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { stdout, stderr, exitCode: await child.exited };
}

describe("replacing the process", () => {
  test("1 MB arrives whole through a slow pipe, though something was written before", async () => {
    const say = "x".repeat(300_000);
    const writer = `import os; d=b'y'*1_000_000
n=0
while n<len(d): n+=os.write(1,d[n:n+65536])`;
    const slow = `import sys,time; time.sleep(.5); d=sys.stdin.buffer.read(); print(len(d), d.count(b'y'))`;
    const { stdout, stderr } = await bash(`${SELF} /usr/bin/env python3 -c "${writer}" | python3 -c "${slow}"`, {
      SAY_FIRST: say.slice(0, 100_000),
    });
    expect({ stdout, stderr }).toEqual({ stdout: "1100000 1000000\n", stderr: "" });
  });

  test("yes | head ends yes by SIGPIPE", async () => {
    const { stdout } = await bash(`set -o pipefail; ${SELF} /usr/bin/env yes | head -1; echo "\${PIPESTATUS[0]}"`);
    expect(stdout).toBe("y\n141\n");
  });

  test.skipIf(process.platform !== "linux")(
    "the program starts with no signal ignored or blocked and no descriptor more",
    async () => {
      // Not Python: it ignores SIGPIPE and SIGXFSZ itself.
      const ask = `/bin/sh -c 'grep -E "Sig(Ign|Blk)" /proc/self/status; ls /proc/self/fd'`;
      const { stdout } = await bash(`${SELF} ${ask}`);
      const direct = await bash(ask);
      expect(stdout).toContain("SigIgn");
      expect(stdout).toBe(direct.stdout);
    },
  );

  test("keeps the pid, the working folder and the variables", async () => {
    const { stdout } = await bash(`cd /usr; ${SELF} /bin/sh -c 'echo $$ $PWD $MARK' & echo $!; wait`, { MARK: "kept" });
    const [first, second] = stdout
      .trim()
      .split("\n")
      .sort((a, b) => a.length - b.length);
    expect(second).toBe(`${first} /usr kept`);
  });

  test("a program that can't be executed: 127 and 126 as in a shell, one line on standard error", async () => {
    const folder = temporaryFolder();
    const put = (name: string, text: string, mode: number) => writeFileSync(join(folder, name), text, { mode });
    put("plain", "x", 0o644);
    put("orphan", "#!/no/such/interpreter\n", 0o755);
    put("binary", "\x7fELF\0\0nonsense", 0o755);
    for (const [name, status, message] of [
      ["missing", 127, /there is no such program\n$/],
      ["orphan", 127, /the interpreter that its first line names doesn't exist\n$/],
      ["plain", 126, /ermission denied.*\n$/],
      ["binary", 126, /isn't a program of this platform\n$/],
      [".", 126, /^Could not execute .*\n$/],
    ] as const) {
      const { exitCode, stderr } = await bash(`${SELF} ${join(folder, name)}`);
      expect(stderr).toMatch(message);
      expect(stderr.split("\n").length).toBe(2);
      expect(exitCode).toBe(status);
    }
  });

  test("a script without a first line for the kernel is run by the shell", async () => {
    const script = join(temporaryFolder(), "script");
    writeFileSync(script, "echo $0 $1\n", { mode: 0o755 });
    expect(await bash(`${SELF} ${script} one`)).toMatchObject({ stdout: `${script} one\n`, exitCode: 0 });
  });
});

describe("writing synchronously", () => {
  const write = `import { writeOut } from '${join(import.meta.dirname, "../../src/platform/stdio.ts")}'; writeOut('x'.repeat(1_000_000)); writeOut('end')`;

  test("waits for a slow reader of a non-blocking pipe", async () => {
    const outer = `import os,subprocess,sys,time
r,w=os.pipe(); os.set_blocking(w,False)
p=subprocess.Popen(sys.argv[1:],stdout=w); os.close(w); time.sleep(.5)
d=b''
while c:=os.read(r,65536): d+=c
print(len(d), d[-3:].decode(), p.wait())`;
    const child = Bun.spawn(["python3", "-c", outer, process.execPath, "-e", write], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("1000003 end 0\n");
  });

  test("ends quietly when the reader is gone", async () => {
    const { stdout, stderr } = await bash(`'${process.execPath}' -e "${write}" | head -c 1; echo " \${PIPESTATUS[0]}"`);
    expect({ stdout, stderr }).toEqual({ stdout: "x 141\n", stderr: "" });
  });
});
