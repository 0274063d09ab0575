/** Why an environment marker can't be read, to follow "its marker"; undefined when installers read it as it stands. */
export function markerProblem(marker: string): string | undefined {
  return unreadable(marker) ?? syntaxProblem(marker);
}

/** What of a marker an installer would read otherwise: it takes comments, options and variables out of a line first. */
function unreadable(marker: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(marker)) return "has a character that isn't ASCII";
  const found = /\s[#-]|\$\{|\\/.exec(marker)?.[0];
  return found === undefined ? undefined : `has "${found}" in it, which begins something else there`;
}

const MARKER_TOKEN = /\s*(?:(\()|(\))|("[^"]*"|'[^']*')|(===|==|~=|!=|<=|>=|<|>)|([A-Za-z_][A-Za-z0-9_.]*))/y;
const VARIABLES =
  /^(python_version|python_full_version|os_name|sys_platform|platform_release|platform_system|platform_version|platform_machine|platform_python_implementation|implementation_name|implementation_version|extras?|dependency_groups|os\.name|sys\.platform|platform\.(version|machine|python_implementation)|python_implementation)$/;

/** What is wrong with a marker's syntax, or undefined. */
function syntaxProblem(marker: string): string | undefined {
  const tokens: string[] = [];
  MARKER_TOKEN.lastIndex = 0;
  while (MARKER_TOKEN.lastIndex < marker.trimEnd().length) {
    const at = MARKER_TOKEN.lastIndex;
    const found = MARKER_TOKEN.exec(marker);
    if (!found) return `can't be read from "${shorten(marker.slice(at).trim())}" on`;
    tokens.push(found[0].trim());
  }
  let at = 0;
  let depth = 0;
  const value = (): string | undefined => {
    const token = tokens[at++];
    if (token === undefined) return "ends too early";
    return /^["']/.test(token) || VARIABLES.test(token) ? undefined : `has no variable called "${token}"`;
  };
  const comparison = (): string | undefined => {
    if (tokens[at] === "(") {
      at++;
      if (++depth > 50) return "is nested too deeply";
      const inner = either();
      if (inner) return inner;
      return tokens[at++] === ")" ? undefined : "has an open parenthesis";
    }
    const left = value();
    if (left) return left;
    const operator = tokens[at++];
    const known = operator === "in" || (operator === "not" && tokens[at++] === "in") || /^[=~!<>]/.test(operator ?? "");
    return known ? value() : `needs a comparison${operator ? ` instead of "${operator}"` : ""}`;
  };
  const either = (): string | undefined => {
    for (;;) {
      const problem = comparison();
      if (problem) return problem;
      if (tokens[at] !== "and" && tokens[at] !== "or") return undefined;
      at++;
    }
  };
  return either() ?? (at < tokens.length ? `has "${tokens[at]}" too much` : undefined);
}

/** The beginning of a long text, for an error. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}
