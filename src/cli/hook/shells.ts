/** The shells that there is a hook for. */
export const HOOK_SHELLS = ["bash", "zsh", "fish"] as const;
export type HookShell = (typeof HOOK_SHELLS)[number];

/**
 * What a shell passes that was answered before, so that what is active in it isn't its parent's: `again`, or `more` where
 * the last answer said that there is more to do.
 */
export const AGAIN = ["again", "more"] as const;
