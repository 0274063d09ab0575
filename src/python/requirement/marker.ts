import { satisfies, valid } from "@renovatebot/pep440";
import type { LayerTarget } from "../../core/engine.ts";
import { normalizeName } from "./requirement.ts";

/** The variables of environment markers, by name. `extras` and `dependency_groups`, of lock files, are sets of names. */
export type MarkerEnvironment = Readonly<Record<string, string | ReadonlySet<string>>>;

/** The variables that markers see in an interpreter of this machine, without extras. */
export function markerEnvironment({ implementation, version }: LayerTarget): MarkerEnvironment {
  const { platform, arch } = process;
  const machine = arch === "x64" ? "x86_64" : arch === "arm64" && platform === "linux" ? "aarch64" : arch;
  return {
    python_version: version.split(".").slice(0, 2).join("."),
    python_full_version: version,
    implementation_name: implementation,
    implementation_version: version,
    platform_python_implementation: implementation === "pypy" ? "PyPy" : "CPython",
    os_name: "posix",
    sys_platform: platform,
    platform_system: platform === "darwin" ? "Darwin" : "Linux",
    platform_machine: machine,
    platform_release: "",
    platform_version: "",
    extra: "",
  };
}

type Token = { readonly kind: "text" | "name" | "op"; readonly text: string };

/**
 * Tells whether an environment marker holds, by the grammar of
 * https://packaging.python.org/specifications/dependency-specifiers/#environment-markers. Names that the environment
 * hasn't got count as empty texts.
 * @throws SyntaxError for a text that isn't a marker
 */
export function evaluateMarker(marker: string, environment: MarkerEnvironment): boolean {
  const tokens = tokenize(marker);
  let at = 0;

  function or(): boolean {
    let result = and();
    while (tokens[at]?.text === "or") {
      at++;
      result = and() || result;
    }
    return result;
  }
  function and(): boolean {
    let result = atom();
    while (tokens[at]?.text === "and") {
      at++;
      result = atom() && result;
    }
    return result;
  }
  function atom(): boolean {
    if (tokens[at]?.text === "(") {
      at++;
      const result = or();
      if (tokens[at++]?.text !== ")") throw new SyntaxError(`")" is missing in the marker ${marker}`);
      return result;
    }
    const left = value();
    let op = tokens[at++]?.text ?? "";
    if (op === "not") op += ` ${tokens[at++]?.text}`;
    return compareValues(left, op, value());
  }
  function value(): string | ReadonlySet<string> {
    const token = tokens[at++];
    if (!token || token.kind === "op") throw new SyntaxError(`A value is missing in the marker ${marker}`);
    return token.kind === "text" ? token.text : (environment[token.text.replaceAll(".", "_")] ?? "");
  }

  const result = or();
  if (at < tokens.length) throw new SyntaxError(`${tokens[at]!.text} is not expected in the marker ${marker}`);
  return result;
}

function tokenize(marker: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s*(?:"([^"]*)"|'([^']*)'|(===|==|~=|!=|<=|>=|<|>|\(|\)|\b(?:and|or|not|in)\b)|([A-Za-z_][A-Za-z0-9_.]*))/y;
  const end = marker.trimEnd().length;
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex;
    const found = pattern.exec(marker);
    if (!found) throw new SyntaxError(`${marker.slice(start)} is not part of a marker`);
    const [, double, single, op, name] = found;
    const text = double ?? single;
    if (text !== undefined) tokens.push({ kind: "text", text });
    else if (op !== undefined) tokens.push({ kind: "op", text: op });
    else tokens.push({ kind: "name", text: name! });
  }
  return tokens;
}

/** Versions compare as versions where the right side makes a specifier, everything else as text. */
function compareValues(left: string | ReadonlySet<string>, op: string, right: string | ReadonlySet<string>): boolean {
  if (typeof left !== "string") throw new SyntaxError("A set of names can stand only behind in and not in");
  if (typeof right !== "string") {
    if (op !== "in" && op !== "not in") throw new SyntaxError(`${op} can't compare ${left} with a set of names`);
    return right.has(normalizeName(left)) === (op === "in");
  }
  if (op === "in") return right.includes(left);
  if (op === "not in") return !right.includes(left);
  if (valid(left) && (valid(right) || right.endsWith(".*")))
    return satisfies(left, `${op}${right}`, { prereleases: true });
  switch (op) {
    case "==":
    case "===":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      throw new SyntaxError(`${op} is not an operator between ${left} and ${right}`);
  }
}

/** Whether a version meets a specifier such as `>=2,<3`; an empty one takes any version. Pre-releases count. */
export function meets(version: string, specifier: string): boolean {
  if (specifier === "") return true;
  if (!valid(version)) return specifier.replace(/^===?/, "") === version;
  return satisfies(version, specifier, { prereleases: true });
}
