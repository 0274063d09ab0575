import { SkerryError } from "../core/error.ts";
import type { Operation } from "../core/operation.ts";
import type { Target } from "../core/target.ts";
import type { FileOptions } from "../python/requirement/files.ts";
import ASK_INDEX from "./ask-index.py" with { type: "text" };
import { networkError } from "./errors.ts";
import { pipFlag, pipList } from "./pip-config.ts";
import { DEFAULT_INDEX, type InstallerSettings, pipInvocation, uvInvocation } from "./settings.ts";
import { describeTarget } from "./tool-output.ts";

const CONSULT_TIMEOUT_MS = 15_000;

/** How the index is asked: with which settings, the user's own and those of requirements files. */
interface IndexContext {
  /** Its interpreter asks. */
  readonly target: Target;
  readonly settings: InstallerSettings;
  readonly file?: FileOptions | undefined;
  readonly timeoutMs?: number;
}

/**
 * Asks the index by the interpreter's own standard library; ask-index.py says what.
 * @throws SKE-PKG-NOT-FOUND, SKE-NETWORK
 */
export async function askIndex(
  question: Readonly<Record<string, unknown>>,
  { target, settings, file, timeoutMs = 60_000 }: IndexContext,
  op: Operation,
): Promise<Record<string, unknown>> {
  const { env } = pipInvocation(settings, file);
  const uv = uvInvocation(settings, file).env;
  const first = uv.UV_DEFAULT_INDEX ?? uv.UV_INDEX_URL ?? DEFAULT_INDEX;
  const noIndex = settings.offline || file?.noIndex || pipFlag(settings.pip["no-index"]);
  const more = [...pipList(uv.UV_INDEX), ...pipList(uv.UV_EXTRA_INDEX_URL)].map((index) =>
    index.replace(/^[\w-]+=(?=https?:)/, ""),
  );
  // Metadata may be in files of this machine.
  if (noIndex && !question.requires) throw new SkerryError("SKE-PKG-NOT-FOUND", "No package index is in use");
  const request = {
    ...question,
    indexes: [...more, first],
    cert: env.PIP_CERT,
    proxy: env.PIP_PROXY,
    trusted: pipList(env.PIP_TRUSTED_HOST).map((host) => host.replace(/:\d+$/, "")),
    timeout: Number(env.PIP_TIMEOUT ?? env.PIP_DEFAULT_TIMEOUT) || 15,
  };
  const { stdout, stderr } = await target.run([target.identity.interpreter, "-I", "-c", ASK_INDEX], {
    op,
    timeoutMs,
    redact: settings.redact,
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
  const text = settings.redact(`${request.indexes.join(" ")}: ${String(answer.error)}`);
  if (answer.missing === true) throw new SkerryError("SKE-PKG-NOT-FOUND", `The index has no such package: ${text}`);
  throw networkError("ask the package index", text);
}

/**
 * Asks the index about a failure that an installer explains only in part: which versions there are instead of a missing
 * one; and whether a missing package is one, for pip says the same when it can't reach the index.
 * @returns a better error, or the one given
 */
export async function consultIndex(
  error: SkerryError,
  doing: string,
  { target, settings, file }: IndexContext,
  op: Operation,
): Promise<SkerryError> {
  const { package: project, available: known, tool } = error.details;
  const unsure = error.code === "SKE-PKG-NOT-FOUND" && tool === "pip";
  if (typeof project !== "string" || !(unsure || (error.code === "SKE-PKG-VERSION" && !known))) return error;
  try {
    const answer = await askIndex({ versions: project }, { target, settings, file, timeoutMs: CONSULT_TIMEOUT_MS }, op);
    const available = (answer.versions as string[]).slice(0, 5);
    if (unsure) {
      // pip takes a project without a file that fits for one that isn't there.
      const what = `Could not ${doing}: no version of ${project} fits ${describeTarget(target.identity)}`;
      return new SkerryError("SKE-PKG-VERSION", what, {
        hint: "choose another Python with --python",
        details: error.details,
      });
    }
    if (available.length === 0) return error;
    const hint = `${error.hint}; the newest of ${project}: ${available.join(", ")}`;
    return new SkerryError(error.code, error.message, { hint, details: { ...error.details, available } });
  } catch (why) {
    if (!unsure || !(why instanceof SkerryError) || why.code === "SKE-PKG-NOT-FOUND") return error;
    if (why.code === "SKE-INTERRUPTED") return why;
    return new SkerryError("SKE-NETWORK", `Could not ${doing}: ${why.message}`, {
      ...(why.hint === undefined ? {} : { hint: why.hint }),
      details: { ...why.details, tool },
    });
  }
}
