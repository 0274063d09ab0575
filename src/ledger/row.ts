import type { Value } from "./database.ts";

/** A statement that writes a row, and its values: the arguments of {@link Database.run}. */
export function insertion(table: string, row: Readonly<Record<string, Value>>): [sql: string, ...values: Value[]] {
  const columns = Object.keys(row);
  const places = columns.map(() => "?").join(", ");
  return [`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`, ...Object.values(row)];
}
