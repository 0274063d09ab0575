import { rcompare, valid } from "@renovatebot/pep440";
import { SkerryError } from "../../core/error.ts";
import type { LockedFile, LockedPackage } from "../../core/lock.ts";
import { askIndex } from "../versions.ts";
import type { Attempts } from "./attempts.ts";
import { projectRequires } from "./project-requires.ts";

/** A file of a project on the index. */
export interface IndexFile {
  readonly filename: string;
  readonly version: string;
  readonly requiresPython: string | undefined;
  /** Why it was withdrawn, `true` where no reason is given. */
  readonly yanked: string | boolean;
}

const WHEEL = /^[^-]+-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/;

/** What the index and the files of packages say, each asked once. What can't be known is undefined. */
export class IndexFacts {
  readonly #attempts: Attempts;
  readonly #files = new Map<string, Promise<readonly IndexFile[] | undefined>>();
  readonly #requires = new Map<string, readonly string[] | null>();

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
  }

  #ask(question: Readonly<Record<string, unknown>>): Promise<Record<string, unknown> | undefined> {
    const { request, read, op } = this.#attempts;
    return askIndex(question, request.target.interpreter, request.settings, read.options, op).catch((error) => {
      if (error instanceof SkerryError && error.code !== "SKE-INTERRUPTED") return undefined;
      throw error;
    });
  }

  /** The files of a project, newest version first. */
  files(project: string): Promise<readonly IndexFile[] | undefined> {
    const known = this.#files.get(project) ?? this.#readFiles(project);
    this.#files.set(project, known);
    return known;
  }

  async #readFiles(project: string): Promise<readonly IndexFile[] | undefined> {
    const answer = await this.#ask({ files: project });
    const files = answer?.files as readonly Record<string, string | boolean | null>[] | undefined;
    return files
      ?.map((one): IndexFile => {
        const filename = String(one.filename);
        return {
          filename,
          version: versionOf(filename, project),
          requiresPython: typeof one["requires-python"] === "string" ? one["requires-python"] : undefined,
          yanked: one.yanked ?? false,
        };
      })
      .filter((one) => valid(one.version))
      .sort((a, b) => rcompare(a.version, b.version));
  }

  /** What locked packages require: lines of `Requires-Dist`, in the order of the packages. */
  async requires(packages: readonly LockedPackage[]): Promise<readonly (readonly string[] | undefined)[]> {
    const { request, read } = this.#attempts;
    const offline = request.offline ?? request.settings.offline;
    const wanted = new Map<string, LockedFile>();
    for (const one of packages) {
      const file = fileOf(one);
      if (!file || this.#requires.has(keyOf(file)) || (file.path === undefined && (offline || read.options.noIndex)))
        continue;
      wanted.set(keyOf(file), file);
    }
    if (wanted.size > 0) {
      const files = [...wanted.values()].map(({ name, url, path }) => ({ filename: name, url, path }));
      const answer = await this.#ask({ requires: files });
      const found = answer?.requires as readonly (readonly string[] | null)[] | undefined;
      for (const [i, key] of [...wanted.keys()].entries()) this.#requires.set(key, found?.[i] ?? null);
    }
    return packages.map((one) => {
      if (one.directory) return projectRequires(one.directory.path);
      const file = fileOf(one);
      return (file && this.#requires.get(keyOf(file))) ?? undefined;
    });
  }
}

function fileOf(one: LockedPackage): LockedFile | undefined {
  return one.wheels?.[0] ?? one.archive ?? one.sdist;
}

function keyOf({ path, url }: LockedFile): string {
  return path ?? url ?? "";
}

function versionOf(filename: string, project: string): string {
  const wheel = WHEEL.exec(filename)?.[1];
  return wheel ?? filename.replace(/\.(tar\.(gz|bz2|xz)|zip|tgz)$/, "").slice(project.length + 1);
}
