import { z } from "zod";
import { SkerryError } from "../core/error.ts";
import { parseDuration, parseSize } from "../core/units.ts";
import { isSecretName } from "../python/environment-variables.ts";
import { type PythonRequest, parsePythonRequest } from "../python/request.ts";

/** One line of text. */
export const line = z
  .string()
  .min(1)
  .regex(/^[^\x00\r\n]*$/, "expected one line of text");
/** An entry that can't be taken for an option of the tool it is given to. */
export const operand = line.regex(/^[^\s-]/, "an entry can't begin with a dash or a space");
/** Variables with their values. */
export const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a name of letters, digits and underscores"),
  z.string().regex(/^[^\x00]*$/, "expected text without NUL"),
);
/** A variable that can be a secret. What was given isn't told, for it may be a value by mistake. */
export const secretName = z
  .string()
  .refine(
    isSecretName,
    "expected the name of a variable, as API_TOKEN, and of none that is Skerry's, Python's or the system's",
  );
/** An address. */
export const url = line.regex(/^(https?|file):[/]{2}\S+$/, "expected an http, https or file URL");

/** Milliseconds from a duration or a number of seconds. @param maximum the longest, as a duration */
export function duration(maximum: string) {
  return z
    .union([z.string(), z.number().nonnegative()], { error: 'expected a duration such as "30s" or "1h30m"' })
    .transform((value, context) => {
      try {
        const ms = parseDuration(typeof value === "number" ? value.toFixed(3) : value.trim());
        if (ms <= parseDuration(maximum)) return ms;
        context.addIssue(`expected at most ${maximum}`);
      } catch (error) {
        if (!(error instanceof SkerryError)) throw error;
        context.addIssue('expected a duration such as "30s" or "1h30m"');
      }
      return z.NEVER;
    });
}

/** A whole number, 0 among them. */
export const count = z.int().nonnegative().max(1_000_000);
/** Bytes from a size or a number of bytes. */
export const size = z
  .union([z.string(), z.number().nonnegative()], { error: 'expected a size such as "500MiB" or "2GiB"' })
  .transform((value, context) => {
    try {
      return parseSize(String(value));
    } catch (error) {
      if (!(error instanceof SkerryError)) throw error;
      context.addIssue('expected a size such as "500MiB" or "2GiB"');
      return z.NEVER;
    }
  });

/** What Python a text asks for; undefined where it can't be understood. */
export function askedPython(text: unknown): PythonRequest | undefined {
  try {
    return typeof text === "string" ? parsePythonRequest(text, "/") : undefined;
  } catch (error) {
    if (error instanceof SkerryError) return undefined;
    throw error;
  }
}
/** True for a relative path that doesn't climb. */
export const staysInside = (text: string): boolean => !/^[/~]/.test(text) && !text.split("/").includes("..");
/** A test of a list, of a test of its entries. */
export const everyEntry =
  (test: (text: string) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every((entry) => typeof entry === "string" && test(entry));
