// Of an address, what stands before its host. A password with an @ that isn't encoded is read to the last one before a slash; one
// with an @ and a slash makes a short name of its middle: what follows is the host where it looks more like one. One with a
// slash alone makes an address that is none: what can't be a port, up to an @ behind it. Without a bound, each letter of a
// long word would be tried as the beginning of a scheme up to the word's end.
const USER =
  /([a-z][a-z0-9+.-]{0,40}:\/\/)([^/\s@:[]{1,256}:[^/\s]{1,256}@(?!localhost\/)[\w-]{1,63}\/\S{0,256}(?=@(?:(?:[\w-]{1,63}\.){1,9}[a-z]|(?:\d{1,3}\.){3}\d)[\w-]{0,63}(?::\d{1,5})?\/)|[^/\s]+|(?<!ssh:\/\/)[^/\s@:[]{1,256}:(?!\d{0,5}(?:[/?#]|$)|\$)\S{1,1024})@/gi;

// In the query of an address or its fragment, where a parameter begins; and its value: to what can't stand in an address, or
// to where the next parameter begins, for a token may have any other character of these.
const PARAMETER = /[?&;#]([\w.%[\]-]{1,64})=/g;
const VALUE = /(?:[^\s&#"<>`]|[&#](?![\w.%[\]-]{1,64}=))*/y;

// What in an address lets in whoever knows it: tokens, keys, the signatures of signed addresses.
const SECRET_WORD = /^(key|sig|auth|authorization|pwd|pass|passwd|passphrase|pat|jwt|sas|bearer|session)$/;
const SECRET_PART = /token|secret|passw|signature|credential|(api|access|private|auth|account|subscription)key/;

/** Whether a parameter of this name has a secret: `key`, `X-Amz-Signature`, `private_token`, `authToken`, `api%5Fkey`. */
function isSecretName(name: string): boolean {
  const words = decoded(name)
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => SECRET_WORD.test(word)) || SECRET_PART.test(words.join(""));
}

/** A secret in a text: from the character that leads to its parameter, from its value, and to the value's end. */
type Parameter = readonly [lead: number, value: number, end: number];

/** The parameters of a text that have a secret. */
function parametersIn(text: string): Parameter[] {
  const found: Parameter[] = [];
  for (const { index, 0: whole, 1: name = "" } of text.matchAll(PARAMETER)) {
    const value = index + whole.length;
    if (index < (found.at(-1)?.[2] ?? 0) || !isSecretName(name)) continue;
    VALUE.lastIndex = value;
    // What ends the sentence or list that an address stands in is none of it.
    const end = value + VALUE.exec(text)![0].replace(/(?<!['),\]])['),\]]+$/, "").length;
    if (end > value) found.push([index, value, end]);
  }
  return found;
}

/** A text in which each of these parts has become another text. */
function replaceParts(
  text: string,
  parts: readonly Parameter[],
  by: (part: Parameter) => readonly [from: number, instead: string, to: number],
): string {
  let done = "";
  let at = 0;
  for (const part of parts) {
    const [from, instead, to] = by(part);
    done += text.slice(at, from) + instead;
    at = to;
  }
  return done + text.slice(at);
}

/**
 * Takes the user and password out of addresses in a text, and tokens out of their queries. The user of ssh without a
 * password, `git@`, is no secret.
 */
export function hideSecrets(text: string): string {
  return hide(text, () => true, "?&;#");
}

/**
 * The same for the text of a command that somebody is to judge: what a shell could make anything of isn't taken out, for
 * a command can be written to look like a password.
 */
export function hideInCommand(text: string): string {
  // A shell ends a command at & and ;, and what follows may set a variable that is run later.
  return hide(text, (part) => /^[\w.:%+=@-]*$/.test(part), "?#");
}

function hide(text: string, may: (part: string) => boolean, leads: string): string {
  const named = text.replace(USER, (whole, scheme: string, user: string) =>
    isSecret(scheme, user) && may(user) ? `${scheme}****@` : whole,
  );
  const parts = parametersIn(named).filter(
    ([lead, value, end]) => leads.includes(named[lead]!) && may(named.slice(value, end)),
  );
  return replaceParts(named, parts, ([, value, end]) => [value, "****", end]);
}

/** Whether something was taken out of a text by {@link hideSecrets}. */
export function hidesSecrets(text: string): boolean {
  return /:\/\/\*{4}@|[?&;#][\w.%[\]-]{1,64}=\*{4}/.test(text);
}

/** The passwords and tokens in the addresses of a text: as they are written there, decoded, and as a header has them. */
export function secretsIn(text: string): string[] {
  const users = [...text.matchAll(USER)].flatMap(([, scheme = "", user = ""]) =>
    isSecret(scheme, user) ? [user.replace(/^[^:]*:/, ""), basicHeader(user)] : [],
  );
  const parameters = parametersIn(text).map(([, value, end]) => text.slice(value, end));
  return [...users, ...parameters].flatMap((one) => [one, decoded(one)]);
}

/** Addresses as others may have them: what {@link hideSecrets} hides, or has hidden, is left out, so that they stay addresses. */
export function dropSecrets(text: string): string {
  const named = text.replace(USER, (whole, scheme: string, user: string) => {
    if (!isSecret(scheme, user)) return whole;
    return isSsh(scheme) ? `${scheme}${user.replace(/:.*/s, "")}@` : scheme;
  });
  const parts: Parameter[] = [];
  for (const part of parametersIn(named)) {
    const [lead, , end] = part;
    const before = parts.at(-1);
    if (before?.[2] === lead && !/[?#]/.test(named[lead]!)) parts.splice(-1, 1, [before[0], end, end]);
    else parts.push(part);
  }
  return replaceParts(named, parts, ([lead, , end]) =>
    // Of a query that goes on, its beginning stays.
    /[&;]/.test(named[end] ?? "") ? [lead + 1, "", end + 1] : [lead, "", end],
  );
}

/** What a header for basic authentication has of the user and password of an address. */
export function basicHeader(user: string): string {
  const [name, ...password] = user.split(":");
  return Buffer.from(`${decoded(name!)}:${decoded(password.join(":"))}`).toString("base64");
}

function isSecret(scheme: string, user: string): boolean {
  return !isSsh(scheme) || user.includes(":");
}

function isSsh(scheme: string): boolean {
  return /ssh:/i.test(scheme);
}

/** A part of an address without its percent signs; as it is where it can't be read. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
