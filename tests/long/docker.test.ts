import { describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../git/repository.ts";
import { type Outcome, Rig } from "../rig/rig.ts";

/** A daemon that this user may ask. Continuous integration starts one. */
const hasDocker = Bun.spawnSync(["sh", "-c", "docker info >/dev/null 2>&1"]).exitCode === 0;
/** A program that needs nothing of an image. */
const BUSYBOX = "/bin/busybox";

describe.skipIf(!hasDocker && !process.env.CI)("docker", () => {
  test("is used by the tasks of every worktree, and its state is one", async () => {
    await using rig = await Rig.make();
    const main = join(rig.cwd, "shop");
    const project = `skerry-test-${process.pid}`;
    rig.write(
      "shop/docker/compose.yaml",
      `version: "3"\nservices:\n  web:\n    image: ${project}\n    build: .\n    container_name: ${project}\n`,
    );
    rig.write("shop/docker/Dockerfile", 'FROM scratch\nCOPY busybox /busybox\nCMD ["/busybox", "sleep", "60"]\n');
    rig.write("shop/.gitignore", ".worktree_config.json\n");
    copyFileSync(BUSYBOX, join(main, "docker/busybox"));
    git(main, "init", "-q");
    git(main, "add", "-A");
    git(main, "commit", "-qm", "begin");
    const trees = ["one", "two"].map((name) => join(rig.cwd, name)) as [string, string];
    for (const tree of trees) git(main, "worktree", "add", "-q", "--detach", tree);
    const skerry = async (cwd: string, ...args: string[]): Promise<Outcome> => {
      const outcome = await rig.skerry(args, { cwd, timeout: 120_000 });
      if (outcome.exitCode !== 0) throw new Error(`skerry ${args.join(" ")}: ${outcome.stdout}${outcome.stderr}`);
      return outcome;
    };
    const [one, two] = trees;
    await skerry(one, "worktree", "global-setup");
    await skerry(one, "trust", "--yes");
    const running = () => rig.run(["docker", "ps", "-q", "--filter", `name=${project}`]);
    try {
      await skerry(one, "task", "docker:compose", "--", "up", "-d", "--build");
      expect((await running()).stdout).toMatch(/^[0-9a-f]+\n$/);
      expect((await skerry(two, "task", "docker-status")).stdout).toContain(project);
      await skerry(two, "task", "docker:compose", "--", "down", "-t", "0", "--rmi", "all");
      expect((await running()).stdout).toBe("");
    } finally {
      await rig.run(["docker", "rm", "-f", project]);
      await rig.run(["docker", "image", "rm", "-f", project]);
    }
  }, 180_000);
});
