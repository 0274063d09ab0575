import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { BASELINE, publicTypes } from "../../scripts/tasks/baseline.ts";
import { ROOT, read } from "./sources.ts";

/** The classes whose handles the library gives out. */
const HANDLES = [
  "src/environments/configuration.ts",
  "src/environments/environment.ts",
  "src/environments/packages/installed-packages.ts",
  "src/environments/packages/packages.ts",
  "src/environments/pythons.ts",
  "src/environments/manager.ts",
  "src/environments/trust.ts",
  "src/tasks/tasks.ts",
  "src/worktrees/worktrees.ts",
];

/** What gives no promise all the same, for it is of this process and asks for nothing. */
const IN_PROCESS = ["Environment.facet", "Manager.operation", "Worktrees.at"];

interface Member {
  readonly type: string;
  readonly kind?: string;
  readonly accessibility?: string | null;
  readonly key: { readonly type: string; readonly name?: string };
  readonly value?: {
    readonly async?: boolean;
    readonly returnType?: { readonly typeAnnotation: { readonly typeName?: { readonly name?: string } } };
  };
}

/** The methods of a module's exported classes that give something else than a promise, as `Class.method`. */
function synchronous(path: string, text: string): string[] {
  return parseSync(path, text).program.body.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration" || node.declaration?.type !== "ClassDeclaration") return [];
    const { id, body } = node.declaration;
    return (body.body as unknown as readonly Member[])
      .filter(({ type, kind, key, accessibility }) => {
        const isPublic = key.type === "Identifier" && (accessibility ?? "public") === "public";
        return type === "MethodDefinition" && kind === "method" && isPublic;
      })
      .filter(({ value }) => !value?.async && value?.returnType?.typeAnnotation.typeName?.name !== "Promise")
      .map(({ key }) => `${id?.name}.${key.name}`);
  });
}

describe("the public interface", () => {
  test("has the types that were recorded", () => {
    const how = `Programs are compiled against them. If a change is meant: run \`npm run baseline\`, look at what changed in ${BASELINE}, and say in CHANGELOG.md what others have to do.`;
    expect(publicTypes().split("\n"), how).toEqual(readFileSync(join(ROOT, BASELINE), "utf8").split("\n"));
  });

  test("gives a promise for all that it is asked, so that the answer may come from elsewhere", () => {
    expect(HANDLES.flatMap((path) => synchronous(path, read(path)))).toEqual(IN_PROCESS);
  });

  test("is found to give something else than a promise, however that is written", () => {
    const text = `
      export class One {
        #hidden(): void {}
        protected mine() {}
        get name() { return ""; }
        late(): Promise<void> { return Promise.resolve(); }
        async later() {}
        now(): string { return ""; }
        soon() {}
      }
      class Two { other(): void {} }`;
    expect(synchronous("x.ts", text)).toEqual(["One.now", "One.soon"]);
  });
});
