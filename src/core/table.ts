/** A table of TOML or an object of JSON, whatever is in it. */
export type Table = Readonly<Record<string, unknown>>;

/** Whether a value is a table: no list, no date. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value as a table; empty where it is none. */
export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}
