/** The levels of isolation that `skerry config init` writes a file for. */
export const TEMPLATES = ["virtualenv", "basic"] as const;
export type Template = (typeof TEMPLATES)[number];
