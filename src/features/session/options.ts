/** The options of sessions, checked and made into what every request needs. */
import {
  checkOptions,
  COOKIE_RULES,
  type CookieOptions,
  expiredCookie,
  type Logger,
  ObolError,
  prefixedName,
  rule,
  SealedCodec,
  serializeCookie,
  SignedCodec,
  withSecretKey,
} from '../../kit.js';
import { CookieKeeper } from './cookie-keeper.js';
import type { Keeper } from './keeper.js';
import { sessionKeys, type SessionKey } from './keys.js';
import type { Lifetimes } from './record.js';
import type { Revocations } from './revoked.js';
import type { SessionStore } from './store.js';
import { StoreKeeper } from './store-keeper.js';

/** The cookie that a session is found by. */
export interface SessionCookie extends Omit<CookieOptions, 'maxAge' | 'expires'> {
  /** Default `SESSID`. Where it is `Secure`, `__Host-` goes before it, or `__Secure-` with a domain or a path. */
  readonly name?: string;
  /** Default: of each request, whether the client came by https (see `trustProxy`). */
  readonly secure?: boolean;
  /** Whether browsers keep it when they are closed, until the session ends. Default false. */
  readonly persistent?: boolean;
}

/** A session as `accepts` sees it. */
export interface SessionView<T extends object = Record<string, unknown>> {
  readonly id: string;
  readonly issuedAt: Date;
  readonly data: Readonly<Partial<T>>;
}

interface CommonOptions<T extends object> {
  /** Name and attributes. Default `SESSID`, for this host, `Lax`, `HttpOnly`. */
  readonly cookie?: SessionCookie;
  /** Seconds that a session lives. Default 86,400: a day. */
  readonly maxAge?: number;
  /** Seconds that it lives unused. Default 7,200: two hours. */
  readonly idle?: number;
  /**
   * Asked about each session that is found, before it is used: false for one that counts no longer, such as one
   * from before a user's password changed. Default every one counts.
   */
  readonly accepts?: (session: SessionView<T>) => boolean;
}

/**
 * Sessions in cookies. What is in them cannot be taken back: a client with a copy has the session until it ends, unless
 * `revoked` or `accepts` says otherwise. Of two requests at the same time the browser keeps the whole session of the one
 * that is answered last; stores keep what each of them changed.
 */
export interface CookieSessionOptions<T extends object = Record<string, unknown>> extends CommonOptions<T> {
  /** `sealed`, which no client can read (default), or `signed`, which each can. None can change either. */
  readonly kind?: 'sealed' | 'signed';
  /**
   * The first is used, all are accepted: put a new key first, and take the old one away when its sessions have ended. At
   * least 32 bytes each: `node -p "crypto.randomBytes(32).toString('hex')"`. `OBOL_SECRET_KEY` takes their place, and is the
   * default.
   */
  readonly keys?: readonly (SessionKey | undefined)[];
  /** Remembers which sessions were ended early, so that copies of their cookies end too. Default none. */
  readonly revoked?: Revocations;
}

/** Sessions on the server: the cookie holds nothing but 256 random bits. */
export interface StoredSessionOptions<T extends object = Record<string, unknown>> extends CommonOptions<T> {
  readonly store: SessionStore;
}

type KeyedOptions<T extends object> = CookieSessionOptions<T> &
  Required<Pick<CookieSessionOptions<T>, 'keys'>>;

export type SessionOptions<T extends object = Record<string, unknown>> =
  | CookieSessionOptions<T>
  | StoredSessionOptions<T>;

/** A cookie's name and attributes. */
export interface NamedCookie {
  readonly name: string;
  readonly attributes: Omit<CookieOptions, 'maxAge' | 'expires'>;
  /** The attributes as Set-Cookie has them, from the first semicolon on. */
  readonly ending: string;
}

/** What is decided once. */
export interface SessionPlan {
  readonly lifetimes: Lifetimes;
  readonly persistent: boolean;
  /** By how the client came. */
  readonly cookies: Readonly<Record<'http' | 'https', NamedCookie>>;
  readonly accepts: ((session: SessionView<never>) => boolean) | undefined;
}

const DAY = 24 * 60 * 60;

const COMMON_RULES = {
  cookie: rule.options<SessionCookie>({ ...COOKIE_RULES, persistent: rule.flag }),
  ...rule.each(['maxAge', 'idle'], rule.whole('seconds')),
  accepts: rule.callable('(session) => boolean'),
};
const KEYS_RULE = rule.secret('a list of keys, such as [process.env.SESSION_KEY]', Array.isArray);
const STORE_RULE = rule.methods(
  ['load', 'create', 'update', 'destroy'],
  'memorySessionStore(), fileSessionStore(folder) or redisSessionStore(connection)',
);

/** The options, with the key of the environment for sessions in cookies. @throws ObolError E_SETTING for one that can be guessed */
export function withKeys<T extends object>(options: SessionOptions<T>): SessionOptions<T> {
  const isStored = 'store' in (Object(options) as object);
  return isStored ? options : withSecretKey(options, (key) => ({ keys: [key] }));
}

/** @throws ObolError E_SETTING or E_COOKIE for a wrong option */
export function planOf<T extends object>(options: SessionOptions<T>): SessionPlan {
  const given: Partial<SessionOptions<T>> | undefined = options;
  if (typeof given !== 'object' || 'store' in given === 'keys' in given)
    throw new ObolError(
      'E_SETTING',
      'sessions: give them either keys (or OBOL_SECRET_KEY), for sessions in cookies, or a store, for sessions on the server.',
    );
  if ('store' in options)
    checkOptions<StoredSessionOptions<T>>('sessions', options, {
      ...COMMON_RULES,
      store: rule.needed(STORE_RULE),
    });
  else
    checkOptions<KeyedOptions<T>>('sessions', options as KeyedOptions<T>, {
      ...COMMON_RULES,
      kind: rule.oneOf('sealed', 'signed'),
      keys: rule.needed(KEYS_RULE),
      revoked: rule.methods(['add', 'has'], 'new RevokedSessions()'),
    });
  const { maxAge = DAY, idle = DAY / 12, cookie = {}, accepts } = options;
  return { lifetimes: { maxAge, idle }, ...cookieChoice(cookie), accepts };
}

/** @throws ObolError as {@link codecOf} */
export function keeperOf<T extends object>(
  options: SessionOptions<T>,
  { lifetimes }: SessionPlan,
  logger: Logger,
): Keeper {
  if ('store' in options) return new StoreKeeper({ store: options.store, lifetimes, logger });
  return new CookieKeeper({ codec: codecOf(options), lifetimes, revoked: options.revoked });
}

/** @throws ObolError E_SESSION_KEY for bad keys */
export function codecOf({ kind, keys = [] }: CookieSessionOptions<never>): SealedCodec | SignedCodec {
  const ring = sessionKeys(keys);
  return kind === 'signed'
    ? new SignedCodec(ring, { version: 's1', purpose: 'obol-session-signature-v1' })
    : new SealedCodec(ring, 'obol-session-v2');
}

/** Both cookies are tried out here, so that a wrong attribute is an error now and not with the first session. */
function cookieChoice(cookie: SessionCookie): Pick<SessionPlan, 'cookies' | 'persistent'> {
  const { name = 'SESSID', secure, persistent = false, ...rest } = cookie;
  const over = (isSecure: boolean): NamedCookie => {
    const attributes = { ...rest, secure: isSecure };
    const named = isSecure ? prefixedName(name, rest) : name;
    expiredCookie(named, attributes);
    return {
      name: named,
      attributes,
      ending: serializeCookie(named, '', attributes).slice(named.length + 1),
    };
  };
  return { persistent, cookies: { http: over(secure ?? false), https: over(secure ?? true) } };
}
