import { z } from "zod";
import type { Json } from "../json.ts";

// What crosses the border of Skerry as JSON, in one place: loaded by documentation and tests, never by a command.

/** An object with these members and no others. */
export function object<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape).readonly();
}

export function list<T extends z.ZodType>(one: T) {
  return z.array(one).readonly();
}

/** Values by names that nobody knows before. */
export function table<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).readonly();
}

/** A shape that several documents share, by the name that it has in the published schema. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  return schema.meta({ id });
}

/** Any JSON. */
export const anything = z.unknown() as z.ZodType<Json>;

export const text = z.string();
export const texts = list(text);
/** Milliseconds since 1970. */
export const time = z.number();
/** A count, or bytes. */
export const count = z.int().nonnegative();
