import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Runs git as a user who has set nothing up. @returns what it printed, without the line end */
export function git(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.com",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.com",
  };
  const set = ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", "-c", "safe.directory=*"];
  return execFileSync("git", [...set, ...args], {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();
}

/** A folder with a repository `app` that has one commit. */
export class Repositories implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "skerry-git-")));
  readonly app = join(this.root, "app");

  constructor() {
    this.make("app", { README: "app\n" });
  }

  /** Makes a repository of these files. @returns its folder */
  make(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.root, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    git(folder, "init", "-q");
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "begin");
    return folder;
  }

  /** Adds a worktree of `app` on a branch of its own. @returns its folder */
  add(name: string, branch = name): string {
    const folder = join(this.root, name);
    git(this.app, "worktree", "add", "-q", "-b", branch, folder);
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
