import type { Config } from "../../config/schema.ts";

/** The caller's variables with what Skerry's own configuration says of indexes, which wins over pip's and uv's. */
export function withIndexes(env: Readonly<NodeJS.ProcessEnv>, config: Config): NodeJS.ProcessEnv {
  const { index_url: index, extra_index_urls: extra, find_links: links } = config;
  return {
    ...env,
    ...(index === undefined ? {} : { PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index, UV_INDEX_URL: undefined }),
    ...(extra.length === 0
      ? {}
      : { PIP_EXTRA_INDEX_URL: extra.join(" "), UV_INDEX: extra.join(" "), UV_EXTRA_INDEX_URL: undefined }),
    ...(links.length === 0 ? {} : { PIP_FIND_LINKS: links.join(" "), UV_FIND_LINKS: links.join(",") }),
  };
}
