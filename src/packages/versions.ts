import type { LayerTarget } from "../core/engine.ts";
import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import { runTool } from "../platform/run-tool.ts";
import type { FileOptions } from "../python/requirements.ts";
import { INDEX_SCRIPT } from "./index-script.ts";
import { pipFlag, pipList } from "./pip-config.ts";
import { type InstallerSettings, pipInvocation, uvInvocation } from "./settings.ts";

const DEFAULT_INDEX = "https://pypi.org/simple";

/**
 * Asks the index by the interpreter's own standard library; see {@link INDEX_SCRIPT}.
 * @throws SKE-NETWORK
 */
export async function askIndex(
  question: Readonly<Record<string, unknown>>,
  interpreter: string,
  settings: InstallerSettings,
  file: FileOptions | undefined,
  op: Operation,
  timeoutMs = 60_000,
): Promise<Record<string, unknown>> {
  const { env } = pipInvocation(settings, file);
  const uv = uvInvocation(settings, file).env;
  const first = uv.UV_DEFAULT_INDEX ?? uv.UV_INDEX_URL ?? DEFAULT_INDEX;
  const noIndex = settings.offline || file?.noIndex || pipFlag(settings.pip["no-index"]);
  const more = [...pipList(uv.UV_INDEX), ...pipList(uv.UV_EXTRA_INDEX_URL)].map((index) =>
    index.replace(/^[\w-]+=(?=https?:)/, ""),
  );
  const request = {
    ...question,
    indexes: noIndex ? [] : [...more, first],
    cert: env.PIP_CERT,
    proxy: env.PIP_PROXY,
    trusted: pipList(env.PIP_TRUSTED_HOST).map((host) => host.replace(/:\d+$/, "")),
    timeout: Number(env.PIP_TIMEOUT ?? env.PIP_DEFAULT_TIMEOUT) || 15,
  };
  const { stdout, stderr } = await runTool([interpreter, "-I", "-c", INDEX_SCRIPT], {
    op,
    timeoutMs,
    env: settings.env,
    input: JSON.stringify(request),
  });
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(stdout) as Record<string, unknown>;
  } catch {
    answer = { error: stderr.trim() || "the interpreter gave no answer" };
  }
  if (answer.error === undefined) return answer;
  const what = settings.redact(String(answer.error));
  throw new SkerryError("SKE-NETWORK", `Could not ask the package index: ${what}`, {
    hint: "check the network, the proxy variables (HTTPS_PROXY) and the address of the index",
  });
}

/** Adds the newest versions that the index has to the hint of a `SKE-PKG-VERSION`, where it says which; else as given. */
export async function withVersions(
  error: SkerryError,
  target: LayerTarget,
  settings: InstallerSettings,
  file: FileOptions | undefined,
  op: Operation,
): Promise<SkerryError> {
  const project = error.details.package;
  if (error.code !== "SKE-PKG-VERSION" || typeof project !== "string" || error.details.available) return error;
  try {
    const answer = await askIndex({ versions: project }, target.interpreter, settings, file, op, 10_000);
    const available = (answer.versions as string[]).slice(0, 5);
    if (available.length === 0) return error;
    const hint = `${error.hint}; the newest of ${project}: ${available.join(", ")}`;
    return new SkerryError(error.code, error.message, { hint, details: { ...error.details, available } });
  } catch {
    return error;
  }
}
