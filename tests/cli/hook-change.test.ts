import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { changeFor, type Target, type Values } from "../../src/cli/hook/change.ts";
import { git } from "../git/repository.ts";
import { newestPython, SKERRY } from "../rig/rig.ts";
import { Shop } from "../worktrees/shop.ts";

type Variables = Record<string, string | undefined>;

function applied(env: Variables, values: Values): Variables {
  const next = { ...env };
  for (const [name, value] of Object.entries(values)) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  return next;
}

const folder = fc.constantFrom("/usr/bin", "/bin", "/opt/x/bin", "/a/.venv/bin", "");
const environment = fc.record(
  {
    PATH: fc.array(folder, { minLength: 1 }).map((all) => all.join(":")),
    PYTHONHOME: fc.string(),
    VIRTUAL_ENV_PROMPT: fc.string(),
    SKERRY_ENV: fc.string(),
    OTHER: fc.string(),
  },
  { requiredKeys: ["PATH"] },
) as fc.Arbitrary<Variables>;
const targets: readonly Target[] = ["one", "two"].map((name) => ({
  id: name,
  name,
  path: [`/${name}/.venv/bin`],
  set: { VIRTUAL_ENV: `/${name}/.venv`, SKERRY_ENV: name },
  missing: [],
}));

describe("what the hook does to a shell", () => {
  test("is undone whole when the shell leaves, by whatever way it went", () => {
    const ways = fc.array(fc.constantFrom(...targets, undefined), { maxLength: 6 });
    fc.assert(
      fc.property(environment, ways, (env, way) => {
        const go = (target: Target | undefined) =>
          changeFor(now, { target, checkout: target && `/${target.id}`, isFirst: false }).variables;
        let now = env;
        for (const target of way) {
          now = applied(now, go(target));
          expect(now.VIRTUAL_ENV).toBe(target?.set.VIRTUAL_ENV);
          if (target) expect(now.PATH).toBe(`${target.path[0]}:${env.PATH}`);
          // Asked again, it has nothing to do.
          expect(go(target)).toEqual({});
        }
        expect(applied(now, go(undefined))).toEqual(env);
      }),
    );
  });

  test("leaves alone what was changed meanwhile", () => {
    const nowhere = { target: undefined, checkout: undefined, isFirst: false };
    const inside = applied({ PATH: "/bin" }, changeFor({ PATH: "/bin" }, { ...nowhere, target: targets[0] }).variables);
    const changed = { ...inside, PATH: `/mine:${inside.PATH}`, SKERRY_ENV: "mine" };
    const after = applied(changed, changeFor(changed, nowhere).variables);
    expect(after).toEqual({ PATH: "/mine:/bin", SKERRY_ENV: "mine" });
  });

  test("takes nothing from a variable that isn't the hook's own text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { variables } = changeFor(
          { PATH: "/bin", SKERRY_HOOK: text },
          { target: undefined, checkout: undefined, isFirst: true },
        );
        expect(applied({ PATH: "/bin", SKERRY_HOOK: text }, variables)).toEqual({ PATH: "/bin" });
      }),
    );
  });
});

/** Enters a folder in bash as the hook does and runs more lines there. */
function enter(shop: Shop, folder: string, lines: string, env: Record<string, string> = {}) {
  const script = `eval "$("$SKERRY" hook bash)"; cd "$1"; __skerry_hook\n${lines}`;
  return shop.run(shop.rig.cwd, ["bash", "-c", script, "-", folder], { SKERRY, ...env });
}

describe("the hook", () => {
  test("takes a sibling's environment for a leak, and what was activated by hand for a wish", async () => {
    await using shop = await Shop.make();
    const [one, two] = [shop.add("one"), shop.add("two")];
    for (const folder of [one, two]) await shop.json(folder, ["init"]);
    const leak = { VIRTUAL_ENV: `${two}/.venv`, PATH: `${two}/.venv/bin:${shop.env.PATH}` };
    const told = 'echo "$VIRTUAL_ENV"; echo "$PATH"';
    const { stdout } = await enter(shop, one, told, leak);
    expect(stdout).toBe(`${one}/.venv\n${one}/.venv/bin:${shop.env.PATH}\n`);
    const byHand = join(shop.rig.root, "by-hand");
    await shop.rig.run([newestPython().path, "-m", "venv", "--without-pip", byHand]);
    const again = '__skerry_hook; echo "$VIRTUAL_ENV"';
    const all = await enter(
      shop,
      one,
      `. ${byHand}/bin/activate\n${again}\necho ":$PATH:"\ndeactivate\n${again}\ncd /\n${again}\necho "$PATH"`,
    );
    const [active, path, back, left, after] = all.stdout.split("\n");
    expect([active, back, left, after]).toEqual([byHand, `${one}/.venv`, "", shop.env.PATH]);
    expect(path).not.toContain(`${one}/.venv`);
    expect(all.stderr).toContain(`left shop-one: ${byHand} was activated`);
    // A sibling's too, where it is activated by hand; and in a worktree without an environment a leak is none either.
    const sibling = await enter(shop, one, `. ${two}/.venv/bin/activate\n${again}`);
    expect(sibling.stdout).toBe(`${two}/.venv\n`);
    const bare = await enter(shop, shop.add("bare"), 'echo "${VIRTUAL_ENV-none}"; echo "$PATH"', leak);
    expect(bare.stdout).toBe(`none\n${shop.env.PATH}\n`);
    expect(bare.stderr).toContain(`passed over ${two}/.venv`);
  });

  test("is known to a shell that was started by one, which leaves as well", async () => {
    await using shop = await Shop.make();
    const one = shop.add("one");
    await shop.json(one, ["init"]);
    const inner = 'bash -c \'eval "$("$SKERRY" hook bash)"; cd /; __skerry_hook; echo "${VIRTUAL_ENV-none} $PATH"\'';
    expect((await enter(shop, one, inner)).stdout).toBe(`none ${shop.env.PATH}\n`);
  });

  test("keeps a working environment where the project's files can't be understood, and tells", async () => {
    await using shop = await Shop.make();
    const one = shop.add("one");
    await shop.json(one, ["init"]);
    const where = 'echo "${VIRTUAL_ENV-none}"';
    shop.write(one, { "pyproject.toml": "<<<<<<< ours\n" });
    expect(await enter(shop, one, where)).toMatchObject({
      stdout: `${one}/.venv\n`,
      stderr: expect.stringContaining("not valid TOML"),
    });
    shop.write(one, {
      "pyproject.toml": "[project]\nname = 'shop'\nversion = '2'\n",
      "skerry.toml": '[tasks]\na = "b"\n',
    });
    expect(await enter(shop, one, where)).toMatchObject({
      stdout: `${one}/.venv\n`,
      stderr: expect.stringContaining("skerry trust"),
    });
  });

  test("makes no environment in a repository where nobody has asked for one", async () => {
    await using shop = await Shop.make();
    const told = await enter(shop, shop.main, 'echo "${VIRTUAL_ENV-none}"', { SKERRY_AUTO_SYNC: "always" });
    expect(told).toMatchObject({ stdout: "none\n", stderr: "" });
    await shop.rig.skerry(["create", "other"]);
    expect(await enter(shop, shop.main, "", { SKERRY_AUTO_SYNC: "always" })).toMatchObject({ stderr: "" });
  });

  test("makes those of new worktrees by itself where the very same was installed before, else tells", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const [same, other] = [shop.add("same"), shop.add("other")];
    shop.write(other, { "backend/backend.py": "raise SystemExit('ran')\n" });
    const where = 'echo "${VIRTUAL_ENV-none}"';
    const tell = (folder: string, sync: string) => enter(shop, folder, where, { SKERRY_AUTO_SYNC: sync });
    expect(await tell(same, "never")).toMatchObject({ stdout: "none\n", stderr: "" });
    expect(await tell(same, "ask")).toMatchObject({
      stdout: "none\n",
      stderr: "warning: same has no environment yet\n  hint: skerry worktree init\n",
    });
    expect((await tell(same, "always")).stdout).toBe(`${same}/.venv\n`);
    const untold = await tell(other, "always");
    expect(untold).toMatchObject({ stdout: "none\n", stderr: expect.stringContaining("has no environment yet") });
    // A change that the user has installed in the main checkout is made by itself; one that nobody has seen isn't.
    const pyproject = await Bun.file(join(same, "pyproject.toml")).text();
    const changed = { "pyproject.toml": pyproject.replace('"gamma"', '"gamma", "beta"') };
    shop.write(same, changed);
    expect((await tell(same, "always")).stderr).toContain("same is out of date");
    expect(await enter(shop, same, where, { SKERRY_AUTO_SYNC: "always", SKERRY_NO_CONFIG: "1" })).toMatchObject({
      stdout: `${same}/.venv\n`,
      stderr: "skerry: entered shop-same\n",
    });
    shop.write(shop.main, changed);
    shop.commit(shop.main);
    await shop.json(shop.main, ["init"]);
    // As long as the project brings its own build backend, all of the worktree has to be the same.
    expect((await tell(same, "always")).stderr).toContain("same is out of date");
    git(same, "checkout", "-q", "--", ".");
    git(same, "merge", "-q", "--ff-only", "main");
    expect((await tell(same, "always")).stderr).toContain("same: synced");
    expect((await tell(same, "always")).stderr).not.toContain("same:");
  });

  test("looks only at what says what is installed, where that runs nothing of the project", async () => {
    await using shop = await Shop.make();
    const requirements = { "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["alpha"]\n' };
    shop.write(shop.main, requirements);
    shop.commit(shop.main);
    await shop.json(shop.main, ["init"]);
    const [other, local] = [shop.add("other"), shop.add("local")];
    shop.write(other, { "src/shop/more.py": "raise SystemExit\n" });
    const where = 'echo "${VIRTUAL_ENV-none}"';
    const tell = async (folder: string) => (await enter(shop, folder, where, { SKERRY_AUTO_SYNC: "always" })).stdout;
    expect(await tell(other)).toBe(`${other}/.venv\n`);
    shop.write(local, {
      "pyproject.toml": `${requirements["pyproject.toml"]}[tool.uv.sources]\nalpha = { path = "src" }\n`,
    });
    expect(await tell(local)).toBe("none\n");
  });

  test("of two shells that enter at once, one makes the environment and both are in it", async () => {
    await using shop = await Shop.make();
    await shop.json(shop.main, ["init"]);
    const one = shop.add("one");
    const tell = () => enter(shop, one, 'echo "$VIRTUAL_ENV"', { SKERRY_AUTO_SYNC: "always" });
    const both = await Promise.all([tell(), tell()]);
    expect(both.map(({ stdout }) => stdout)).toEqual([`${one}/.venv\n`, `${one}/.venv\n`]);
  });

  test("does nothing that an untrusted repository says, and tells how to trust it", async () => {
    await using shop = await Shop.make();
    const ran = join(shop.rig.root, "ran");
    shop.write(shop.main, {
      "skerry.toml": `home = ".state"\nauto_sync = "always"\npython = "$(touch ${ran})"\n[variables]\nX = "$(touch ${ran})"\n`,
      ".venv/bin/python": `#!/bin/sh\ntouch ${ran}\n`,
      ".venv/skerry.json": '{"id":"x","place":"/x"}\n',
    });
    mkdirSync(join(shop.main, ".state/envs/x"), { recursive: true });
    const told = await enter(shop, shop.main, 'echo "${VIRTUAL_ENV-none}"', { SKERRY_HOME: "" });
    expect(told).toMatchObject({ stdout: "none\n", stderr: expect.stringContaining("skerry trust") });
    expect(await Bun.file(ran).exists()).toBe(false);
  });

  test("removes what worktrees that are gone have left, and lets a moved one be told", async () => {
    await using shop = await Shop.make();
    const [gone, moved, stays] = [shop.add("gone"), shop.add("moved"), shop.add("stays")];
    for (const folder of [gone, moved, stays]) await shop.json(folder, ["init"]);
    rmSync(gone, { recursive: true });
    expect((await enter(shop, stays, "")).stderr).toContain("removed the environment shop-gone");
    const there = join(shop.rig.cwd, "there");
    git(shop.main, "worktree", "move", moved, there);
    const told = await enter(shop, there, 'echo "$VIRTUAL_ENV"');
    expect(told).toMatchObject({ stdout: `${there}/.venv\n`, stderr: expect.stringContaining("repaired") });
  });
});
