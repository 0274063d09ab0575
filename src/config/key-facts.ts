import type { z } from "zod";

/** What is known of a key besides what its value may be. */
export interface KeyFacts<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** One or two sentences for people. */
  readonly description: string;
  /** As it would stand in a file; `defaults.ts` has what becomes of it. */
  readonly default?: unknown;
  readonly example: unknown;
  /**
   * Whether a project's own file may set it before the project is trusted; `when` says which values, for people. `user`:
   * it is the user's alone, and a project's own file never sets it.
   */
  readonly safe: boolean | "user" | { readonly when: string; readonly test: (value: unknown) => boolean };
  /** What the number stands for that a text becomes; absent: milliseconds. */
  readonly unit?: "bytes";
  /** The part at the beginning of a text that is a path, where it is one: made absolute from the folder of the file it stands in. */
  readonly path?: (text: string) => string | undefined;
}
