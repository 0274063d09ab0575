import { describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { writeBlock } from "../../src/worktrees/marked-block.ts";
import { git } from "../git/repository.ts";
import { Rig, SKERRY } from "../rig/rig.ts";
import { Shop } from "./shop.ts";

const read = (...path: string[]) => readFileSync(join(...path), "utf8");

describe("files that git doesn't bring", () => {
  test("are copied where .worktreeinclude names them, and nothing that is there is replaced", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, {
      ".worktreeinclude": "*.env\n/certs/\n!secret.env\n",
      ".gitignore": "*.env\ncerts/\n__pycache__/\n",
    });
    shop.commit(shop.main);
    shop.write(shop.main, {
      "a.env": "A=1\n",
      "deep/b.env": "B=1\n",
      "secret.env": "S=1\n",
      "certs/x.pem": "x\n",
      other: "",
    });
    symlinkSync("/etc/passwd", join(shop.main, "link.env"));
    const feature = shop.add("feature");
    shop.write(feature, { "a.env": "A=mine\n" });
    const { carried } = await shop.json<{ carried: object }>(feature, ["init"]);
    expect(carried).toEqual({
      copied: ["certs/x.pem", "deep/b.env"],
      linked: [],
      notes: ["not copied: link.env is no regular file of the main checkout"],
    });
    expect([read(feature, "a.env"), read(feature, "deep/b.env")]).toEqual(["A=mine\n", "B=1\n"]);
    expect(["secret.env", "other", "link.env"].filter((name) => existsSync(join(feature, name)))).toEqual([]);
  });

  test("don't get out of the worktree through a link in it", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { ".worktreeinclude": "*.env\n", ".gitignore": "*.env\n" });
    symlinkSync(shop.rig.tmp, join(shop.main, "out"));
    shop.commit(shop.main);
    const feature = shop.add("feature");
    rmSync(join(shop.main, "out"));
    shop.write(shop.main, { "out/x.env": "" });
    const { notes } = await shop.json<{ notes: string[] }>(feature, ["init"]);
    expect(notes).toEqual(["not copied: out/x.env would lie outside of the worktree"]);
    expect(existsSync(join(shop.rig.tmp, "x.env"))).toBe(false);
  });

  test("are shared through links where the configuration says so, and git sees none of them", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { "skerry.toml": 'worktree_links = ["data", "gone", "src"]\n' });
    shop.commit(shop.main);
    shop.write(shop.main, { "data/set.csv": "1\n" });
    const feature = shop.add("feature");
    for (const _ of [1, 2]) {
      const { carried } = await shop.json<{ carried: object }>(feature, ["init"]);
      expect(carried).toEqual({
        copied: [],
        linked: ["data"],
        notes: ["not linked: the main checkout has no gone of its own", "not linked: src is there already"],
      });
    }
    expect(lstatSync(join(feature, "data")).isSymbolicLink()).toBe(true);
    expect(read(feature, "data/set.csv")).toBe("1\n");
    expect(git(feature, "status", "--porcelain")).toBe("");
    git(shop.main, "worktree", "remove", feature);
    expect(read(shop.main, "data/set.csv")).toBe("1\n");
  });

  test("are links that lead nowhere else", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { "skerry.toml": 'worktree_links = ["out"]\n' });
    symlinkSync("/etc", join(shop.main, "out"));
    shop.write(shop.main, { ".gitignore": "out\n" });
    shop.commit(shop.main);
    const feature = shop.add("feature");
    expect(await shop.json(feature, ["init"])).toMatchObject({ carried: { linked: [] } });
    writeFileSync(join(feature, "skerry.toml"), 'worktree_links = ["../shop"]\n');
    expect((await shop.worktree(feature, ["init"])).exitCode).toBe(5);
  });
});

describe("values of a worktree's own", () => {
  test("are written into its dotenv file, and the rest of that stays", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, {
      "skerry.toml":
        '[worktree_values]\nPORT = "{port:8000}"\nDATABASE = "shop_{worktree}"\nURL = "http://x/?a={branch}&n={number}"\n',
    });
    shop.commit(shop.main);
    const [one, two] = [shop.add("one", "fix/It's"), shop.add("two-2")];
    shop.write(one, { ".env": "KEY=1" });
    for (const folder of [shop.main, one, two]) await shop.json(folder, ["init"]);
    expect(read(one, ".env")).toBe(
      "KEY=1\n# >>> skerry worktree >>>\nPORT=8001\nDATABASE=shop_one\nURL='http://x/?a=fix_it_s&n=1'\n# <<< skerry worktree <<<\n",
    );
    const values = (folder: string) => /PORT=\d+\nDATABASE=\w+/.exec(read(folder, ".env"))?.[0];
    expect([values(shop.main), values(two)]).toEqual([
      "PORT=8000\nDATABASE=shop_shop",
      "PORT=8002\nDATABASE=shop_two_2",
    ]);
    expect((await shop.run(two, ["git", "status", "--porcelain"])).stdout).toBe("");
    // The number of one that is gone is free again.
    git(shop.main, "worktree", "remove", "--force", one);
    await shop.worktree(shop.main, ["prune"]);
    const three = shop.add("three");
    await shop.json(three, ["init"]);
    expect(values(three)).toBe("PORT=8001\nDATABASE=shop_three");
  });

  test("are refused where they stand for nothing", async () => {
    await using shop = await Shop.make();
    for (const place of ["{prot:8000}", "{constructor}", "{__proto__}"]) {
      shop.write(shop.main, { "skerry.toml": `[worktree_values]\nPORT = "${place}"\n` });
      const { exitCode, stderr } = await shop.worktree(shop.main, ["init"]);
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`PORT has ${place}, which stands for nothing`),
      });
    }
  });

  test("stand in a block that can be written again and taken out", async () => {
    await using rig = await Rig.make();
    const file = join(rig.tmp, "f");
    const lines = fc.array(fc.stringMatching(/^[A-Z]{1,5}=[a-z]{0,5}$/), { maxLength: 4 });
    fc.assert(
      fc.property(fc.stringMatching(/^([a-z ]{0,8}\n){0,4}$/), lines, lines, (text, first, second) => {
        writeFileSync(file, text);
        writeBlock(dirname(file), file, first);
        writeBlock(dirname(file), file, second);
        expect(writeBlock(dirname(file), file, second)).toBe(false);
        writeBlock(dirname(file), file, []);
        expect(readFileSync(file, "utf8")).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

describe("global-setup", () => {
  test("tells every worktree where the repository's infrastructure is", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, {
      "ansible/site.yml": "- hosts: localhost\n",
      "ansible/inventory.yml": "",
      "docker/Dockerfile": "FROM scratch\n",
      "compose.yaml": "services: {}\n",
      "scripts/backup": "#!/bin/sh\n",
      "scripts/README": "",
      "ops/playbooks/db.yml": "- hosts: localhost\n",
      "skerry.toml": 'worktree_infrastructure = ["ops"]\n',
    });
    await shop.run(shop.main, ["chmod", "+x", "scripts/backup"]);
    shop.commit(shop.main);
    const feature = shop.add("feature");
    shop.write(feature, { ".worktree_config.json": '{"mine": 1, "docker_configs": []}' });
    const setup = await shop.json<{ infrastructure: object; written: string[] }>(feature, ["global-setup"]);
    const at = (...names: string[]) => names.map((name) => join(shop.main, name));
    const infrastructure = {
      ansible_playbooks: at("ansible/site.yml", "ops/playbooks/db.yml"),
      docker_configs: at("compose.yaml", "docker/Dockerfile"),
      shared_scripts: at("scripts/backup"),
    };
    expect(setup.infrastructure).toEqual(infrastructure);
    expect(setup.written.length).toBe(2);
    expect(JSON.parse(read(feature, ".worktree_config.json"))).toEqual({ mine: 1, ...infrastructure });
    expect(JSON.parse(read(shop.main, ".worktree_config.json"))).toEqual(infrastructure);
    expect(await shop.json(feature, ["global-setup"])).toMatchObject({ written: [] });
    for (const root of [shop.main, feature])
      expect((await shop.run(root, ["git", "status", "--porcelain"])).stdout).toBe("");
    writeFileSync(join(feature, ".worktree_config.json"), '{"docker_configs": 1}');
    expect((await shop.worktree(shop.main, ["global-setup"])).exitCode).toBe(2);
  });
});

describe("git", () => {
  test("makes the environment of each worktree that it adds, once it is told to", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init", "--git-hook"]);
    expect(await shop.json(shop.main, ["init", "--git-hook"])).toMatchObject({ hook: { changed: false } });
    const bin = join(shop.rig.root, "bin");
    mkdirSync(bin);
    symlinkSync(SKERRY, join(bin, "skerry"));
    const env = { PATH: `${bin}:${shop.env.PATH}` };
    const folder = join(shop.rig.cwd, "added");
    const added = await shop.run(shop.main, ["git", "worktree", "add", "-q", "-b", "added", folder], env);
    expect(added).toMatchObject({ exitCode: 0 });
    expect(await shop.faults(folder)).toEqual([]);
    // An ordinary checkout does nothing.
    rmSync(join(folder, ".venv"), { recursive: true });
    await shop.run(folder, ["git", "checkout", "-q", "-b", "other"], env);
    expect(existsSync(join(folder, ".venv"))).toBe(false);
  });

  test("runs no code of a branch that nobody has looked at, and tells what to type", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init", "--git-hook"]);
    const other = shop.add("other");
    const ran = join(shop.rig.root, "ran");
    shop.write(other, { "backend/backend.py": `open(${JSON.stringify(ran)}, "w")\n` });
    shop.commit(other);
    const bin = join(shop.rig.root, "bin");
    mkdirSync(bin);
    symlinkSync(SKERRY, join(bin, "skerry"));
    const folder = join(shop.rig.cwd, "added");
    const add = ["git", "worktree", "add", "-q", "--detach", folder, "b-other"] as const;
    const { exitCode, stderr } = await shop.run(shop.main, [...add], { PATH: `${bin}:${shop.env.PATH}` });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("skerry worktree init")]);
    expect([existsSync(join(folder, ".venv")), existsSync(ran)]).toEqual([false, false]);
  });

  test("takes for known only what was installed as git has it", async () => {
    await using shop = await Shop.make();
    const evil = shop.add("evil");
    const ran = join(shop.rig.root, "ran");
    const backend = read(evil, "backend/backend.py");
    shop.write(evil, { "backend/backend.py": `${backend}\nopen(${JSON.stringify(ran)}, "w")\n` });
    shop.commit(evil);
    // The user takes the line out before anything is installed.
    shop.write(evil, { "backend/backend.py": backend });
    await shop.json(evil, ["init"]);
    const again = join(shop.rig.cwd, "again");
    git(shop.main, "worktree", "add", "-q", "--detach", again, "b-evil");
    expect(await shop.worktree(again, ["init", "--known"])).toMatchObject({ exitCode: 5, stdout: "" });
    expect(existsSync(ran)).toBe(false);
    const { stderr } = await shop.worktree(evil, ["init", "--known"]);
    expect(stderr).toContain("changes that aren't committed, such as backend/backend.py");
  });

  test("keeps a hook of its user's, and brings its own up to date", async () => {
    await using shop = await Shop.make();
    shop.write(shop.main, { ".git/hooks/post-checkout": "#!/bin/sh\n" });
    expect((await shop.worktree(shop.main, ["init", "--git-hook"])).exitCode).toBe(4);
    expect(read(shop.main, ".git/hooks/post-checkout")).toBe("#!/bin/sh\n");
    rmSync(join(shop.main, ".git/hooks/post-checkout"));
    await shop.json(shop.main, ["init", "--git-hook"]);
    const written = read(shop.main, ".git/hooks/post-checkout");
    shop.write(shop.main, { ".git/hooks/post-checkout": written.replace(" --known", "") });
    expect(await shop.json(shop.main, ["init", "--git-hook"])).toMatchObject({ hook: { changed: true } });
    expect(read(shop.main, ".git/hooks/post-checkout")).toBe(written);
  });
});
