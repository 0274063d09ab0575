import { constants } from "node:os";
import { SkerryError } from "../../core/error.ts";
import { RUN_EXIT } from "../../core/error-codes.ts";
import { ioError } from "../../platform/files.ts";
import type { Output } from "./output.ts";

/** Any error as a SkerryError: a refusal of the operating system as such, all else is a fault in Skerry. */
export function asSkerryError(error: unknown): SkerryError {
  if (error instanceof SkerryError) return error;
  if (error instanceof Error && "syscall" in error && "path" in error) {
    return ioError(String(error.syscall), String(error.path), error);
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SkerryError("SKE-INTERNAL", `Skerry itself failed: ${message}`, {
    hint: "run it again with --verbose for the place in the code, and report it",
    cause: error,
  });
}

/** Tells an error: on standard error for people, or as the one JSON document on standard output. */
export function tellError(output: Output, error: SkerryError): void {
  if (output.json) output.document({ error: { ...error.toJSON() } });
  else output.error(error.message, error.hint);
  for (let cause: unknown = error; output.settings.verbose && cause instanceof Error; cause = cause.cause) {
    if (cause.stack) output.detail(cause.stack);
  }
}

/** The exit status for an error: that of its code, or what a verb that passes on a child's status has to keep to. */
export function exitOf(error: SkerryError, passesOn = false): number {
  const { exec, signal } = error.details;
  if (error.code === "SKE-INTERRUPTED" && typeof signal === "string") {
    return 128 + constants.signals[signal as NodeJS.Signals];
  }
  if (error.code === "SKE-INTERRUPTED" || !passesOn) return error.exitCode;
  // A command that can't be executed has the exit status that shells give it.
  if (error.code === "SKE-COMMAND-NOT-FOUND") return typeof exec === "number" ? exec : RUN_EXIT.commandNotFound;
  return RUN_EXIT.skerryFailed;
}
