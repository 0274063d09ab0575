import { rcompare, valid } from "@renovatebot/pep440";
import { SkerryError } from "../../core/error.ts";
import type { LockedFile, LockedPackage } from "../../core/lock.ts";
import { askIndex } from "../versions.ts";
import { type Attempts, ahead, TooMuch } from "./attempts.ts";
import type { Item } from "./item.ts";
import { projectRequires } from "./project-requires.ts";

/** A file of a project on the index. */
export interface IndexFile {
  readonly filename: string;
  readonly version: string;
  readonly requiresPython: string | undefined;
  /** Why it was withdrawn, `true` where no reason is given. */
  readonly yanked: string | boolean;
}

/** What a conflict is looked into with: what was asked for, what is tried of it, and what is known beside. */
export interface Inquiry {
  readonly items: readonly Item[];
  readonly attempts: Attempts;
  readonly facts: IndexFacts;
}

const WHEEL = /^[^-]+-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/;

/** What the index and the files of packages say, each asked once. What can't be known is undefined. */
export class IndexFacts {
  readonly #attempts: Attempts;
  readonly #files = new Map<string, Promise<readonly IndexFile[] | undefined>>();
  readonly #requires = new Map<string, Promise<readonly string[] | undefined>>();

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
  }

  #ask(question: Readonly<Record<string, unknown>>): Promise<Record<string, unknown> | undefined> {
    const { request, read, op } = this.#attempts;
    const { target, settings } = request;
    const asked = askIndex(question, { target, settings, file: read.options }, op);
    return this.#attempts.follow(asked).catch((error) => {
      if (this.#attempts.ended) throw new TooMuch();
      if (error instanceof SkerryError && error.code !== "SKE-INTERRUPTED") return undefined;
      throw error;
    });
  }

  /** Asks for the files of several projects at once, before they are needed. */
  askFiles(projects: readonly string[]): void {
    const fresh = [...new Set(projects)].filter((one) => !this.#files.has(one));
    if (fresh.length === 0) return;
    const answer = this.#ask({ files: fresh });
    for (const [i, project] of fresh.entries()) {
      const found = answer.then((given) =>
        readFiles((given?.files as readonly FileAnswer[] | undefined)?.[i], project),
      );
      ahead(found);
      this.#files.set(project, found);
    }
  }

  /** The files of a project, newest version first. */
  files(project: string): Promise<readonly IndexFile[] | undefined> {
    this.askFiles([project]);
    return this.#files.get(project)!;
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
      const answer = this.#ask({ requires: files });
      for (const [i, key] of [...wanted.keys()].entries()) {
        const found = answer.then(
          (given) => (given?.requires as readonly RequiresAnswer[] | undefined)?.[i] ?? undefined,
        );
        ahead(found);
        this.#requires.set(key, found);
      }
    }
    return Promise.all(
      packages.map((one) => {
        if (one.directory) return projectRequires(one.directory.path);
        const file = fileOf(one);
        return file && this.#requires.get(keyOf(file));
      }),
    );
  }
}

/** As the index script gives them. */
type FileAnswer = readonly Readonly<Record<string, string | boolean | null>>[] | null;
type RequiresAnswer = readonly string[] | null;

function readFiles(files: FileAnswer | undefined, project: string): readonly IndexFile[] | undefined {
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
