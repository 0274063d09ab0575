import { parse, TomlError, type TomlTable } from "smol-toml";

/** Tables and lists within each other, those of dotted keys too: what walks through a document may then call itself. */
const MOST_DEPTH = 64;

/** Why a text can't be taken as TOML: one line, without a part of the text. */
export class NotToml extends Error {
  /** Both counted from 1; undefined where it is no one place. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(reason: string, at?: { readonly line: number; readonly column: number }) {
    super(reason);
    this.line = at?.line;
    this.column = at?.column;
  }

  /** A clause about the file that has the text. */
  get what(): string {
    return this.line === undefined ? this.message : `line ${this.line} is not valid TOML`;
  }
}

/** A text as a table of TOML, nested no deeper than 64. @throws {NotToml} */
export function parseToml(text: string): TomlTable {
  let document: TomlTable;
  try {
    document = parse(text, { maxDepth: MOST_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new NotToml(error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, ""), error);
  }
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) throw new NotToml("it is nested too deeply");
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return document;
}
