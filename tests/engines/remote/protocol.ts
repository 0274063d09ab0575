/** What clients ask the daemon for, as the first frame of a connection. */
export type Request =
  | { readonly do: "remove" | "inspect"; readonly id: string }
  /** `home`: the state that it is of, which `list` asks by. */
  | { readonly do: "create"; readonly id: string; readonly home: string }
  | { readonly do: "list"; readonly home: string }
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

/** One answer to `list`. */
export interface Listed {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The first answer to `start`; frames of output follow, and the end last. */
export interface Started {
  readonly ref: string;
}
