/** `CsrfRefused`: the answer to a request that another site may have made. */
import { branded, HttpError, type Request } from '../../kit.js';

/** What gave it away: fetch metadata, Origin, the lack of a good token, or of any report where no token would prove enough. */
export type CsrfReason = 'site' | 'origin' | 'token-missing' | 'token-wrong' | 'unreported';

const FOREIGN =
  'This request came from another site, so nothing was done. Open the page on this site, and send it from there.';
const UNPROVED =
  'There is no proof that this request came from a page of this site, so nothing was done. ' +
  'Load the page again with cookies allowed, and send it once more.';

const UNREPORTED =
  'This client does not say where its forms come from, and over plain HTTP nothing else can prove that, so no user was logged in. ' +
  'Use HTTPS, or a browser that sends Origin.';

const TEXTS: Readonly<Record<CsrfReason, string>> = {
  site: FOREIGN,
  origin: FOREIGN,
  'token-missing': UNPROVED,
  'token-wrong': UNPROVED,
  unreported: UNREPORTED,
};

const CURES: Readonly<Record<CsrfReason, string>> = {
  site: 'Name the origin in trustedOrigins if its pages may do this, or let except() answer true for a webhook.',
  origin:
    'If it is the origin of this very site, the proxy in front of it is not in trustProxy or changes Host: name it in ' +
    'origins; if it is another, in trustedOrigins. "null" comes from sandboxed frames, and from pages whose Referrer-Policy is no-referrer.',
  'token-missing':
    'The client sends neither Sec-Fetch-Site nor Origin, so put csrfField(request) into the form, or csrfToken(request) ' +
    'into the header X-CSRF-Token; a program may send the origin of the site as Origin instead.',
  'token-wrong':
    'The token is not of this session: the page is older than the session, its cookie was not kept, or the option key is ' +
    'not the same in every process.',
  unreported:
    'Serve log-ins over HTTPS, and name the proxy that ends it in trustProxy; a program may send the origin of the site as Origin.',
};

interface RefusalOptions {
  readonly debug: boolean;
  /** Default none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** 403: a request that another site may have made. */
export class CsrfRefused extends HttpError {
  static {
    branded(this, 'CsrfRefused');
  }

  readonly reason: CsrfReason;

  /** @param options.debug whether the client may read the hint */
  constructor(reason: CsrfReason, request: Request, { debug, headers = {} }: RefusalOptions) {
    const why = TEXTS[reason];
    const hint = `${reportOf(request)} ${CURES[reason]}`;
    super(403, debug ? `${why} [${hint}]` : why, { headers, hint });
    this.reason = reason;
  }
}

/** What a request reports of the page that made it, for developers: a sentence. */
export function reportOf({ headers }: Request): string {
  const parts = ['Sec-Fetch-Site', 'Origin', 'Host'].map((name) => `${name}: ${quoted(headers.get(name))}`);
  return `${parts.join(', ')}.`;
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value.slice(0, 256));
}
