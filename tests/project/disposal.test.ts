import { describe, expect, test } from "bun:test";
import { parseSync } from "oxc-parser";
import { MODULES, read } from "./sources.ts";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode));
}

/** A module that was read. */
interface Source {
  readonly text: string;
  readonly program: Node;
}

function parse(path: string, text: string): Source {
  return { text, program: parseSync(path, text).program as unknown as Node };
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "MemberExpression") return nameOf(node.property);
  return "name" in node ? String(node.name) : undefined;
}

const isFunction = ({ type }: Node) => /Function/.test(type);

/** Whether a function gives a promise, as it says. */
function givesPromise({ text }: Source, { async: isAsync, returnType }: Node): boolean {
  return isAsync === true || (isNode(returnType) && /\bPromise</.test(text.slice(returnType.start, returnType.end)));
}

/** The names of functions, methods and parameters, and whether they give a promise. */
function callables(source: Source): Map<string, boolean> {
  const names = new Map<string, boolean>();
  const visit = (node: Node): void => {
    const { id, key, init, value, typeAnnotation } = node;
    const made = [node, init, value].filter(isNode).find((one) => isFunction(one) || "returnType" in one);
    const type = isNode(typeAnnotation) ? source.text.slice(typeAnnotation.start, typeAnnotation.end) : "";
    const name = nameOf(id) ?? nameOf(key) ?? nameOf(node);
    if (name !== undefined && (made || type.includes("=>")))
      names.set(name, names.get(name) || (made ? givesPromise(source, made) : /=>\s*Promise</.test(type)));
    for (const child of childrenOf(node)) visit(child);
  };
  visit(source.program);
  return names;
}

/** What an expression may come to, as it is written. */
function outcomesOf(node: unknown): Node[] {
  if (!isNode(node)) return [];
  const { left, right, consequent, alternate, expression, operator } = node;
  if (node.type === "LogicalExpression") return [...(operator === "&&" ? [] : outcomesOf(left)), ...outcomesOf(right)];
  if (node.type === "ConditionalExpression") return [...outcomesOf(consequent), ...outcomesOf(alternate)];
  return isNode(expression) ? outcomesOf(expression) : [node];
}

/**
 * The returns of a promise from where something is disposed of, or `finally` or `catch` runs, before the promise is kept.
 * @param others what other modules have, for what this one hasn't
 */
function earlyReturns(source: Source, others: ReadonlyMap<string, boolean> = new Map()): string[] {
  const own = callables(source);
  const isPromise = (call: Node): boolean => {
    const name = nameOf(call.callee) ?? "";
    return (own.get(name) ?? others.get(name)) === true;
  };
  const visit = (node: Node, gives: boolean, isEarly: boolean): string[] => {
    if (isFunction(node)) return childrenOf(node).flatMap((child) => visit(child, givesPromise(source, node), false));
    if (node.type === "ReturnStatement" && gives && isEarly) {
      const calls = outcomesOf(node.argument).filter((one) => one.type === "CallExpression");
      if (calls.some(isPromise)) return [source.text.slice(node.start, node.end)];
    }
    const tried = node.type === "TryStatement" ? [node.block, node.finalizer && node.handler] : [];
    let early = isEarly;
    return childrenOf(node).flatMap((child) => {
      if (child.type === "VariableDeclaration" && /using$/.test(String(child.kind))) early = true;
      return visit(child, gives, early || tried.includes(child));
    });
  };
  return visit(source.program, false, false);
}

describe("a promise that is returned", () => {
  const sources = MODULES.map((path) => ({ path, ...parse(path, read(path)) }));
  const everywhere = new Map<string, boolean>();
  for (const one of sources)
    for (const [name, gives] of callables(one)) everywhere.set(name, everywhere.get(name) || gives);

  test("is awaited where something is held until the end of the block: else it is let go while the work goes on", () => {
    expect([...everywhere.values()].filter(Boolean).length).toBeGreaterThan(300);
    expect(sources.flatMap((one) => earlyReturns(one, everywhere).map((what) => `${one.path}: ${what}`))).toEqual([]);
  });

  test("is found however it is written", () => {
    const found = (body: string) =>
      earlyReturns(parse("a.ts", `async function work() {} async function f(go: () => Promise<void>) { ${body} }`))
        .length;
    const early = [
      "using x = a(); return work();",
      "await using x = a(); return x !== undefined && work();",
      "await using x = a(); if (x) { return b ?? work(); }",
      "using x = a(); return b ? (work() as never) : c;",
      "for (const b of c) { using x = a(); return go(); }",
      "try { return work(); } catch {}",
      "try { return go(); } finally { a(); }",
      "try { a(); } catch { return work(); } finally { b(); }",
    ];
    for (const body of early) expect([body, found(body)]).toEqual([body, 1]);
    const fine = [
      "using x = a(); return await work();",
      "await using x = a(); return x !== undefined && (await work());",
      "using x = a(); return other();",
      "{ using x = a(); } return work();",
      "using x = a(); const g = () => { return work(); }; return await g();",
      "try { a(); } catch { return work(); }",
      "return work(); using x = a();",
    ];
    for (const body of fine) expect([body, found(body)]).toEqual([body, 0]);
  });
});
