/** A caller's variables. */
export type Variables = Readonly<Record<string, string | undefined>>;
