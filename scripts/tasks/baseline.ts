import { readFileSync, writeFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { parseSync } from "oxc-parser";
import { at } from "./command.ts";

/** Where the types of the public library are recorded: a change of it is a change of what others rely on. */
export const BASELINE = "tests/project/baselines/types.txt";

/** Writes the baseline anew. */
export function writeBaseline(): void {
  writeFileSync(at(BASELINE), publicTypes());
}

/** A declaration of a module: its text, and the names that it may refer to. */
interface Declared {
  readonly text: string;
  readonly names: readonly string[];
}

/**
 * The types of the public library as one text: what it exports, then what that refers to, each by name. Comments are left
 * out, and what only the library itself calls: constructors, and what is private or protected. Made of the declarations in
 * `dist/`, so the library has to be built.
 */
export function publicTypes(): string {
  const folder = at("dist");
  const modules = new Map<string, Module>();
  const open = (path: string): Module => {
    const known = modules.get(path) ?? readModule(folder, path);
    modules.set(path, known);
    return known;
  };
  const texts = new Map<string, string>();
  const add = (path: string, name: string): void => {
    const module = open(path);
    const from = module.imported.get(name);
    if (from) {
      add(from.path, from.name);
      return;
    }
    const declared = module.declared.get(name);
    if (!declared || texts.has(`${name} ${path}`)) return;
    texts.set(`${name} ${path}`, declared.text);
    for (const other of declared.names) add(path, other);
  };
  const index = open("index.d.ts");
  for (const { path, name } of index.exported) {
    for (const one of name === "*" ? open(path).declared.keys() : [name]) add(path, one);
  }
  const sorted = [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `${sorted.join("\n\n")}\n`;
}

interface Module {
  readonly declared: ReadonlyMap<string, Declared>;
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  readonly exported: readonly { readonly path: string; readonly name: string }[];
}

/** Reads a module of declarations. @param path relative to the folder */
function readModule(folder: string, path: string): Module {
  const text = readFileSync(join(folder, path), "utf8");
  const { program } = parseSync(path, text);
  const pathOf = (specifier: string) => normalize(join(path, "..", specifier)).replace(/\.[jt]s$/, ".d.ts");
  const declared = new Map<string, Declared>();
  const imported = new Map<string, { path: string; name: string }>();
  const exported: { path: string; name: string }[] = [];
  for (const node of program.body) {
    if (node.type === "ImportDeclaration" && node.source.value.startsWith(".")) {
      for (const one of node.specifiers) {
        if (one.type !== "ImportSpecifier") continue;
        const name = one.imported.type === "Identifier" ? one.imported.name : one.imported.value;
        imported.set(one.local.name, { path: pathOf(node.source.value), name });
      }
    } else if (node.type === "ExportAllDeclaration") exported.push({ path: pathOf(node.source.value), name: "*" });
    else if (node.type === "ExportNamedDeclaration" && node.source) {
      for (const { local } of node.specifiers)
        if (local.type === "Identifier") exported.push({ path: pathOf(node.source.value), name: local.name });
    } else {
      const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : node;
      for (const name of declaration ? namesOf(declaration) : []) {
        const own = shown(text, node, declaration?.type === "ClassDeclaration" ? declaration.body.body : []);
        const before = declared.get(name);
        const all = before ? `${before.text}\n${own}` : own;
        declared.set(name, { text: all, names: [...new Set(all.match(/\b[A-Za-z_$][\w$]*\b/g))] });
      }
    }
  }
  return { declared, imported, exported };
}

interface Declaration {
  readonly id?: { readonly name?: string } | null;
  readonly declarations?: readonly { readonly id: { readonly name?: string } }[];
}

function namesOf(node: object): string[] {
  const { id, declarations } = node as Declaration;
  return [id?.name, ...(declarations ?? []).map((one) => one.id.name)].filter((name) => name !== undefined);
}

interface Member extends Range {
  readonly accessibility?: string | null;
  readonly kind?: string;
  readonly key?: { readonly type: string };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The text of a declaration without comments, and of a class without what callers can't use. */
function shown(text: string, node: Range, members: readonly object[]): string {
  const hidden = (members as readonly Member[]).filter(({ accessibility, kind, key }) => {
    return (accessibility ?? "public") !== "public" || kind === "constructor" || key?.type === "PrivateIdentifier";
  });
  let kept = "";
  let from = node.start;
  for (const { start, end } of hidden) {
    kept += text.slice(from, start);
    from = end;
  }
  return (kept + text.slice(from, node.end))
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
