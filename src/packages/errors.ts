import { SkerryError } from "../core/error.ts";
import type { ErrorCode } from "../core/error-codes.ts";
import type { LayerTarget } from "../core/layer-target.ts";
import { between, cut } from "../core/scan.ts";
import { normalizeName } from "../python/requirement/requirement.ts";
import { settingsDiagnosis } from "./settings-error.ts";
import { chainOf, clean, describeTarget, hostOf, indent, tail } from "./tool-output.ts";

/** What a failed run of an installer leaves behind. */
export interface Failure {
  readonly tool: "uv" | "pip";
  /** What was being done: `resolve requests, rich`. */
  readonly doing: string;
  /** All that the tool printed, secrets taken out. */
  readonly output: string;
  readonly target: LayerTarget;
  readonly offline: boolean;
}

interface Diagnosis {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const NETWORK =
  /Connection refused|NewConnectionError|dns error|Name or service not known|Temporary failure in name resolution|nodename nor servname|getaddrinfo failed|No route to host|Network is unreachable|invalid peer certificate|CERTIFICATE_VERIFY_FAILED|SSLError|tls handshake|UnknownIssuer|error sending request|Could not connect|operation timed out|Read timed out|ConnectTimeout|Connection reset|Connection aborted|HTTP status server error|HTTP error 5\d\d|5\d\d Server Error|too many 5\d\d error responses|HTTP status client error \((401|403|407|429)|HTTP error (401|403|407|429)|(401|403|407|429) (Client )?Error|RemoteDisconnected|ProxyError|error reading a body|IncompleteRead|before message length reached/i;

/** Makes an error of what uv or pip printed. */
export function installerError(failure: Failure): SkerryError {
  const output = clean(failure.output);
  const found = (failure.tool === "uv" ? diagnoseUv(output, failure) : diagnosePip(output, failure)) ?? {
    code: "SKE-TOOL" as const,
    what: `${failure.tool} failed:\n${tail(output)}`,
    hint: "see what it says; --installer chooses the other installer",
  };
  return new SkerryError(found.code, `Could not ${failure.doing}: ${found.what}`, {
    hint: found.hint,
    details: { tool: failure.tool, ...found.details },
  });
}

function diagnoseUv(output: string, failure: Failure): Diagnosis | undefined {
  const settings = settingsDiagnosis(output);
  if (settings) return settings;
  const hash = /Hash mismatch for `([^`]+)`/.exec(output);
  if (hash) return wrongHash(hash[1]!, output);
  const mute = /Querying Python at `([^`]+)` returned an invalid response/.exec(output)?.[1];
  if (mute) return talking(mute);
  const missing =
    /(?:Because |because |and )(\S+) was not found in the (?:package registry|provided package locations)/.exec(
      output,
    )?.[1];
  const isNetwork = NETWORK.test(output);
  if (
    /was not found in the cache|network was disabled|network connectivity is disabled/i.test(output) &&
    failure.offline
  )
    return offline(output);
  if (isNetwork && !/No solution found/.test(output)) return network(output);
  if (/lack of valid authentication credentials|\(403 Forbidden\)/.test(output)) return network(output);
  if (/invalid package format/.test(output) || behind(output, "structure of `", / (was invalid)/))
    return broken(output);
  if (missing) return notFound(missing, chainOf(output));
  if (/No solution found/.test(output)) return noSolution(output, failure);
  const gone =
    /HTTP status client error \(404[^()]*\) for url\s+\(([^)]+)\)/.exec(output)?.[1] ??
    /Distribution not found at: (\S+)/.exec(output)?.[1];
  if (gone) return nothingAt(gone);
  if (/Git operation failed/.test(output)) return git(output);
  if (
    /Failed to build|build backend returned an error|Failed to resolve requirements from `(?:build-system|setup)|Failed to generate package metadata/.test(
      output,
    )
  ) {
    return build(/Failed to (?:download and )?build(?: package)? `([^`]+)`/.exec(output)?.[1], output);
  }
  if (/invalid|corrupt|Failed to (?:extract|read|unzip|parse)|not a valid|metadata|mismatch|zip|RECORD/i.test(output))
    return broken(output);
  return undefined;
}

function noSolution(output: string, { target }: Failure): Diagnosis {
  const chain = chainOf(output);
  const wheels = chain.search(/ has no (?:wheels|usable wheels|source distribution)/);
  const several = /depends on|are incompatible/.test(chain.replace(/depends on Python\S*/g, ""));
  const name =
    chain.slice(0, Math.max(0, wheels)).split(/\s/).at(-1) ||
    /there (?:is no version|are no versions) of ([A-Za-z0-9._-]+)|only (\w\S*) (?:is|are) available|and (\w\S*) depends on Python/
      .exec(chain)
      ?.slice(1)
      .find(Boolean);
  if (name && !several) {
    const python = /Python\s?(>=|<|==)/.test(chain) || wheels >= 0;
    const project = /^[A-Za-z0-9._-]+?(?=[=<>!~[]|$)/.exec(name)?.[0] ?? name;
    return {
      code: "SKE-PKG-VERSION",
      what: python
        ? `no version fits ${describeTarget(target)}:\n${indent(chain)}`
        : `there is no such version of ${project}:\n${indent(chain)}`,
      hint: python
        ? "choose another version of the package, or another Python with --python"
        : "ask for a version that exists",
      details: { package: normalizeName(project), chain },
    };
  }
  return conflict(chain);
}

function diagnosePip(output: string, failure: Failure): Diagnosis | undefined {
  if (/DO NOT MATCH THE HASHES|Hashes are required|Hash mismatch/i.test(output)) {
    return wrongHash(hashless(output) ?? "a package", output);
  }
  if (/ResolutionImpossible|have conflicting dependencies/.test(output)) {
    const block = /The conflict is caused by:\n([\s\S]*?)(?:\n\s*\n|$)/.exec(output)?.[1];
    return conflict(block === undefined ? tail(output) : block.replace(/^ +/gm, "").trim());
  }
  const asked = between(output, "Could not find a version that satisfies the requirement ", " (from versions: ");
  if (NETWORK.test(output)) return network(output);
  if (asked !== undefined) {
    const versions = between(output, " (from versions: ", ")") ?? "";
    const project = /^[A-Za-z0-9._-]+/.exec(asked)?.[0] ?? asked;
    const other = /Ignored the following versions that require a different python version: (.*)/.exec(output)?.[1];
    if (versions === "none" && !other) {
      return failure.offline ? offline(output) : notFound(project, asked);
    }
    const newest = versions === "none" ? [] : versions.split(", ").slice(-5).reverse();
    return {
      code: "SKE-PKG-VERSION",
      what:
        newest.length === 0
          ? `no version of ${project} fits ${describeTarget(failure.target)}`
          : `there is no ${asked}`,
      hint: newest.length === 0 ? "choose another Python with --python" : `the newest that fit: ${newest.join(", ")}`,
      details: { package: normalizeName(project), available: newest },
    };
  }
  const gone =
    behind(output, "HTTP error 404", /(?:for url: |URL )(\S+)/i) ??
    behind(output, "404 Client Error", / for url: (\S+)/);
  if (gone) return nothingAt(gone);
  if (/git (?:clone|fetch|checkout|ls-remote|rev-parse)/.test(output) && /fatal:|did not match any/.test(output))
    return git(output);
  if (
    /subprocess-exited-with-error|metadata-generation-failed|Failed building|Failed to build|Getting requirements to build \S+ did not run/.test(
      output,
    )
  ) {
    return build(
      /Failed (?:to build|building \S+ for) (\S+)/.exec(output)?.[1] ??
        /from (\S+)\)?\n.*(?:error|ERROR)/.exec(output)?.[1],
      output,
    );
  }
  if (
    /not a valid wheel filename|is invalid|BadZipFile|invalid metadata|inconsistent|has an invalid wheel|Cannot unpack|InvalidWheel|not a supported wheel/i.test(
      output,
    )
  ) {
    return broken(output);
  }
  return undefined;
}

/** What a pattern finds behind a mark in its line; undefined where no line has both. */
function behind(output: string, mark: string, pattern: RegExp): string | undefined {
  const lines = output.split("\n").map((line) => cut(line, mark)[1]);
  return lines.map((rest) => pattern.exec(rest ?? "")?.[1]).find((found) => found !== undefined);
}

/** What pip names in the line above the hash that it expected. */
function hashless(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const at = lines.findIndex((line, i) => /^\s+Expected/.test(line) && lines[i - 1]?.endsWith(":"));
  return lines[at - 1]?.trim().split(/\s/, 1)[0];
}

function notFound(name: string, chain: string): Diagnosis {
  return {
    code: "SKE-PKG-NOT-FOUND",
    what: `the index has no package called ${name}${chain.includes("depends on") ? `\n${indent(chain)}` : ""}`,
    hint: `check the spelling of ${name}; for a private package, set its index with PIP_INDEX_URL, pip.conf or UV_INDEX`,
    details: { package: normalizeName(name), chain },
  };
}

function conflict(chain: string): Diagnosis {
  return {
    code: "SKE-PKG-CONFLICT",
    what: `the requirements exclude each other:\n${indent(chain)}`,
    hint: "loosen one of the versions that are named",
    details: { chain },
  };
}

function wrongHash(what: string, output: string): Diagnosis {
  const hex = [...output.matchAll(/(?:Expected|Computed|Got)[:\s]*(?:sha\d+[: ]\s*)*([0-9a-f]{64,128})/gi)].map(
    (found) => found[1]!,
  );
  return {
    code: "SKE-PKG-HASH",
    what: `${what} doesn't have the hash that was asked for\n${indent(tail(output, 12))}`,
    hint: "if the lock or the requirements are out of date, write them anew; if not, don't trust the index",
    details: { package: what, hashes: hex },
  };
}

/** What went wrong on the way to an index or another host. */
function network(output: string): Diagnosis {
  const url =
    /(?:url\s+\(|Failed to fetch: `?|for url: |URL |URL \()(https?:\/\/[^\s()`]+)/.exec(output)?.[1] ??
    /(https?:\/\/[^\s()'"]+)/.exec(output)?.[1];
  const denied = /(client error \(|HTTP error |HTTP Error |\()(401|403)\b|(401|403) (Client )?Error/i.test(output);
  const certificate = /certificate|SSLError|UnknownIssuer/i.test(output);
  const lines = output.split("\n").filter((line) => /cause|error|refused|resolve|retry|credentials/i.test(line));
  return {
    code: "SKE-NETWORK",
    what: `${url ? hostOf(url) : "the index"} ${denied ? "refused access" : "could not be reached"}\n${indent(tail(lines.join("\n"), 6))}`,
    hint: denied
      ? "give user and password in the address, which isn't kept, or put them in ~/.netrc or in a keyring"
      : certificate
        ? "name the certificates of your network with SSL_CERT_FILE or PIP_CERT"
        : "check the network, the proxy variables (HTTPS_PROXY) and the address of the index",
    details: url === undefined ? {} : { url },
  };
}

function offline(output: string): Diagnosis {
  return {
    code: "SKE-NETWORK",
    what: `working offline, and what is needed isn't in the cache\n${indent(chainOf(output))}`,
    hint: "try again without --offline",
  };
}

/** `SKE-NETWORK` for what a failed request to an index says of itself. */
export function networkError(doing: string, text: string): SkerryError {
  const { code, what, hint, details = {} } = network(text);
  return new SkerryError(code, `Could not ${doing}: ${what}`, { hint, details });
}

function nothingAt(place: string): Diagnosis {
  return {
    code: "SKE-PKG-NOT-FOUND",
    what: `there is nothing at ${place}`,
    hint: "check the address or path",
    details: { place },
  };
}

function git(output: string): Diagnosis {
  const revision =
    /couldn't find remote ref|not our ref|did not match any|unknown revision|failed to find branch/i.test(output);
  return {
    code: revision ? "SKE-PKG-VERSION" : "SKE-NETWORK",
    what: `${revision ? "the repository doesn't have this revision" : "the repository could not be read"}\n${indent(tail(output, 8))}`,
    hint: revision
      ? "check the branch, tag or commit after the @"
      : "check the address and your access to it (git ls-remote)",
  };
}

function build(name: string | undefined, output: string): Diagnosis {
  return {
    code: "SKE-PKG-BUILD",
    what: `building ${name ?? "a package"} from source failed\n${indent(tail(output))}`,
    hint: "install what the build asks for, or take a version that has a wheel for this Python (--only-binary :all: shows which)",
    details: { ...(name === undefined ? {} : { package: name }), output: tail(output) },
  };
}

/** Of a Python that uv can't use (https://github.com/astral-sh/uv/issues/11508), and pip can. */
function talking(python: string): Diagnosis {
  return {
    code: "SKE-PYTHON-BROKEN",
    what: `uv can't use ${python}, which prints text of its own whenever it starts`,
    hint: "take that out of its sitecustomize.py or .pth files, or set SKERRY_INSTALLER=pip",
    details: { path: python },
  };
}

function broken(output: string): Diagnosis {
  return {
    code: "SKE-PKG-BROKEN",
    what: `a package file is damaged or breaks its format\n${indent(tail(output, 8))}`,
    hint: "try another version, and tell the package's authors",
  };
}
