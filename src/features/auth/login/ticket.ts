/** Tickets of Apache's mod_auth_tkt: a cookie that servers who share a secret all take for a login. */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  assertSetting,
  checkOptions,
  keyBytes,
  ObolError,
  rule,
  type Rules,
  SECRET_KEY_RULES,
} from '../../../kit.js';
import {
  CookieLoginKeeper,
  LOGIN_COOKIE_RULE,
  type LoginCodec,
  type LoginCookieOptions,
  type TimedLogin,
} from './cookie-keeper.js';
import type { LoginKeeper } from './keeper.js';

/** What `TKTAuthDigestType` may be. */
export type TicketDigest = 'MD5' | 'SHA256' | 'SHA512';

export interface TicketOptions {
  /** `TKTAuthSecret`, at least 32 bytes, and after it old ones that are still accepted (`TKTAuthSecretOld`). */
  readonly secrets: readonly string[];
  /** `TKTAuthDigestType`. Default `SHA256`, although the module's is `MD5`. */
  readonly digest?: TicketDigest | undefined;
  /** `TKTAuthTimeout`: seconds that a ticket lives unused; it is renewed past the half of that. Default 7,200. */
  readonly timeout?: number | undefined;
  /** Name and attributes. The name is `auth_tkt` by default, and stays as it is over HTTPS. */
  readonly cookie?: LoginCookieOptions | undefined;
}

/** A ticket taken apart. */
export interface Ticket {
  readonly user: string;
  /** Seconds since the epoch. */
  readonly at: number;
  /** What Apache compares with `TKTAuthToken`: they are the groups of a login. */
  readonly tokens: readonly string[];
  /** Whatever else the server that wrote it wanted to remember. */
  readonly data: string;
}

const HASHES: Readonly<Record<TicketDigest, { readonly name: string; readonly digits: number }>> = {
  MD5: { name: 'md5', digits: 32 },
  SHA256: { name: 'sha256', digits: 64 },
  SHA512: { name: 'sha512', digits: 128 },
};
const DIGEST_RULE = rule.oneOf('MD5', 'SHA256', 'SHA512');
const RULES: Rules<TicketOptions> = {
  secrets: rule.needed(SECRET_KEY_RULES.several),
  digest: DIGEST_RULE,
  timeout: rule.whole('seconds'),
  cookie: LOGIN_COOKIE_RULE,
};
const TIMEOUT = 7200;
const MAX_LENGTH = 4096;
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/;
/** Tickets are for any client: they are not bound to an address (`TKTAuthIgnoreIP on`). */
const NO_ADDRESS = Buffer.alloc(4);

/**
 * Keeps logins in tickets, as mod_auth_tkt with `TKTAuthIgnoreIP on` does. The format knows no end that use cannot put off.
 * @throws ObolError E_SETTING or E_COOKIE for a wrong option
 */
export function ticketLogin(options: TicketOptions): LoginKeeper {
  checkOptions('ticketLogin', options, RULES);
  const { secrets, digest = 'SHA256', timeout = TIMEOUT, cookie } = options;
  return new CookieLoginKeeper({
    codec: new TicketCodec(new Tickets(secrets, digest)),
    lifetimes: { timeout, maxAge: undefined },
    cookie: { ...cookie, name: cookie?.name ?? 'auth_tkt' },
    isFixedName: true,
  });
}

/** Writes and reads tickets with one or more secrets. Printing it shows none. */
export class Tickets {
  readonly #secrets: readonly Buffer[];
  readonly #digest: TicketDigest;

  /** @throws ObolError E_SETTING for a digest that is none, and for no secrets or weak ones */
  constructor(secrets: readonly string[], digest: TicketDigest) {
    assertSetting('Tickets.secrets', secrets, SECRET_KEY_RULES.several);
    assertSetting('Tickets.digest', digest, DIGEST_RULE);
    this.#secrets = secrets.map(keyBytes);
    this.#digest = digest;
  }

  /** @throws ObolError E_PASSWORD for parts that the format has no place for */
  write({ user, at, tokens, data }: Ticket): string {
    const isSound = user !== '' && [user, data, ...tokens].every((part) => !/[!\p{Cc}]/u.test(part));
    if (!isSound || tokens.some((token) => token === '' || token.includes(',')))
      throw new ObolError(
        'E_PASSWORD',
        'A ticket holds a user, tokens without commas, and data; none may have "!" or control characters in it.',
      );
    const time = at.toString(16).padStart(8, '0');
    const list = tokens.join(',');
    const [secret = NO_ADDRESS] = this.#secrets;
    const proof = this.#proof(secret, { time: at, user, list, data });
    return `${proof}${time}${user}!${list === '' ? '' : `${list}!`}${data}`;
  }

  /** @returns undefined for one that was not made with one of the secrets; whether it is too old is not looked at */
  read(ticket: string): (Ticket & { readonly isOldSecret: boolean }) | undefined {
    const { digits } = HASHES[this.#digest];
    const match = /^([\da-f]+)$/i.exec(ticket.slice(0, digits + 8));
    const [user = '', ...rest] = ticket.slice(digits + 8).split('!');
    if (!match || ticket.length > MAX_LENGTH || user === '' || rest.length === 0 || rest.length > 2)
      return undefined;
    const [data = '', list = ''] = rest.reverse();
    const at = parseInt(ticket.slice(digits, digits + 8), 16);
    const given = Buffer.from(ticket.slice(0, digits), 'hex');
    const place = this.#secrets.findIndex((secret) =>
      timingSafeEqual(Buffer.from(this.#proof(secret, { time: at, user, list, data }), 'hex'), given),
    );
    if (place < 0) return undefined;
    return { user, at, tokens: list.split(',').filter(Boolean), data, isOldSecret: place > 0 };
  }

  #proof(secret: Buffer, parts: { time: number; user: string; list: string; data: string }): string {
    const time = Buffer.alloc(4);
    time.writeUInt32BE(parts.time);
    const inner = this.#hash()
      .update(NO_ADDRESS)
      .update(time)
      .update(secret)
      .update(`${parts.user}\0${parts.list}\0${parts.data}`)
      .digest('hex');
    return this.#hash().update(inner).update(secret).digest('hex');
  }

  #hash(): ReturnType<typeof createHash> {
    return createHash(HASHES[this.#digest].name);
  }
}

/** A ticket as a cookie: in base64, as it holds characters that a cookie may not. */
class TicketCodec implements LoginCodec {
  readonly #tickets: Tickets;

  constructor(tickets: Tickets) {
    this.#tickets = tickets;
  }

  encode({ user, at, groups = [] }: TimedLogin): string {
    return Buffer.from(this.#tickets.write({ user, at, tokens: groups, data: '' })).toString('base64');
  }

  decode(text: string): { login: TimedLogin; isOldKey: boolean } | undefined {
    const plain = BASE64.test(text) ? Buffer.from(text, 'base64').toString() : text;
    const ticket = this.#tickets.read(plain);
    if (!ticket) return undefined;
    const { user, at, tokens } = ticket;
    return { login: { user, at, since: at, groups: tokens }, isOldKey: ticket.isOldSecret };
  }
}
