import type { EnvironmentRecord } from "./environment.ts";
import type { Operation } from "./operation.ts";
import type { Command } from "./process.ts";
import type { EnvironmentSpec, RequirementsSpec } from "./spec.ts";

/** The questions asked before something happens, and what each hands to its hooks. */
export interface HookRequests {
  "before-create": { readonly spec: EnvironmentSpec };
  /** Asked before a change of packages, and before a creation with packages. */
  "before-install": {
    /** Null while it is being created. */
    readonly environment: EnvironmentRecord | null;
    /** What is asked for by name, file or folder; not what that requires in turn. */
    readonly add: RequirementsSpec;
    readonly remove: readonly string[];
  };
  "before-start": { readonly environment: EnvironmentRecord; readonly command: Command };
  "before-destroy": { readonly environment: EnvironmentRecord };
}
export type HookName = keyof HookRequests;
export const HOOK_NAMES: readonly HookName[] = ["before-create", "before-install", "before-start", "before-destroy"];

/**
 * Go on as asked (nothing), go on with a changed request, or refuse with a reason. A changed request has to be what a
 * user could have asked for, and is about the same environment.
 */
export type HookAnswer<R> = undefined | { readonly change: R } | { readonly refuse: string; readonly hint?: string };

/** A question's listener. Throwing refuses too. */
export interface Hook<N extends HookName = HookName> {
  readonly on: N;
  /** Names the hook in refusals and in the hash of cached environments: change it when its answers change. */
  readonly identity: string;
  ask(request: HookRequests[N], op: Operation): HookAnswer<HookRequests[N]> | Promise<HookAnswer<HookRequests[N]>>;
}
