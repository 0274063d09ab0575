import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { at } from "./command.ts";

/** The text of generated pages by path, relative to the root. */
export type Pages = Record<string, string>;

/** Renders every generated page: each module of scripts/docs/ exports `render(): Pages | Promise<Pages>`. */
export async function renderDocs(): Promise<Pages> {
  const pages: Pages = {};
  for (const name of readdirSync(at("scripts/docs")).sort()) {
    const module: { render(): Pages | Promise<Pages> } = await import(at(`scripts/docs/${name}`));
    Object.assign(pages, await module.render());
  }
  return pages;
}

/** Writes the generated pages whose text changed. @returns their paths */
export async function writeDocs(): Promise<string[]> {
  const changed = Object.entries(await renderDocs()).filter(
    ([path, text]) => !existsSync(at(path)) || readFileSync(at(path), "utf8") !== text,
  );
  for (const [path, text] of changed) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
  return changed.map(([path]) => path);
}
