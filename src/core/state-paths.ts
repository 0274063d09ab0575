/** Where the state lies: absolute paths. `db` is a file, `home` holds the others. */
export interface StatePaths {
  readonly home: string;
  readonly db: string;
  readonly envs: string;
  readonly store: string;
  readonly locks: string;
  readonly tools: string;
  readonly logs: string;
  readonly tmp: string;
}
