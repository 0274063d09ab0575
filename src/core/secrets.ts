// Of an address, what stands before its host. A password with a slash that isn't encoded makes an address that is none: what
// can't be a port, up to an @ behind it. Without a bound, each letter of a long word would be tried as the beginning of a scheme up to the word's end.
const USER =
  /([a-z][a-z0-9+.-]{0,40}:\/\/)([^/\s]+|(?<!ssh:\/\/)[^/\s@:[]{1,256}:(?!\d{0,5}(?:[/?#]|$)|\$)\S{1,256})@/gi;

// What in the query of an address lets in whoever knows it: tokens, keys, the signatures of signed addresses.
const PARAMETER =
  /([?&](?:[\w.-]{0,40}(?:token|secret|password|passwd|signature|credential|api[_-]?key)|sig|auth|pwd)=)[^\s&#"'`<>()]+/gi;

/**
 * Takes the user and password out of addresses in a text, and tokens out of their queries. The user of ssh without a
 * password, `git@`, is no secret.
 */
export function hideSecrets(text: string): string {
  return hide(text, () => true);
}

/**
 * The same for the text of a command that somebody is to judge: what a shell could make anything of isn't taken out, for
 * a command can be written to look like a password.
 */
export function hideInCommand(text: string): string {
  return hide(text, (part) => /^[\w.:%+=@-]*$/.test(part));
}

function hide(text: string, may: (part: string) => boolean): string {
  return text
    .replace(USER, (whole, scheme: string, user: string) =>
      isSecret(scheme, user) && may(user) ? `${scheme}****@` : whole,
    )
    .replace(PARAMETER, (whole, lead: string) => (may(whole.slice(lead.length)) ? `${lead}****` : whole));
}

/** Whether something was taken out of a text by {@link hideSecrets}. */
export function hidesSecrets(text: string): boolean {
  return /:\/\/\*{4}@|[?&][\w.-]+=\*{4}/.test(text);
}

/** The passwords and tokens in the addresses of a text: as they are written there, decoded, and as a header has them. */
export function secretsIn(text: string): string[] {
  const users = [...text.matchAll(USER)].flatMap(([, scheme = "", user = ""]) =>
    isSecret(scheme, user) ? [user.replace(/^[^:]*:/, ""), basicHeader(user)] : [],
  );
  const parameters = [...text.matchAll(PARAMETER)].map(([whole]) => whole.replace(/^[^=]*=/, ""));
  return [...users, ...parameters].flatMap((one) => [one, decoded(one)]);
}

/** Addresses as others may have them: what {@link hideSecrets} hides, or has hidden, is left out, so that they stay addresses. */
export function dropSecrets(text: string): string {
  const named = text.replace(USER, (whole, scheme: string, user: string) => {
    if (!isSecret(scheme, user)) return whole;
    return isSsh(scheme) ? `${scheme}${user.replace(/:.*/s, "")}@` : scheme;
  });
  return named.replace(/\?[^\s#"'`<>()]+/g, (query) => {
    const kept = query
      .slice(1)
      .split("&")
      .filter((one) => !hidesSecrets(hideSecrets(`?${one}`)));
    return kept.length === 0 ? "" : `?${kept.join("&")}`;
  });
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
