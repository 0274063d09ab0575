import { z } from "zod";

/** What is used of a JSON Schema. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
}

/**
 * The JSON Schemas of shapes by title, and of the shapes that they share by name, in one table. What comes out of Skerry
 * may get more members; what goes in may not.
 */
export function jsonSchemas(
  shapes: Readonly<Record<string, z.ZodType>>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const all = z.toJSONSchema(z.strictObject(shapes), {
    io,
    override({ jsonSchema }) {
      delete jsonSchema.readOnly;
      delete jsonSchema.propertyNames;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.oneOf) {
        jsonSchema.anyOf = jsonSchema.oneOf;
        delete jsonSchema.oneOf;
      }
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }) as JsonSchema;
  return { ...all.properties, ...all.$defs };
}

/**
 * What the schemas promise, one fact a line, such as `Environment.cleanup.ttl?: integer`: a `?` behind what may be
 * absent, `[]` for each of a list, `*` for each of a table, the kind of an alternative in parentheses.
 */
export function factsOf(schemas: Readonly<Record<string, JsonSchema>>): string[] {
  return Object.entries(schemas)
    .filter(([name]) => !name.startsWith("__"))
    .flatMap(([name, schema]) => [`${name}: ${typeOf(schema)}`, ...factsBelow(name, schema)]);
}

function factsBelow(path: string, schema: JsonSchema): string[] {
  const { additionalProperties: others, items, properties = {}, required = [] } = schema;
  return [
    ...(schema.enum ?? []).map((value) => `${path} = ${JSON.stringify(value)}`),
    ...(schema.anyOf ?? []).flatMap((one) => factsBelow(`${path}${kindOf(one)}`, one)),
    ...Object.entries(properties).flatMap(([name, one]) => {
      const at = `${path}.${name}${required.includes(name) ? "" : "?"}`;
      return [`${at}: ${typeOf(one)}`, ...factsBelow(at, one)];
    }),
    ...(typeof others === "object" ? factsBelow(`${path}.*`, others) : []),
    ...(items ? factsBelow(`${path}[]`, items) : []),
  ];
}

/** `(local)`: by what an alternative is told from the others. */
function kindOf({ properties = {} }: JsonSchema): string {
  const constant = Object.values(properties).find((one) => one.const !== undefined)?.const;
  return constant === undefined ? "" : `(${constant})`;
}

function typeOf(schema: JsonSchema): string {
  const name = schema.$ref?.split("/").at(-1);
  if (name !== undefined) return name.startsWith("__") ? "any" : name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return "one of";
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" | ");
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object") return `table of ${typeOf(schema.additionalProperties)}`;
  return [schema.type ?? "any"].flat().join(" | ");
}

/**
 * What breaks programs that keep to what was recorded.
 * `gone`: facts that aren't true any more. `demanded`: members that an input needs now which it didn't have.
 */
export function breaking(recorded: readonly string[], present: readonly string[], inputs: readonly string[]) {
  const [before, after] = [new Set(recorded), new Set(present)];
  const isDemanded = (fact: string) => {
    const path = fact.slice(0, fact.indexOf(": "));
    const within = path.slice(0, path.lastIndexOf(".") + 1);
    const isNeeded = inputs.some((name) => path.startsWith(`${name}.`)) && !fact.includes(" = ") && !path.endsWith("?");
    return isNeeded && recorded.some((one) => one.startsWith(within));
  };
  return {
    gone: recorded.filter((fact) => !after.has(fact)),
    demanded: present.filter((fact) => !before.has(fact) && isDemanded(fact)),
  };
}
