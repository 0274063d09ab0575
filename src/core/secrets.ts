/** Takes the user and password out of addresses in a text. The user of ssh without a password, `git@`, is no secret. */
export function hideSecrets(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s@]+)@/gi, (whole, scheme: string, user: string) =>
    /ssh:/i.test(scheme) && !user.includes(":") ? whole : `${scheme}****@`,
  );
}

/** Whether something was taken out of a text by {@link hideSecrets}. */
export function hidesSecrets(text: string): boolean {
  return text.includes("://****@");
}
