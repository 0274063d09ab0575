import { SkerryError } from "../core/error.ts";
import { HOOK_NAMES, type Hook, type HookName, type HookRequests } from "../core/hook.ts";
import { digest } from "../core/json.ts";
import type { Operation } from "../core/operation.ts";
import { hideSecrets } from "../core/secrets.ts";

/** The hooks of this process, asked in the order they were added. */
export class Hooks {
  readonly #hooks: Hook[] = [];

  /** Adds a hook. Dispose the result to take it away. */
  add<N extends HookName>(hook: Hook<N>): Disposable {
    if (!HOOK_NAMES.includes(hook.on)) {
      throw new SkerryError(
        "SKE-USAGE",
        `There is no question ${JSON.stringify(hook.on)} for the hook ${hook.identity}`,
        {
          hint: `the questions are ${HOOK_NAMES.join(", ")}`,
        },
      );
    }
    const added = hook as unknown as Hook;
    this.#hooks.push(added);
    return {
      [Symbol.dispose]: () => {
        const at = this.#hooks.indexOf(added);
        if (at >= 0) this.#hooks.splice(at, 1);
      },
    };
  }

  /** What the hooks' identities add to the key of a cached environment; undefined when there is none. */
  get digest(): string | undefined {
    const identities = this.#hooks
      .filter((hook) => hook.on !== "before-destroy")
      .map((hook) => `${hook.on} ${hook.identity}`);
    return identities.length === 0 ? undefined : digest(identities);
  }

  /**
   * Asks every hook in turn; each sees what those before it changed.
   * @throws SKE-HOOK-REFUSED when one refuses, throws, or changes the request to what users couldn't ask for
   */
  async ask<N extends HookName>(name: N, request: HookRequests[N], op: Operation): Promise<HookRequests[N]> {
    let current = request;
    for (const hook of [...this.#hooks]) {
      if (hook.on !== name) continue;
      const answer = await this.#answer(hook as unknown as Hook<N>, current, op);
      if (answer === undefined) continue;
      if ("refuse" in answer) {
        throw new SkerryError("SKE-HOOK-REFUSED", `The hook ${hook.identity} refused (${name}): ${answer.refuse}`, {
          ...(answer.hint === undefined ? {} : { hint: hideSecrets(answer.hint) }),
          details: { hook: hook.identity, on: name },
        });
      }
      await check(hook, answer.change);
      // Which environment it is about isn't for a hook to say.
      current = "environment" in current ? { ...answer.change, environment: current.environment } : answer.change;
    }
    return current;
  }

  async #answer<N extends HookName>(hook: Hook<N>, request: HookRequests[N], op: Operation) {
    try {
      return await hook.ask(request, op);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw faulty(hook, `The hook ${hook.identity} failed (${hook.on}): ${why}`, cause);
    }
  }
}

async function check(hook: Hook, change: unknown): Promise<void> {
  const { HOOK_CHANGES } = await import("./schemas.ts");
  const issue = HOOK_CHANGES[hook.on].safeParse(change).error?.issues[0];
  if (!issue) return;
  const where = issue.path.join(".") || "the request";
  throw faulty(hook, `The hook ${hook.identity} changed ${where} to what can't be (${hook.on}): ${issue.message}`);
}

function faulty(hook: Pick<Hook, "identity" | "on">, message: string, cause?: unknown): SkerryError {
  return new SkerryError("SKE-HOOK-REFUSED", message, {
    hint: "mend the hook, or take it away",
    details: { hook: hook.identity, on: hook.on },
    cause,
  });
}
