/** `urlSigner()`: URLs that only the application itself can have written, and that are good for a time. */
import { createHash } from 'node:crypto';
import {
  checkOptions,
  encodeCanonical,
  HttpError,
  keyBytes,
  KeyRing,
  ObolError,
  type Request,
  rule,
  type Rules,
  SECRET_KEY_RULES,
  SignedCodec,
  withSecretKey,
} from '../../kit.js';
import { partsOf, type UrlParts } from './parts.js';
import { targetOf, Url, url, type UrlLike } from './url.js';

/** The query parameter that holds a signature. */
export const SIGNATURE = 'signature';

export interface UrlSignerOptions {
  /**
   * At least 32 random bytes each, the same in every process. The first signs, all of them are accepted. `OBOL_SECRET_KEY` takes
   * their place, and is the default.
   */
  readonly keys?: readonly (string | Uint8Array)[];
  /** Seconds that a URL is good for. */
  readonly expires: number;
  /** Who asks, as `sign(..., { user })` names them. Default: no URL is for one user. */
  readonly user?: ((request: Request) => string | undefined) | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** What else a URL is bound to. */
export interface SignOptions {
  /** Seconds that it is good for. Default those of the signer. */
  readonly expires?: number | undefined;
  /** The only method that it is good for; with GET goes HEAD. Default any. */
  readonly method?: string | undefined;
  /** The only user that it is good for; undefined is none. Default any, where it is left out. */
  readonly user?: string;
  /** Whether it is good at its own host and port alone, whichever the scheme. Default false: at all names of the server. */
  readonly host?: boolean | undefined;
}

/** As many as requests may have. */
const MAX_PAIRS = 1000;
/** At most a hundred years. */
const SECONDS = rule.whole('seconds', { most: 100 * 365 * 24 * 60 * 60 });
const RULES: Rules<UrlSignerOptions & Required<Pick<UrlSignerOptions, 'keys'>>> = {
  keys: rule.needed(SECRET_KEY_RULES.several),
  expires: rule.needed(SECONDS),
  user: rule.callable('(request) => name'),
  clock: rule.callable('() => milliseconds'),
};

const SIGN_RULES: Rules<SignOptions> = {
  expires: SECONDS,
  method: rule.text('a method such as "GET"', /^[A-Z-]+$/),
  user: rule.text('the name of a user'),
  host: rule.flag,
};

/** What is written into a signature, for all to read. */
interface Terms {
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly method?: string | undefined;
  readonly host?: string | undefined;
  /** A digest, since URLs stand in logs. */
  readonly user?: string | undefined;
}

/** Signs URLs and verifies those of requests. */
export class UrlSigner {
  readonly #codec: SignedCodec;
  readonly #options: UrlSignerOptions;
  readonly #now: () => number;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(given: UrlSignerOptions) {
    const options = withSecretKey(given, (key) => ({ keys: [key] }));
    checkOptions('urlSigner', options, RULES);
    const keys = new KeyRing(options.keys.map(keyBytes));
    this.#codec = new SignedCodec(keys, { version: 'u1', purpose: 'signed URLs' });
    this.#options = { ...options };
    this.#now = options.clock ?? Date.now;
  }

  /**
   * The URL with a signature as its last query parameter. It covers the whole path, mounts included, and the query in its order.
   * @param to one that begins with a slash or a host, such as `urlFor(req, ...)` gives
   * @throws ObolError E_SETTING for a wrong option, E_URL for a relative URL, or one without the host that it is to be bound to
   */
  sign(to: UrlLike, options: SignOptions = {}): Url {
    checkOptions('sign', options, SIGN_RULES);
    const { expires = this.#options.expires, method, user, host: isForHost = false } = options;
    if ('user' in options) this.#assertUser(user);
    const own = url(to).without(SIGNATURE);
    if (!own.path.startsWith('/') || (isForHost && own.origin === '')) throw notWhole(own, isForHost);
    const until = Math.floor(this.#now()) + expires * 1000;
    const host = isForHost ? hostOf(own) : undefined;
    const terms: Terms = {
      until,
      method,
      host,
      user: user === undefined ? undefined : digestOf(user, until),
    };
    return own.addQuery(SIGNATURE, this.#codec.encode(JSON.stringify(terms), nameOf(own)));
  }

  /**
   * Asks whether the URL of a request is one that was signed, and still good.
   * @returns until when it is
   * @throws HttpError 403 where it is not; only the log says why
   */
  verify(request: Request): Date {
    const verdict = this.#judge(request);
    if (verdict instanceof Date) return verdict;
    throw new HttpError(403, 'This address is not good, or not any more', {
      hint: `Its signature: ${verdict}.`,
    });
  }

  /** One that is not known would make the URL good for all. */
  #assertUser(user: string | undefined): void {
    if (user === undefined)
      throw wrongUser('undefined is no user; leave it out for a URL that is good for all.');
    if (!this.#options.user)
      throw wrongUser(
        'the signer does not know who asks; make it with urlSigner({ user: (request) => ... }).',
      );
  }

  #judge(request: Request): Date | string {
    if (request.query.split('&').length > MAX_PAIRS) return 'there are too many parameters to look for it';
    const asked = new Url(partsOf(targetOf(request), Infinity) as UrlParts);
    const [signature, ...more] = asked.getAll(SIGNATURE);
    if (signature === undefined) return 'there is none';
    if (more.length > 0) return 'there are several';
    const { text, problem } = this.#codec.decode(signature, nameOf(asked.without(SIGNATURE)));
    // Codecs are mostly for cookies.
    if (text === undefined) return problem.replace('another cookie', 'another URL');
    const terms = JSON.parse(text) as Terms;
    return this.#broken(terms, request) ?? new Date(terms.until);
  }

  /** @returns which of the terms the request does not keep */
  #broken({ until, method, host, user }: Terms, request: Request): string | undefined {
    // What is no time is over, too.
    if (!(this.#now() < until)) return `it ended at ${new Date(until).toISOString()}`;
    const asked = request.method === 'HEAD' && method === 'GET' ? 'GET' : request.method;
    if (method !== undefined && method !== asked) return `it is for ${method}`;
    if (host !== undefined && host !== hostOf(url(request))) return `it is for the host ${host}`;
    if (user === undefined) return undefined;
    const known = this.#options.user?.(request);
    return known !== undefined && digestOf(known, until) === user ? undefined : 'it is for another user';
  }
}

/**
 * Makes what signs URLs and verifies them.
 * @throws ObolError E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * const receipts = urlSigner({ keys: [process.env.RECEIPT_KEY ?? ''], expires: 60 });
 * receipts.sign(urlFor(req, Receipts, 'show', 42)).href; // '/receipts/42?signature=u1...'
 * receipts.verify(req); // what the guard CheckSignedUrl(receipts) does for a route
 * ```
 */
export function urlSigner(options: UrlSignerOptions): UrlSigner {
  return new UrlSigner(options);
}

/** Path and query as a request has them, in one spelling, and short enough for any codec. */
function nameOf({ path, search }: Url): string {
  const decoded = path.replace(/%([2-7][\da-f])/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return character === '/' || character === '%' ? escape.toUpperCase() : character;
  });
  return createHash('sha256')
    .update(`${encodeCanonical(decoded)}?${search.slice(1)}`)
    .digest('base64url');
}

/** Host and port, whichever the scheme. */
function hostOf({ origin }: Url): string {
  return origin.slice(origin.indexOf('//') + 2);
}

function digestOf(user: string, until: number): string {
  return createHash('sha256')
    .update(`${String(until)} ${user}`)
    .digest('base64url');
}

function wrongUser(why: string): ObolError {
  return new ObolError('E_SETTING', `sign.user: ${why}`);
}

function notWhole(own: Url, isForHost: boolean): ObolError {
  const what = isForHost ? 'names no host, to which it is to be bound' : 'is relative';
  return new ObolError('E_URL', `sign: ${JSON.stringify(own)} ${what}; sign url(...).resolve(req).`);
}
