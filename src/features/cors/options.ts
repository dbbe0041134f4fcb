/** The options of CORS, checked. */
import { assertSetting, checkOptions, METHODS, rule, type Rule, type Rules } from '../../kit.js';
import { ALLOWED_RULE, originsOf, type AllowedOrigins, type Origins } from './origins.js';

export interface CorsOptions {
  /**
   * Whose pages may read what is answered: `'*'` for all; a list, compared exactly, such as `['https://shop.example.com']`; or
   * a function, asked with each request that names an origin. What the function decides by other fields than that it must name
   * in `Vary` itself. There is no default.
   *
   * @example
   * ```ts
   * cors({ origins: (origin) => /^https:\/\/[a-z]+\.example\.com$/.test(origin) });
   * ```
   */
  readonly origins: AllowedOrigins;
  /**
   * Whether pages may ask as the user: with cookies, client certificates and Authorization that the browser adds. Cookies are
   * sent from other sites only where they are `SameSite=None`; `csrf()` needs the origins in its `trustedOrigins` too.
   * Default false.
   */
  readonly credentials?: boolean | undefined;
  /** Methods that pages may use, beside GET, HEAD and POST, which they always may. Default all that a route can have. */
  readonly methods?: readonly string[] | undefined;
  /** Fields that pages may send. Default all. */
  readonly headers?: readonly string[] | undefined;
  /**
   * Fields of answers that pages may read, such as `['ETag', 'X-Request-Id']`, beside those that they always may:
   * Cache-Control, Content-Language, Content-Length, Content-Type, Expires and Last-Modified. Default none.
   */
  readonly exposedHeaders?: readonly string[] | undefined;
  /** Seconds for which browsers keep what a preflight has allowed, of which Chromium grants two hours. Default 600. */
  readonly maxAge?: number | undefined;
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** What is decided once. */
export interface CorsPlan {
  readonly origins: Origins;
  /** Of answers that a page may read, beside its origin. */
  readonly answer: Fields;
  /** Of preflights that are granted. */
  readonly preflight: Fields;
  /** Whether a preflight allows those fields that it is asked for. */
  readonly reflectsHeaders: boolean;
}

const MAX_AGE = 600;
/** Those that a script can use; TRACE it cannot (https://fetch.spec.whatwg.org/#methods). */
const SCRIPTABLE = METHODS.filter((method) => method !== 'TRACE');
/** The star does not stand for Authorization (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name). */
const ALL_HEADERS = ['*', 'Authorization'];

/** A token (RFC 9110 5.6.2). */
export const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

const FIELD_NAMES = rule.list(
  'a list of field names, such as ["X-Request-Id"]',
  rule.text('the name of a field, such as "X-Request-Id"', FIELD_NAME),
);

const RULES: Rules<CorsOptions> = {
  origins: rule.needed(ALLOWED_RULE),
  credentials: rule.flag,
  methods: rule.list('a list of methods, such as ["GET", "PUT"]', rule.oneOf(...METHODS)),
  headers: FIELD_NAMES,
  exposedHeaders: FIELD_NAMES,
  maxAge: rule.whole('seconds', { least: 0 }),
};

const NO_STAR: Rule = (value, name) =>
  (value as readonly unknown[]).includes('*')
    ? `${name}: with credentials, browsers take "*" for a name like any other; write the names down${
        name.endsWith('.headers') ? ', or leave the option out to allow all' : ''
      }.`
    : undefined;

/** What `credentials` does not go with: what is meant for all. */
const PERSONAL_RULES: Readonly<Record<'origins' | 'headers' | 'exposedHeaders', Rule>> = {
  origins: (origins, name) => {
    if (origins === '*')
      return `${name}: pages of every origin could act as the user; with credentials, name those that may.`;
    const hasNull = Array.isArray(origins) && origins.includes('null');
    return hasNull
      ? `${name}: every site can make a page of the origin null, which could act as the user; leave it out.`
      : undefined;
  },
  headers: NO_STAR,
  exposedHeaders: NO_STAR,
};

/** @throws ObolError E_SETTING for a wrong option, and for one that credentials do not go with */
export function planOf(options: CorsOptions): CorsPlan {
  checkOptions('cors', options, RULES);
  const { origins, credentials = false, headers, exposedHeaders, maxAge = MAX_AGE } = options;
  if (credentials) assertPersonal(options);
  const { methods = SCRIPTABLE } = options;
  const allowed = headers ?? (credentials ? undefined : ALL_HEADERS);
  const shared: Fields = credentials ? [['Access-Control-Allow-Credentials', 'true']] : [];
  return {
    origins: originsOf(origins, { allowsNull: !credentials }),
    answer: [...shared, ...listed('Access-Control-Expose-Headers', exposedHeaders)],
    preflight: [
      ...shared,
      ...listed('Access-Control-Allow-Methods', methods),
      ...listed('Access-Control-Allow-Headers', allowed),
      ['Access-Control-Max-Age', String(maxAge)],
    ],
    reflectsHeaders: allowed === undefined,
  };
}

function assertPersonal(options: CorsOptions): void {
  for (const name of ['origins', 'headers', 'exposedHeaders'] as const)
    if (options[name] !== undefined) assertSetting(`cors.${name}`, options[name], PERSONAL_RULES[name]);
}

function listed(name: string, members: readonly string[] = []): Fields {
  return members.length === 0 ? [] : [[name, members.join(', ')]];
}
