import { join } from "node:path";
import { userHomeFolder } from "../platform/paths.ts";
import { type PipConfig, pipList } from "./pip-config.ts";
import { pathNamed } from "./relative-paths.ts";
import { checkSettingsFile } from "./settings-file.ts";

/** Lists of files in variables of uv's and settings of pip's, and single ones, which the installers open themselves. */
const LISTS_OF_UV = ["UV_CONSTRAINT", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT", "UV_EXCLUDE"];
const LISTS_OF_PIP = ["constraint", "build-constraint"];
const FILES_OF_PIP = ["cert", "client-cert"];
const FILES_OF_BOTH = ["SSL_CERT_FILE", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/**
 * Looks at the files that the installers would open because of the user's settings.
 * @throws SKE-IO for a pipe, a device and a file that is too large
 */
export function checkNamedFiles(env: NodeJS.ProcessEnv, pip: PipConfig): void {
  const paths = [
    ...LISTS_OF_UV.flatMap((name) => pipList(env[name])),
    ...LISTS_OF_PIP.flatMap((name) => pipList(pip[name])),
    ...FILES_OF_PIP.map((name) => pip[name]),
    ...FILES_OF_BOTH.map((name) => env[name]),
    env.NETRC || join(userHomeFolder(env), ".netrc"),
  ];
  for (const path of paths) if (path) checkSettingsFile(pathNamed(path));
}
