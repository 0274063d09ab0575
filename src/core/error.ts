import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";
import { hideSecrets } from "./secrets.ts";

/** What a {@link SkerryError} is made of. */
export interface SkerryErrorInit {
  /** What the user can do next: one sentence, or a command to type. */
  readonly hint?: string;
  /** Plain JSON facts for programs: names, paths, versions, the chain of a conflict. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error class. `message` says what was being done, to what, and what happened; `hint` says what to do next;
 * `code` is one of {@link ERROR_CODES}, from which the exit status follows. No password or token of an address is in what
 * others are told: a tool, a hook or a file may have put it there.
 */
export class SkerryError extends Error {
  override readonly name = "SkerryError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, init: SkerryErrorInit = {}) {
    super(hideSecrets(message), init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.hint = init.hint;
    this.details = init.details ?? {};
  }

  /** The exit status of a verb that fails with this error (run, exec, shell and task use 125 instead). */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  toJSON(): { code: ErrorCode; message: string; hint?: string; details?: Readonly<Record<string, unknown>> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(Object.keys(this.details).length === 0 ? {} : { details: JSON.parse(JSON.stringify(this.details), hidden) }),
    };
  }
}

function hidden(_: string, value: unknown): unknown {
  return typeof value === "string" ? hideSecrets(value) : value;
}

/** A file that isn't read: no regular one, or too large. `clause` says so behind its name, `hint` says what to do next. */
export class UnfitFile extends Error {
  readonly clause: string;
  readonly hint: string;

  /** @param limit the bytes that it may have, and has more; absent: it is no regular file @param kind what it is, for people */
  constructor(limit?: number, kind = "such a file") {
    const clause = limit === undefined ? "is not a regular file" : `is larger than ${kind} may be (${sizeText(limit)})`;
    super(`it ${clause}`);
    this.clause = clause;
    this.hint = limit === undefined ? "put a text file in its place" : "keep data in files of its own";
  }
}

function sizeText(bytes: number): string {
  return bytes % 2 ** 20 === 0
    ? `${bytes / 2 ** 20} MiB`
    : bytes % 1024 === 0
      ? `${bytes / 1024} KiB`
      : `${bytes} bytes`;
}

/** An error of the operating system, or of SQLite. */
export interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly path?: string;
}

/** True for an operating system error that carries this code, such as `ENOENT`. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is SystemError {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
