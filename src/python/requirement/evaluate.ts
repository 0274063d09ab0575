import { satisfies, valid } from "@renovatebot/pep440";
import { type Marker, type MarkerValue, parseMarker } from "./marker.ts";
import { normalizeName } from "./requirement.ts";

/** The variables of environment markers, by name. `extras` and `dependency_groups`, of lock files, are sets of names. */
export type MarkerEnvironment = Readonly<Record<string, string | ReadonlySet<string>>>;

/**
 * Tells whether an environment marker holds. Names that the environment hasn't got count as empty texts.
 * @throws SyntaxError for a text that isn't a marker
 */
export function evaluateMarker(marker: string, environment: MarkerEnvironment): boolean {
  const resolved = (value: MarkerValue) => ("text" in value ? value.text : (environment[value.variable] ?? ""));
  const evaluate = (part: Marker): boolean => {
    // All of them are looked at, so that a comparison of what can't be compared is never passed over.
    if ("every" in part) return part.every.map(evaluate).every(Boolean);
    if ("some" in part) return part.some.map(evaluate).some(Boolean);
    return compareValues(resolved(part.left), part.operator, resolved(part.right));
  };
  return evaluate(parseMarker(marker));
}

/**
 * Whether a marker holds, where there is one; see {@link evaluateMarker}.
 * @param extras those of the package whose metadata it stands in which are asked for
 */
export function holds(
  { marker }: { readonly marker?: string | undefined },
  environment: MarkerEnvironment,
  extras: ReadonlySet<string> = new Set(),
): boolean {
  return marker === undefined || ["", ...extras].some((extra) => evaluateMarker(marker, { ...environment, extra }));
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
