import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { Rig } from "../rig/rig.ts";
import { repository, task, trust } from "../tasks/project.ts";

/** Fails where another one is at it; notes who it runs for. */
const PLAYBOOK = `- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: alone
      ansible.builtin.command: mkdir {{ playbook_dir }}/busy
    - name: a while
      ansible.builtin.pause: { seconds: 1 }
    - name: noted
      ansible.builtin.shell: echo {{ who | default("nobody") }} >> {{ playbook_dir }}/log
    - name: done
      ansible.builtin.command: rmdir {{ playbook_dir }}/busy
`;

test("Ansible of PyPI sets up what worktrees share, from two at once one after another", async () => {
  await using rig = await Rig.ordinary();
  const ignored = { ".gitignore": ".worktree_config.json\nlog\n" };
  const folders = repository(rig, { "ansible/site.yml": PLAYBOOK, ...ignored }, "one", "two");
  const [one] = folders as [string, string];
  await rig.skerry(["worktree", "global-setup"], { cwd: one });
  await trust(rig, one);

  // The home that the operating system knows of who runs this may not be there.
  const env = { ANSIBLE_REMOTE_TEMP: rig.tmp };
  const all = await Promise.all(
    folders.map((cwd) => task(rig, ["ansible-setup", "--", "-e", `who=${cwd}`], { cwd, env, timeout: 400_000 })),
  );
  for (const { exitCode, stdout, stderr } of all) {
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(/localhost +: ok=4 +changed=3 .*failed=0/);
  }
  const log = readFileSync(join(rig.cwd, "main/ansible/log"), "utf8");
  expect(log.trim().split("\n").sort()).toEqual([...folders].sort());

  // One environment served both, and neither worktree has anything of it.
  const { environments } = JSON.parse((await rig.skerry(["ls", "--cached", "--json"])).stdout);
  expect(environments.length).toBe(1);
  for (const cwd of folders) expect(git(cwd, "status", "--porcelain", "--ignored")).toBe("!! .worktree_config.json");

  // A playbook by its own name, and the status of one that fails.
  const by = await task(rig, ["ansible:site", "--", "--syntax-check"], { cwd: one, env, timeout: 60_000 });
  expect(by).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("site.yml") });
  rig.write("main/ansible/busy/x", "");
  expect((await task(rig, ["ansible:site"], { cwd: one, env, timeout: 60_000 })).exitCode).toBe(2);
}, 600_000);
