import { z } from "zod";
import type { KeyFacts } from "./key-facts.ts";
import { KEYS } from "./schema.ts";

/** The JSON Schema (draft 7, the newest that editors for TOML know) of a skerry.toml. */
export function jsonSchema(): Record<string, unknown> {
  const facts = Object.entries<KeyFacts>(KEYS);
  const root = z.strictObject(Object.fromEntries(facts.map(([key, { schema }]) => [key, schema.optional()])));
  const { $schema, properties, ...rest } = z.toJSONSchema(root, { target: "draft-7", io: "input" });
  const described = facts.map(([key, { description, default: value, example }]) => [
    key,
    {
      description,
      ...(properties?.[key] as object),
      ...(value === undefined ? {} : { default: value }),
      examples: [example],
    },
  ]);
  return {
    $schema,
    title: "skerry.toml",
    description: "Configuration of Skerry.",
    ...rest,
    properties: Object.fromEntries(described),
  };
}
