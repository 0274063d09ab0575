/** What clients ask the daemon for, as the first frame of a connection. */
export type Request =
  | { readonly do: "create" | "remove" | "inspect"; readonly id: string }
  | { readonly do: "list" }
  | {
      readonly do: "start";
      readonly id: string;
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
      /** Frames of input follow; an empty one ends it. */
      readonly input: boolean;
      readonly ownHome: boolean;
    }
  /** Answered at once with whether it is there, and with its end when it ends. */
  | { readonly do: "wait" | "running"; readonly id: string; readonly ref: string }
  | {
      readonly do: "signal";
      readonly id: string;
      readonly ref: string;
      readonly signal: NodeJS.Signals;
      readonly whom: "command" | "tree";
    };

/** The first answer to `start`; frames of output follow, and the end last. */
export interface Started {
  readonly ref: string;
}
