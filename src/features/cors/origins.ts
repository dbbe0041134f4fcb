/** Which origins an application lets read, and what its answers say of that. */
import { andThen, type Request, rule, type Rule } from '../../kit.js';
import { ORIGIN_RULE } from '../csrf/origin.js';

/** All, those of a list, or those that a function lets. */
export type AllowedOrigins =
  | '*'
  | readonly string[]
  | ((origin: string, request: Request) => boolean | Promise<boolean>);

const SHAPE = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@\\,*]*$/;
const WEB = /^https?:/;

/** Pages of applications may have schemes that are none of the web, such as `capacitor:`. */
const LISTED_RULE: Rule = (origin, name) => {
  const isOther = typeof origin === 'string' && SHAPE.test(origin) && !WEB.test(origin);
  return isOther || origin === 'null' ? undefined : ORIGIN_RULE(origin, name);
};

const LIST_RULE = rule.list(
  '"*", a list of origins such as ["https://shop.example.com"], or a function (origin) => boolean',
  LISTED_RULE,
  1,
);

/** Of the option. */
export const ALLOWED_RULE: Rule = (origins, name) =>
  origins === '*' || typeof origins === 'function' ? undefined : LIST_RULE(origins, name);

/** Decides about origins. */
export interface Origins {
  /** The value of Access-Control-Allow-Origin for a request; undefined for a page that may read nothing. */
  readonly allowedBy: (request: Request) => string | undefined | Promise<string | undefined>;
  /** Whether it is another one for other origins, so that caches must keep the answers apart. */
  readonly differ: boolean;
}

/**
 * A star or one origin is on every answer, whichever page asks, as caches like it (https://fetch.spec.whatwg.org, CORS protocol and
 * HTTP caches).
 * @param options.allowsNull whether a function is asked about pages without an origin
 */
export function originsOf(
  origins: AllowedOrigins,
  { allowsNull }: { readonly allowsNull: boolean },
): Origins {
  if (typeof origins === 'function') return decidedBy(origins, allowsNull);
  const [only = '', ...more] = origins === '*' ? [origins] : origins;
  if (more.length === 0) return { allowedBy: () => only, differ: false };
  const known: ReadonlySet<string> = new Set(origins);
  const allowedBy = ({ headers }: Request): string | undefined => {
    const origin = headers.get('origin');
    return origin !== undefined && known.has(origin) ? origin : undefined;
  };
  return { allowedBy, differ: true };
}

function decidedBy(
  decide: Extract<AllowedOrigins, (...args: never[]) => unknown>,
  allowsNull: boolean,
): Origins {
  const allowedBy = (request: Request): string | undefined | Promise<string | undefined> => {
    const origin = request.headers.get('origin');
    // What is no origin could be anything, which patterns are not written for.
    if (origin === undefined || !(SHAPE.test(origin) || (allowsNull && origin === 'null'))) return undefined;
    return andThen(decide(origin, request), (isAllowed) => (isAllowed ? origin : undefined));
  };
  return { allowedBy, differ: true };
}
