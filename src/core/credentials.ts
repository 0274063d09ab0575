import { basicHeader, dropSecrets, hideSecrets, hidesSecrets, secretsIn } from "./secrets.ts";

/** An address with a password or token in it. Printed, stored or put into a text, it shows itself without them. */
export class SecretUrl {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The address with all that is in it: only for what is given to an installer, and never on its command line. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hideSecrets(this.#value);
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

// To the next white space: nothing else ends an address in a requirement.
const ADDRESS = /[a-z][a-z0-9+.-]{0,40}:\/\/\S+/gi;
/** A repository: a version control system is another program, which is given addresses on its command line. */
const REPOSITORY = /^(git|hg|svn|bzr)\+/i;

/**
 * The passwords and tokens of the addresses that were given to this process, in memory alone. Everything that is kept
 * or shown has addresses with `****` in their place, or none at all; installers get them back at the last moment.
 */
export class Credentials {
  readonly #known = new Map<string, SecretUrl>();
  readonly #values = new Set<string>();

  /** Remembers the values that variables have, as secrets of an environment: what installers print has them hidden. */
  learn(names: readonly string[] = [], env: Readonly<Record<string, string | undefined>>): void {
    for (const name of names) if (env[name]) this.#values.add(env[name]);
  }

  /** Takes the secrets out of the addresses of a text, and remembers them. @returns the text as it may be kept */
  hide(text: string): string {
    for (const [address] of text.matchAll(ADDRESS)) {
      if (hideSecrets(address) === address) continue;
      const [sent] = apart(address);
      const bare = dropSecrets(sent);
      const known = new Set(secretsIn(this.#known.get(bare)?.reveal() ?? ""));
      // Installers tell an address without its user and password, but with the token of its query.
      if (!secretsIn(sent).every((secret) => known.has(secret))) this.#known.set(bare, new SecretUrl(sent));
    }
    return hideSecrets(text);
  }

  /** The same for one address, in which nothing then says that there was a secret. */
  strip(address: string): string {
    this.hide(address);
    return dropSecrets(address);
  }

  /**
   * A text for a file that only an installer reads: addresses with all that is known of them. Those of repositories
   * have no secrets; see {@link gitVariables}.
   */
  reveal(text: string): string {
    return this.hide(text).replace(ADDRESS, (address) => {
      const [sent, behind] = apart(address);
      const bare = dropSecrets(sent);
      const known = REPOSITORY.test(address) ? undefined : this.#known.get(bare);
      // A fragment is sent to nobody: a secret in it is of no use to installers.
      return (known?.reveal() ?? bare) + dropSecrets(behind);
    });
  }

  /** Whether an address in a text was given with secrets that aren't known here. */
  lacks(text: string): boolean {
    return [...text.matchAll(ADDRESS)].some(
      ([address]) => hidesSecrets(apart(address)[0]) && !this.#known.has(dropSecrets(apart(address)[0])),
    );
  }

  /**
   * An address with what was given for it; else with the user and password of the address on the same server, with the
   * same scheme and port, that has most of its path in common: an index and its files.
   */
  forFile(address: string): string {
    const { origin, username } = (this.#known.size > 0 && URL.parse(address)) || {};
    if (origin === undefined || origin === "null" || username !== "") return address;
    let nearest: { readonly common: number; readonly url: URL } | undefined;
    for (const [bare, secret] of this.#known) {
      if (bare === address) return secret.reveal();
      const common = commonLength(bare, address);
      if (common < origin.length || common <= (nearest?.common ?? 0)) continue;
      const url = URL.parse(secret.reveal());
      if (url?.origin === origin && url.username !== "") nearest = { common, url };
    }
    if (!nearest) return address;
    const { username: user, password } = nearest.url;
    return Object.assign(new URL(address), { username: user, password }).href;
  }

  /**
   * Variables by which git sends the users and passwords of repositories: a header for each, which neither its command
   * line nor that of its helpers shows, and which goes nowhere else. @param env variables that may have such already
   */
  gitVariables(env: Readonly<Record<string, string>>): Record<string, string> {
    const made: Record<string, string> = {};
    let count = Number(env.GIT_CONFIG_COUNT) || 0;
    for (const one of this.#known.values()) {
      const url = /^git\+https?:/i.test(`${one}`) ? URL.parse(one.reveal().slice("git+".length)) : null;
      if (!url || url.username === "") continue;
      // Without the branch or commit behind the repository.
      made[`GIT_CONFIG_KEY_${count}`] = `http.${url.origin}${url.pathname.replace(/@[^@]*$/, "")}.extraHeader`;
      made[`GIT_CONFIG_VALUE_${count++}`] = `Authorization: Basic ${basicHeader(`${url.username}:${url.password}`)}`;
    }
    return count === 0 ? {} : { ...made, GIT_CONFIG_COUNT: String(count) };
  }

  /** The passwords and tokens themselves, for taking them out of what installers print. */
  *secrets(): Generator<string> {
    yield* this.#values;
    for (const one of this.#known.values()) yield* secretsIn(one.reveal());
  }
}

function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** An address, and what isn't sent of it or stands behind it: the extras of a requirement, a fragment. */
function apart(address: string): [sent: string, behind: string] {
  const end = address.indexOf("#");
  const whole = end < 0 ? address : address.slice(0, end);
  const extras = whole.endsWith("]") ? whole.lastIndexOf("[") : -1;
  // The host of an address may be in brackets too: behind it stands a path.
  const sent = extras > 0 && !whole.includes(":", extras) ? whole.slice(0, extras) : whole;
  return [sent, address.slice(sent.length)];
}
