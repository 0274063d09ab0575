import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderDocs } from "../../scripts/tasks/docs.ts";
import { projectFiles, ROOT, read } from "./sources.ts";

const PAGES = projectFiles("*.md").filter((path) => !path.startsWith("tests/"));

describe("documentation", () => {
  test("that is generated is what the code says: `npm run docs` writes it", async () => {
    const pages = Object.entries(await renderDocs());
    expect(pages.length).toBeGreaterThan(0);
    expect(
      pages.filter(([path, text]) => !existsSync(join(ROOT, path)) || read(path) !== text).map(([path]) => path),
    ).toEqual([]);
  });

  test("links to what is there", () => {
    const broken = PAGES.flatMap((page) =>
      linksOf(page)
        .filter((link) => !resolves(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test("is all reachable from docs/README.md", () => {
    const listed = linksOf("docs/README.md").map((link) => join("docs", link.replace(/#.*/, "")));
    const folders = listed.filter((path) => path.endsWith("/"));
    const pages = PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md");
    expect(
      pages.filter((page) => !listed.includes(page) && !folders.some((folder) => page.startsWith(folder))),
    ).toEqual([]);
  });

  test("begins with commands to type", () => {
    const blocks = [...read("README.md").matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].map(
      ([, text]) => text ?? "",
    );
    expect(blocks.slice(0, 2).join("")).toMatch(/^(\$ )?(\.\/skerry|npm) /m);
    expect(read("README.md")).toContain("npm test");
  });
});

describe("examples", () => {
  test("are each run by a test", () => {
    const tests = projectFiles("tests").filter((path) => path.endsWith(".test.ts"));
    const text = tests.map(read).join("\n");
    const examples = projectFiles("examples").filter((path) => path.endsWith(".ts"));
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.filter((path) => !text.includes(path))).toEqual([]);
  });
});

/** Targets of links within the project. */
function linksOf(page: string): string[] {
  const text = read(page).replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(read(file)).includes(anchor);
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
