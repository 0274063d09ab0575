import { shorten } from "../../core/text.ts";

/** A comparison of two values, or several of which all or one must hold. */
export type Marker = { readonly every: readonly Marker[] } | { readonly some: readonly Marker[] } | MarkerComparison;

/** `left in right` and such; two words of an operator have one space between them. */
export interface MarkerComparison {
  readonly left: MarkerValue;
  readonly operator: string;
  readonly right: MarkerValue;
}

/** A text in quotes, or the name of a variable with `_` for the `.` of older names. */
export type MarkerValue = { readonly text: string } | { readonly variable: string };

const TOKEN = /\s*(?:[()]|"[^"]*"|'[^']*'|===|==|~=|!=|<=|>=|<|>|[A-Za-z_][A-Za-z0-9_.]*)/y;
const KEYWORDS = /^(and|or|not|in)$/;
const VARIABLES =
  /^(python_version|python_full_version|os_name|sys_platform|platform_release|platform_system|platform_version|platform_machine|platform_python_implementation|implementation_name|implementation_version|extras?|dependency_groups|os\.name|sys\.platform|platform\.(version|machine|python_implementation)|python_implementation)$/;
const DEPTH_LIMIT = 50;

/** Why an environment marker can't be read, to follow "its marker"; undefined when installers read it as it stands. */
export function markerProblem(marker: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(marker)) return "has a character that isn't ASCII";
  // An installer takes comments, options and variables out of a line first.
  const other = /\s[#-]|\$\{|\\/.exec(marker)?.[0];
  if (other !== undefined) return `has "${other}" in it, which begins something else there`;
  try {
    read(marker, (name) => VARIABLES.test(name));
    return undefined;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/**
 * Reads an environment marker by the grammar of
 * https://packaging.python.org/specifications/dependency-specifiers/#environment-markers, with variables of any name.
 * @throws SyntaxError for a text that isn't a marker
 */
export function parseMarker(marker: string): Marker {
  try {
    return read(marker, () => true);
  } catch (error) {
    throw new SyntaxError(`"${shorten(marker, 200)}" is not part of a marker: it ${(error as SyntaxError).message}`);
  }
}

/** All comparisons of a marker, in order. */
export function comparisonsOf(marker: Marker): MarkerComparison[] {
  if ("every" in marker) return marker.every.flatMap(comparisonsOf);
  return "some" in marker ? marker.some.flatMap(comparisonsOf) : [marker];
}

/** @throws SyntaxError whose message follows "it" */
function read(marker: string, isVariable: (name: string) => boolean): Marker {
  const tokens = tokensOf(marker);
  let at = 0;
  let depth = 0;
  const fail = (problem: string): never => {
    throw new SyntaxError(problem);
  };
  const value = (): MarkerValue => {
    const token = tokens[at++] ?? fail("ends too early");
    if (/^["']/.test(token)) return { text: token.slice(1, -1) };
    if (/^[A-Za-z_]/.test(token) && !KEYWORDS.test(token) && isVariable(token))
      return { variable: token.replaceAll(".", "_") };
    return fail(`has no variable called "${token}"`);
  };
  const comparison = (): Marker => {
    if (tokens[at] === "(") {
      at++;
      if (++depth > DEPTH_LIMIT) fail("is nested too deeply");
      const inner = either();
      depth--;
      return tokens[at++] === ")" ? inner : fail("has an open parenthesis");
    }
    const left = value();
    const operator = tokens[at++];
    const isKnown =
      operator === "in" || (operator === "not" && tokens[at++] === "in") || /^[=~!<>]/.test(operator ?? "");
    if (!isKnown) fail(`needs a comparison${operator ? ` instead of "${operator}"` : ""}`);
    return { left, operator: operator === "not" ? "not in" : operator!, right: value() };
  };
  const joined = (word: string, part: () => Marker): Marker[] => {
    const parts = [part()];
    while (tokens[at] === word) {
      at++;
      parts.push(part());
    }
    return parts;
  };
  const either = (): Marker => ({ some: joined("or", () => ({ every: joined("and", comparison) })) });
  const all = either();
  return at < tokens.length ? fail(`has "${tokens[at]}" too much`) : all;
}

function tokensOf(marker: string): string[] {
  const tokens: string[] = [];
  const end = marker.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(marker);
    if (!found) throw new SyntaxError(`can't be read from "${shorten(marker.slice(at).trim(), 200)}" on`);
    tokens.push(found[0].trim());
  }
  return tokens;
}
