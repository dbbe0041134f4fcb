/** What clients send and no page may show: secrets, known by their names or by what they look like. */
import { REDACTED, secretsAmong } from '../config/redacted.js';

/** Besides what is called as the secrets of a configuration are. `Author` is none. */
const SECRET_NAME =
  /auth(?!or)|cookie|session|sess?id|^sid$|csrf|xsrf|signature|^sig$|^code$|^state$|jwt|^otp$|^pin$|^pw$|^pass$|^ticket$/i;
/** Credentials (RFC 9110 11.4), and JSON web tokens (RFC 7519), wherever they stand. */
const SECRET_VALUE = /^(?:basic|bearer|digest|negotiate)\s|\beyJ[\w-]{5,}\./i;
/** Names with values in what looks like a query or a list of parameters. */
const PAIR = /(^|[?&;,\s])([^=&?#;,\s]+)=("[^"]*"|[^&?#;,\s]*)/g;
/** User name and password in a URL. */
const USER_INFO = /\/\/[^/?#@\s]+@/g;

/** Characters of a name that are looked at. */
const MAX_NAME = 256;

/** Hides the secrets in values. */
export class Secrets {
  readonly #isSecret: ReturnType<typeof secretsAmong>;
  readonly #names: ReadonlySet<string>;

  /** @param names of more of them, in any letters */
  constructor(names: readonly string[]) {
    this.#isSecret = secretsAmong([]);
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** Whether what has this name is hidden, whatever it is. */
  isHidden(name: string): boolean {
    // So that the words of header fields are those of variables.
    const known = decoded(name.slice(0, MAX_NAME)).replaceAll('-', '_');
    return this.#names.has(name.toLowerCase()) || SECRET_NAME.test(known) || this.#isSecret([known], '');
  }

  /** The value of a name as it may be shown. */
  shown(name: string, value: string): string {
    return this.isHidden(name) || SECRET_VALUE.test(value) ? REDACTED : this.inText(value);
  }

  /** A text with what it holds of secrets hidden: parameters of URLs among them. */
  inText(text: string): string {
    return text
      .replace(PAIR, (pair, before: string, name: string, value: string) => {
        const isShown = value === '' || (!this.isHidden(name) && !SECRET_VALUE.test(value));
        return isShown ? pair : `${before}${name}=${REDACTED}`;
      })
      .replace(USER_INFO, `//${REDACTED}@`);
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
