import { z } from "zod";
import type { KeyFacts } from "./key-facts.ts";
import { operand, url } from "./value-types.ts";

/** The keys for where packages come from. */
export const INDEX_KEYS = {
  index_url: {
    schema: url,
    description: "The package index to use in place of the installer's own.",
    example: "https://packages.example.com/simple",
    safe: false,
  },
  extra_index_urls: {
    schema: z.array(url),
    description: "Package indexes to use besides.",
    default: [],
    example: ["https://packages.example.com/extra"],
    safe: false,
  },
  find_links: {
    schema: z.array(operand),
    description: "Folders or pages with package files to use besides the index.",
    default: [],
    example: ["./wheels"],
    safe: false,
    path: (text) => (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(text) ? undefined : text),
  },
  offline: {
    schema: z.boolean(),
    description: "Never use the network: only what is in the store and the installer's cache.",
    default: false,
    example: true,
    safe: { when: "it is true", test: (value) => value === true },
  },
} as const satisfies Record<string, KeyFacts>;
