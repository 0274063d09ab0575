/** The kind of cache entries that lead from the key of a request to its cached environment. */
export const REQUEST_KIND = "run";

/** What such an entry holds. */
export interface CachedRequest {
  /** Id of the environment. */
  readonly environment: string;
}
