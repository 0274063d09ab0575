import { operation } from "../../src/core/operation.ts";
import type { FactsCache, InterpreterFacts } from "../../src/python/interpreter.ts";
import { probeInterpreter } from "../../src/python/probe.ts";
import { pythons } from "../rig/rig.ts";

/** A cache in memory that counts how many interpreters had to be asked. */
export class MemoryCache implements FactsCache {
  readonly asked: string[] = [];
  readonly #facts = new Map<string, InterpreterFacts>();

  get(path: string, mtimeMs: number, size: number): InterpreterFacts | undefined {
    const facts = this.#facts.get(path);
    return facts?.mtimeMs === mtimeMs && facts.size === size ? facts : undefined;
  }

  put(facts: InterpreterFacts): void {
    this.asked.push(facts.path);
    this.#facts.set(facts.path, facts);
  }
}

/** The facts of every interpreter of this machine, oldest first. */
export const everyPython: readonly InterpreterFacts[] = await Promise.all(
  pythons().map((python) => probeInterpreter(python.path, operation())),
);

/** The newest CPython here. */
export const newest = everyPython.findLast((facts) => facts.implementation === "cpython")!;

/** What an interpreter prints for an expression, as JSON; `os`, `site`, `sys` and `sysconfig` are imported. */
export function pythonCode(expression: string): string {
  return `import json, os, site, sys, sysconfig; print(json.dumps(${expression}))`;
}
