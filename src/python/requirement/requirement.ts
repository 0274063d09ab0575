import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SkerryError } from "../../core/error.ts";
import { cut } from "../../core/scan.ts";
import { hideSecrets } from "../../core/secrets.ts";
import { shorten } from "../../core/text.ts";
import { markerProblem } from "./marker.ts";

/** Where a requirement is taken from. */
export type RequirementSource =
  /** An index; `specifier` is `>=2,<3` without white space, or empty. */
  | { readonly kind: "index"; readonly specifier: string }
  /** One archive at an address. */
  | { readonly kind: "url"; readonly url: string }
  /** A repository: `git+https://…@rev#subdirectory=x`, fragments as they were written. */
  | { readonly kind: "vcs"; readonly url: string }
  /** A local archive or project folder: absolute path; `sha256:…` where its address names a hash. */
  | { readonly kind: "path"; readonly path: string; readonly hash?: string };

/** One requirement. */
export interface Requirement {
  /** Normalised; undefined where only the thing itself tells it (`./dir`, an address). */
  readonly name: string | undefined;
  readonly extras: readonly string[];
  readonly source: RequirementSource;
  /** The environment marker, without `;`. */
  readonly marker: string | undefined;
  /** `sha256:…`: one of them must be that of the file that is taken. */
  readonly hashes: readonly string[];
  readonly editable: boolean;
  /** The file and line it stands in, as `requirements.txt:3` with the whole path; absent where it is from no file. */
  readonly where?: string | undefined;
  /** The same requirement as a line that both installers read alike, from any folder; hashes not included. */
  readonly text: string;
}

/** Whether it names a package of an index, with extras, versions and a marker at most: it runs and reads nothing here. */
export function isOfIndex({ source }: Requirement): boolean {
  return source.kind === "index";
}

/** How to read a line, and how to name the place in errors. */
export interface RequirementContext {
  /** The folder that relative paths count from; absent: there are none in it, as in a lock. */
  readonly cwd?: string;
  /** `requirements.txt:3`; absent: the line itself is the place. */
  readonly where?: string | undefined;
  readonly editable?: boolean;
  readonly hashes?: readonly string[];
}

const NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
/** The name of a package or an extra. */
export const PACKAGE_NAME = new RegExp(`^${NAME}$`);
const NAMED = new RegExp(`^(${NAME})\\s*(?:\\[([^\\]]*)\\]\\s*)?(.*)$`, "s");
const BEGINNING = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?=$|[[;(<>=!~@])/;
/** A name, with one clause at most: what most lines of a lock are. */
const PLAIN = new RegExp(`^(${NAME})((?:[=~!<>]=|[<>])[A-Za-z0-9.+*_-]+)?$`);
/** All that versions are written with (PEP 440), and nothing that could make a path or an address of a line. */
const CLAUSE = /^(?:~=|===|==|!=|<=|>=|<|>)\s*[A-Za-z0-9.+*_!-]+$/;
/** What ends so is taken for an archive of the working folder by an installer, whatever stands before it. */
const ARCHIVE = /\.(whl|zip|egg|tgz|tbz2?|txz|tlz|tzst|tar(\.[a-z0-9]+)?)$/i;
/** Characters that end a line in one reader and not in another, and others that nobody sees. */
const UNSEEN = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** `name @ …` */
const SEPARATE = new RegExp(`^${NAME}\\s*(?:\\[[^\\]]*\\]\\s*)?@`);
/** Ends an address, in which a `;` alone may stand. */
const APART = /\s;|;\s/;
const VCS = /^(git|hg|svn|bzr)\+/i;

/** The hash that an address names in its fragment, such as `sha256:…`. */
export function fragmentHash(address: string): string | undefined {
  const named = (cut(address, "#")[1] ?? "").split("&").find((part) => /^(md5|sha(1|224|256|384|512))=/i.test(part));
  return named?.replace("=", ":").toLowerCase();
}

/** The normal form of a project's name: lower case, runs of `-`, `_`, `.` as one `-` (PEP 503). */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** The normalised name that a line begins with, without reading the rest of it; undefined for a bare path or address. */
export function nameAtStart(line: string): string | undefined {
  const [, name] = BEGINNING.exec(line) ?? [];
  return name && normalizeName(name);
}

/**
 * Reads one requirement: a dependency specifier (https://packaging.python.org/specifications/dependency-specifiers/)
 * or one of the forms that pip adds to it: a path, an address, a repository.
 * @throws SKE-PKG-REQUIREMENT
 */
export function parseRequirement(line: string, context: RequirementContext = {}): Requirement {
  const { cwd = "/", where, editable = false, hashes = [] } = context;
  const text = line.trim();
  const plain = readPlain(text, context);
  if (plain) return plain;
  const fail = (what: string, hint: string): never => {
    const place = where === undefined ? "" : `${where}: `;
    throw new SkerryError(
      "SKE-PKG-REQUIREMENT",
      `${place}"${hideSecrets(shorten(text, 200))}" is not a requirement: ${what}`,
      {
        hint,
        details: { line: hideSecrets(text), where },
      },
    );
  };
  if (text === "") fail("it is empty", "name a package, such as requests or requests>=2");
  if (UNSEEN.test(text))
    fail("it has a line break or a control character", "give each requirement its own line or argument");

  const build = (parts: Pick<Requirement, "name" | "extras" | "source" | "marker">): Requirement => {
    const marker = parts.marker?.replaceAll("\t", " ").trim() || undefined;
    if (marker !== undefined) {
      const problem = markerProblem(marker);
      if (problem)
        fail(`its marker ${problem}`, `write markers like ; python_version < "3.12" and sys_platform == "linux"`);
    }
    const requirement = {
      ...parts,
      name: parts.name === undefined ? undefined : normalizeName(parts.name),
      marker,
      hashes,
      editable,
      where,
    };
    if (editable && parts.source.kind !== "path") {
      fail("only a project folder can be editable", "leave out -e, or clone the repository and name its folder");
    }
    if ("url" in parts.source && /\s/.test(parts.source.url))
      fail("its address has a space", "write %20 for a space in an address");
    if (parts.source.kind === "index" && ARCHIVE.test(render({ ...requirement, marker: undefined })))
      fail("it ends as the name of an archive does", "write ./ before the name of a file");
    return { ...requirement, text: render(requirement) };
  };
  const extrasOf = (list: string | undefined): string[] => {
    const extras = (list ?? "")
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    const bad = extras.find((one) => !PACKAGE_NAME.test(one));
    if (bad !== undefined) fail(`"${bad}" can't be the name of an extra`, "write extras like requests[socks,security]");
    return [...new Set(extras.map(normalizeName))].sort();
  };

  if (editable ? !SEPARATE.test(text) : looksLikePlace(text)) {
    const [place = "", marker] = splitOnce(text, SCHEME.test(text) ? APART : /;/);
    const [path, extras] = splitExtras(place);
    if (VCS.test(place)) {
      const egg = /[#&]egg=([^&[]+)(?:\[([^\]]*)\])?/.exec(place);
      return build({ name: egg?.[1], extras: extrasOf(egg?.[2]), source: { kind: "vcs", url: place }, marker });
    }
    if (SCHEME.test(path) && !/^file:/i.test(path)) {
      const egg = /[#&]egg=([^&[]+)/.exec(path);
      return build({ name: egg?.[1], extras: extrasOf(extras), source: { kind: "url", url: path }, marker });
    }
    const local = toPath(path, cwd) ?? fail("its file: address isn't a local path", "write file:///absolute/path");
    return build({ name: undefined, extras: extrasOf(extras), source: pathSource(local, path), marker });
  }

  const [, name = "", extras, rest = ""] =
    NAMED.exec(text) ?? fail("it begins with no name", "names have letters, digits, dots, dashes and underscores");
  if (rest.startsWith("@")) {
    const [url = "", marker] = splitOnce(rest.slice(1).trim(), APART);
    if (!SCHEME.test(url) && !looksLikePlace(url))
      fail(`nothing to take it from follows the @`, "write name @ https://…");
    const local = !SCHEME.test(url) || /^file:/i.test(url) ? toPath(cut(url, "#")[0], cwd) : undefined;
    const source: RequirementSource =
      local !== undefined ? pathSource(local, url) : { kind: VCS.test(url) ? "vcs" : "url", url };
    return build({ name, extras: extrasOf(extras), source, marker });
  }
  const [clauses = "", marker] = splitOnce(rest, /;/);
  const bare = clauses.trim().replace(/^\((.*)\)$/s, "$1");
  const specifier = bare
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  const bad = specifier.find((one) => !CLAUSE.test(one));
  if (bad !== undefined) {
    const single = /^=\s*\S/.test(bad) ? `write == instead of = (${name}=${bad.replace(/^=\s*/, "=")})` : undefined;
    fail(
      `"${shorten(bad, 200)}" is not a version clause`,
      single ?? "write versions like requests==2.31.0 or requests>=2,<3",
    );
  }
  const joined = specifier.map((one) => one.replace(/\s+/g, "")).join(",");
  return build({ name, extras: extrasOf(extras), source: { kind: "index", specifier: joined }, marker });
}

/** The same for a plain line, without the steps that it doesn't need: hundreds are read in one go. */
function readPlain(text: string, { editable, hashes = [], where }: RequirementContext): Requirement | undefined {
  const [, written, specifier = ""] = (!editable && PLAIN.exec(text)) || [];
  if (written === undefined || ARCHIVE.test(text)) return undefined;
  const name = normalizeName(written);
  return {
    name,
    extras: [],
    source: { kind: "index", specifier },
    marker: undefined,
    hashes,
    editable: false,
    where,
    text: `${name}${specifier}`,
  };
}

function render(requirement: Omit<Requirement, "text">): string {
  const { name, source, marker } = requirement;
  const extras = requirement.extras.length ? `[${requirement.extras.join(",")}]` : "";
  const tail = marker === undefined ? "" : ` ; ${marker}`;
  if (source.kind === "index") return `${name}${extras}${source.specifier}${tail}`;
  if (source.kind === "path") {
    const fragment = source.hash === undefined ? "" : `#${source.hash.replace(":", "=")}`;
    const href = pathToFileURL(source.path).href + fragment;
    const plain = fragment === "" && /^[\w./+-]+$/.test(source.path) ? source.path : href;
    if (requirement.editable) return `${plain}${extras}${tail}`;
    return name === undefined ? `${plain}${extras}${tail}` : `${name}${extras} @ ${href}${tail}`;
  }
  if (name === undefined) return `${source.url}${source.kind === "url" ? extras : ""}${tail}`;
  // The name stands before the @ already: an egg fragment would only say it twice.
  const url = source.url.replace(/([#&])egg=[^&]*(&?)/, (_, lead, more) => (more ? lead : "")).replace(/#$/, "");
  return `${name}${extras} @ ${url}${tail}`;
}

function pathSource(path: string, address: string): RequirementSource {
  const hash = /^file:/i.test(address) ? fragmentHash(address) : undefined;
  return { kind: "path", path, ...(hash === undefined ? {} : { hash }) };
}

function looksLikePlace(text: string): boolean {
  if (SEPARATE.test(text)) return false;
  const first = text.split(";", 1)[0]!.trimEnd();
  // As pip does, which looks for the file without its extras.
  const bare = first.endsWith("]") ? first.slice(0, first.lastIndexOf("[")) : first;
  return SCHEME.test(first) || first.startsWith(".") || first.includes("/") || ARCHIVE.test(bare);
}

function toPath(place: string, cwd: string): string | undefined {
  if (!/^file:/i.test(place)) return isAbsolute(place) ? resolve(place) : resolve(cwd, place);
  try {
    return fileURLToPath(cut(place, "#")[0]);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: RegExp): [string, string | undefined] {
  const found = separator.exec(text);
  if (!found) return [text, undefined];
  const behind = found.index + found[0].length;
  return [text.slice(0, found.index).trimEnd(), text.slice(behind).trimStart()];
}

/** `./dir[one,two]`: what stands in brackets at the end of a place, where it can be extras. */
function splitExtras(place: string): [path: string, extras: string | undefined] {
  const end = place.length - 1;
  const from = Math.max(place.lastIndexOf("]", end - 1), place.lastIndexOf("/", end - 1)) + 1;
  const at = place.endsWith("]") ? place.indexOf("[", from) : -1;
  return at < 0 ? [place, undefined] : [place.slice(0, at), place.slice(at + 1, end)];
}
