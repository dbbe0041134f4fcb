/** What clients send and no page may show: secrets, known by their names or by what they look like. */
import { REDACTED, secretsAmong } from '../config/redacted.js';

/** Besides what is called as the secrets of a configuration are. `Author` is none. */
const SECRET_NAME =
  /auth(?!or(?!i[sz]))|cookie|session|sess?id|csrf|xsrf|signature|bearer|assertion|saml|passcode|pass_phrase|^state$/i;
/** Words of a name that are short enough to stand in others. */
const SECRET_WORD = /^(?:sid|sig|hmac|code|jwt|t?otp|mfa|pin|pw|pwd|pass|ticket|keys?|cv[cv])\d*$/;
/** Credentials (RFC 9110 11.4), and JSON web tokens (RFC 7519), wherever they stand. */
const SECRET_VALUE = /(?:^|,\s*)(?:basic|bearer|digest|negotiate|apikey)[\s,]|\bbearer\s|\beyJ[\w-]{5,}\./i;
/** A name before its value, in what looks like a query, a list of parameters, JSON or lines of a text. */
const NAME = /(?<=^|[?&#;,\s"'{([<])([^=:&?#;,\s"'{}<>]{1,256})["']?\s*([=:])\s*/g;
const VALUES = { '=': /^(?:"[^"]*"|[^&?#;,\s]*)/, ':': /^(?:"(?:[^"\\]|\\.)*"?|[^\r\n,;}\]]*)/ } as const;
/** User name and password in a URL. */
const USER_INFO = /\/\/[^/?#@\s]+@/g;

/** Characters of a name that are looked at. */
const MAX_NAME = 256;
/** URLs within one another. */
const MAX_DEPTH = 4;

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
    // So that the words of header fields, and those of programs, are those of variables.
    const known = decoded(name.slice(0, MAX_NAME))
      .replace(/([a-z\d])(?=[A-Z])/g, '$1_')
      .replace(/[^\p{L}\d]+/gu, '_')
      .replace(/^_|_$/g, '');
    const isWord = known
      .toLowerCase()
      .split('_')
      .some((word) => SECRET_WORD.test(word));
    return (
      this.#names.has(name.toLowerCase()) || isWord || SECRET_NAME.test(known) || this.#isSecret([known], '')
    );
  }

  /** The value of a name as it may be shown. */
  shown(name: string, value: string): string {
    return this.isHidden(name) || SECRET_VALUE.test(value) ? REDACTED : this.inText(value);
  }

  /** A text with what it holds of secrets hidden: those in the URLs of its parameters, too. */
  inText(text: string, depth = 0): string {
    const shown: string[] = [];
    let done = 0;
    for (const { 0: whole, 1: name = '', 2: sign, index } of text.matchAll(NAME)) {
      const at = index + whole.length;
      const [value = ''] = VALUES[sign as keyof typeof VALUES].exec(text.slice(at)) ?? [];
      if (index < done || value === '' || !this.#isSecretPair(name, value, depth)) continue;
      shown.push(text.slice(done, at), REDACTED);
      done = at + value.length;
    }
    return [...shown, text.slice(done)].join('').replace(USER_INFO, `//${REDACTED}@`);
  }

  #isSecretPair(name: string, value: string, depth: number): boolean {
    if (this.isHidden(name) || SECRET_VALUE.test(value)) return true;
    const inner = decoded(value);
    return inner !== value && depth < MAX_DEPTH && this.inText(inner, depth + 1) !== inner;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
