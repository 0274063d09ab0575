/** Takes the user and password out of addresses in a text. The user of ssh without a password, `git@`, is no secret. */
export function hideSecrets(text: string): string {
  // Without a bound, each letter of a long word would be tried as the beginning of a scheme up to the word's end.
  return text.replace(/([a-z][a-z0-9+.-]{0,40}:\/\/)([^/\s]+)@/gi, (whole, scheme: string, user: string) =>
    /ssh:/i.test(scheme) && !user.includes(":") ? whole : `${scheme}****@`,
  );
}

/** Whether something was taken out of a text by {@link hideSecrets}. */
export function hidesSecrets(text: string): boolean {
  return text.includes("://****@");
}
