import { fileURLToPath } from "node:url";
import { dropSecrets } from "../core/secrets.ts";

/** Where a distribution came from that isn't from an index: a folder in editable form, or the rest of `name @ …`. */
export type DirectOrigin = { readonly editable: string } | { readonly url: string };

/**
 * Reads a `direct_url.json` of a `.dist-info` folder.
 * @returns undefined for a text that isn't one
 * @see https://packaging.python.org/en/latest/specifications/direct-url/
 */
export function parseDirectUrl(text: string): DirectOrigin | undefined {
  try {
    const { url, dir_info: folder, vcs_info: vcs, subdirectory } = JSON.parse(text) as DirectUrl;
    if (typeof url !== "string") return undefined;
    if (folder?.editable) return { editable: fileURLToPath(url) };
    const part = subdirectory === undefined ? "" : `#subdirectory=${subdirectory}`;
    return { url: vcs ? `${vcs.vcs}+${url}@${vcs.commit_id}${part}` : url + part };
  } catch {
    return undefined;
  }
}

/** The same text with an address that others may have: installers leave tokens in its query. */
export function withoutSecrets(text: string): string {
  try {
    const origin = JSON.parse(text) as DirectUrl;
    const url = typeof origin.url === "string" ? dropSecrets(origin.url) : origin.url;
    return url === origin.url ? text : JSON.stringify({ ...origin, url });
  } catch {
    return text;
  }
}

interface DirectUrl {
  readonly url: unknown;
  readonly dir_info?: { readonly editable?: boolean };
  readonly vcs_info?: { readonly vcs: string; readonly commit_id: string };
  readonly subdirectory?: string;
}
