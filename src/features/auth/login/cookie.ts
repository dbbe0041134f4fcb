/** Logins in a signed cookie: every client can read who it says is logged in, and none can change it. */
import {
  checkOptions,
  keyBytes,
  KeyRing,
  rule,
  type Rules,
  SECRET_KEY_RULES,
  SignedCodec,
  withSecretKey,
} from '../../../kit.js';
import {
  CookieLoginKeeper,
  LOGIN_COOKIE_RULE,
  type LoginCodec,
  type LoginCookieOptions,
  type TimedLogin,
} from './cookie-keeper.js';
import type { LoginKeeper } from './keeper.js';

export interface CookieLoginOptions {
  /**
   * At least 32 random bytes each, the same in every process. The first signs, all are accepted: put a new one first, and
   * take the old one away when its logins have ended. `OBOL_SECRET_KEY` takes their place, and is the default.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** Seconds that a login lives unused. Default 7,200: two hours. */
  readonly timeout?: number | undefined;
  /** Seconds that it lives however much it is used. Default 86,400: a day. */
  readonly maxAge?: number | undefined;
  /** Name and attributes. The name is `login` by default. */
  readonly cookie?: LoginCookieOptions | undefined;
}

const HOUR = 3600;
const RULES: Rules<CookieLoginOptions & Required<Pick<CookieLoginOptions, 'keys'>>> = {
  keys: rule.needed(SECRET_KEY_RULES.several),
  ...rule.each(['timeout', 'maxAge'], rule.whole('seconds')),
  cookie: LOGIN_COOKIE_RULE,
};

/**
 * Keeps logins in a signed cookie. A copy of it cannot be called back before it ends; where that matters, keep logins in
 * sessions on the server.
 * @throws ObolError E_SETTING or E_COOKIE for a wrong option
 */
export function cookieLogin(given: CookieLoginOptions = {}): LoginKeeper {
  const options = withSecretKey(given, (key) => ({ keys: [key] }));
  checkOptions('cookieLogin', options, RULES);
  const { keys, timeout = 2 * HOUR, maxAge = 24 * HOUR, cookie } = options;
  return new CookieLoginKeeper({
    codec: new SignedLogins(keys),
    lifetimes: { timeout, maxAge },
    cookie: { ...cookie, name: cookie?.name ?? 'login' },
  });
}

/** `l1.<key id>.<content>.<mac>`, content and mac in base64url. */
export class SignedLogins implements LoginCodec {
  readonly #codec: SignedCodec;

  /** @param keys at least one, long enough */
  constructor(keys: readonly (string | Uint8Array)[]) {
    const ring = new KeyRing(keys.map(keyBytes));
    this.#codec = new SignedCodec(ring, { version: 'l1', purpose: 'obol-login-signature-v1' });
  }

  encode({ user, groups, since, at }: TimedLogin, name: string): string {
    return this.#codec.encode(JSON.stringify([user, since, at, ...(groups ?? [])]), name);
  }

  decode(text: string, name: string): { login: TimedLogin; isOldKey: boolean } | undefined {
    const decoded = this.#codec.decode(text, name);
    if (decoded.problem !== undefined) return undefined;
    return { login: loginFrom(decoded.text), isOldKey: decoded.isOld };
  }
}

/** The MAC was right, so that this is what we wrote. */
function loginFrom(content: string): TimedLogin {
  const [user, since, at, ...groups] = JSON.parse(content) as [string, number, number, ...string[]];
  return { user, since, at, ...(groups.length > 0 && { groups }) };
}
