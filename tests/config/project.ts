import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TrustStore } from "../../src/config/trust.ts";
import type { SkerryError } from "../../src/core/error.ts";

/** A temporary user: a home folder with a project `app` in it, and the environment to load its configuration with. */
export class TestUser implements Disposable {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), "skerry-config-")));
  readonly app = join(this.home, "app");
  readonly env: Record<string, string> = { HOME: this.home };
  readonly trusted = new Map<string, { readonly digest: string; readonly body: never; readonly at: number }>();
  readonly trust: TrustStore = {
    has: (digest) => this.trusted.has(digest),
    add: (digest, body) => void this.trusted.set(digest, { digest, body: body as never, at: Date.now() }),
    remove: (digest) => this.trusted.delete(digest),
    list: () => [...this.trusted.values()],
  };

  constructor() {
    mkdirSync(this.app);
  }

  /** Writes a file below the home folder and gives its path. */
  write(path: string, content: string | Uint8Array): string {
    const file = join(this.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The error that the work fails with. */
export async function failure(work: () => unknown): Promise<SkerryError> {
  try {
    await work();
  } catch (error) {
    return error as SkerryError;
  }
  throw new Error("it did not fail");
}
