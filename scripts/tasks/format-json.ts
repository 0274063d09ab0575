/** JSON as the project's formatter writes it: lists of plain values on one line where they fit. */
export function formatJson(value: unknown, indent = "", room = 120): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((entry) => formatJson(entry, inner, room)).join(", ")}]`;
    const plain = !line.includes("\n");
    if (value.length === 0 || (plain && line.length <= room)) return line;
    return `[\n${value.map((entry) => inner + formatJson(entry, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value);
  const members = entries.map(([key, member], at) => {
    const name = `${inner}${JSON.stringify(key)}: `;
    const comma = at < entries.length - 1 ? 1 : 0;
    return name + formatJson(member, inner, 120 - name.length - comma);
  });
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}
