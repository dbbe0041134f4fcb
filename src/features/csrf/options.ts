/** The options of CSRF protection, checked. */
import { randomBytes } from 'node:crypto';
import {
  checkOptions,
  keyBytes,
  type Request,
  rule,
  type Rules,
  SECRET_KEY_RULES,
  withSecretKey,
} from '../../kit.js';
import { comparable, ORIGIN_RULE } from './origin.js';
import { SecretCookie } from './secret-cookie.js';
import type { CsrfSecret } from './token.js';

export interface CsrfOptions {
  /** Other origins whose pages may do everything here, such as `https://shop.example.com`; compared exactly. Default none. */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * The origins of this very server, such as `['https://tools.example.com']`, where clients shall not name it as Host. Default
   * the one that the client names.
   */
  readonly origins?: readonly string[] | undefined;
  /** Requests that are not looked at, such as those of webhooks, which prove in another way who sends them. Default none. */
  readonly except?: ((request: Request) => boolean) | undefined;
  /**
   * At least 32 random bytes, the same in every process. `OBOL_SECRET_KEY` wins over it. Default: new ones with every start, after which the tokens in open
   * pages hold no more; only clients that report no origin need them.
   */
  readonly key?: string | Uint8Array | undefined;
  /**
   * What stays the same as long as a session and differs between any two, such as its id. Default, and where it gives
   * undefined: a cookie of its own, which is set when a page asks for a token. A promise is waited for when a token is
   * checked; `csrfToken` needs the secret at once.
   *
   * @example
   * ```ts
   * const session = sessions({ keys });
   * const secretOf = (request: Request) => session.of(request).isNew ? undefined : session.of(request).id;
   * await bootstrap({ controllers, features: [session, { middleware: [csrf({ secretOf })] }] });
   * ```
   */
  readonly secretOf?:
    | ((request: Request) => CsrfSecret | undefined | Promise<CsrfSecret | undefined>)
    | undefined;
  /**
   * Whether a request carries anything that a browser adds on its own; if not, a client that reports no origin needs
   * no token. Default: a cookie, or an Authorization other than Bearer. Where addresses or client certificates decide who
   * may do something, `() => true`.
   */
  readonly hasCredentials?: ((request: Request) => boolean) | undefined;
  /** Whether refusals say what a developer should know. Default false. */
  readonly debug?: boolean | undefined;
}

/** Whether an origin is that of the server itself. */
type IsOwn = (request: Request, origin: string) => boolean;

/** What is decided once. */
export interface CsrfPlan {
  readonly trusted: ReadonlySet<string>;
  /** Whether an origin is that of the server itself. */
  readonly isOwn: IsOwn;
  readonly except: (request: Request) => boolean;
  /** Of tokens. */
  readonly key: Buffer;
  readonly cookie: SecretCookie;
  readonly secretOf: NonNullable<CsrfOptions['secretOf']>;
  readonly hasCredentials: CsrfOptions['hasCredentials'];
  readonly debug: boolean;
}

const KEY_SIZE = 32;
const never = (): boolean => false;
const noSecret = (): undefined => undefined;

const RULES: Rules<CsrfOptions> = {
  trustedOrigins: rule.list('a list of origins, such as ["https://shop.example.com"]', ORIGIN_RULE),
  origins: rule.list('a list of origins, such as ["https://shop.example.com"]', ORIGIN_RULE, 1),
  except: rule.callable('(request) => boolean'),
  key: SECRET_KEY_RULES.one,
  secretOf: rule.callable('(request) => secret'),
  hasCredentials: rule.callable('(request) => boolean'),
  debug: rule.flag,
};

/**
 * @param isOwn where the options do not name the origins of the server
 * @throws ObolError E_SETTING for a wrong option
 */
export function planOf(given: CsrfOptions, isOwn: IsOwn = isNamedByClient): CsrfPlan {
  const options: CsrfOptions = withSecretKey(given, (key) => ({ key }));
  checkOptions('csrf', options, RULES);
  const {
    trustedOrigins,
    origins,
    except = never,
    secretOf = noSecret,
    hasCredentials,
    debug = false,
  } = options;
  const key = keyBytes(options.key ?? randomBytes(KEY_SIZE));
  return {
    trusted: new Set(trustedOrigins?.map(comparable)),
    isOwn: origins ? oneOf(new Set(origins.map(comparable))) : isOwn,
    except,
    key,
    cookie: new SecretCookie(key),
    secretOf,
    hasCredentials,
    debug,
  };
}

function oneOf(origins: ReadonlySet<string>): IsOwn {
  return (_, origin) => origins.has(comparable(origin));
}

/** Whether an origin is that which the client has named as Host, as far as no trusted proxy says otherwise. */
function isNamedByClient({ peer }: Request, origin: string): boolean {
  return peer.isOrigin(origin);
}
