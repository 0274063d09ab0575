import type { Engine, EngineContext, EngineFactory } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import { nearest } from "../core/near.ts";
import { basicEngine } from "./basic/basic-engine.ts";
import { pixiEngine } from "./pixi/pixi-engine.ts";
import { virtualenvEngine } from "./virtualenv/virtualenv-engine.ts";

/** The engines that come with Skerry, weakest isolation first. */
export const BUILT_IN_ENGINES: Readonly<Record<string, EngineFactory>> = {
  basic: basicEngine,
  virtualenv: virtualenvEngine,
  pixi: pixiEngine,
};

/** Engines by name. Each is made when it is first asked for. */
export class EngineRegistry {
  readonly #factories: Map<string, EngineFactory>;
  readonly #engines = new Map<string, Engine>();
  readonly #context: EngineContext;

  /** @param more engines of plugins, by name; they may not take the name of another */
  constructor(context: EngineContext, more: Readonly<Record<string, EngineFactory>> = {}) {
    this.#context = context;
    this.#factories = new Map(Object.entries(BUILT_IN_ENGINES));
    for (const [name, factory] of Object.entries(more)) {
      if (this.#factories.has(name)) {
        throw new SkerryError("SKE-USAGE", `An engine named ${name} is registered already`, {
          hint: "give the engine another name",
        });
      }
      this.#factories.set(name, factory);
    }
  }

  get names(): string[] {
    return [...this.#factories.keys()];
  }

  /** @throws SKE-ENGINE-UNKNOWN with the near name as the hint */
  get(name: string): Engine {
    const known = this.#engines.get(name);
    if (known) return known;
    const factory = this.#factories.get(name);
    if (!factory) {
      const near = nearest(name, this.names);
      throw new SkerryError("SKE-ENGINE-UNKNOWN", `There is no engine named ${JSON.stringify(name.slice(0, 80))}`, {
        hint: near ? `did you mean ${near}?` : `the engines are ${this.names.join(", ")}`,
      });
    }
    const engine = factory(this.#context);
    this.#engines.set(name, engine);
    return engine;
  }
}
