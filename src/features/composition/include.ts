/** `include()`: what another URL of the same server answers, as a part of a page. */
import {
  andThen,
  checkOptions,
  Headers,
  letGo,
  ObolError,
  type Request,
  requestName,
  type Response,
  rule,
  type Rules,
  toBytes,
} from '../../kit.js';
import { headOf, ofParts } from './fields.js';
import { addPart } from './part-head.js';
import { answerWithin, insteadOfAnswer, METHOD_RULE, requestWithin, viewOf } from './subrequest.js';

export interface IncludeInit {
  /** Default GET. */
  readonly method?: string | undefined;
  /** In place of those of the request, or besides them. Default none. */
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  /** Sent as UTF-8 where it is text. Default none. */
  readonly body?: string | Uint8Array | undefined;
}

const RULES: Rules<IncludeInit> = {
  method: METHOD_RULE,
  headers: rule.any,
  body: rule.that('text or bytes', (body) => typeof body === 'string' || body instanceof Uint8Array),
};

/**
 * What another URL of this server answers the client, to be a part of the answer to this request. It comes through the same
 * middleware, guards and sessions, with the client's cookies and other headers, but none that are about content: a part is never
 * 304 or 206, and never compressed. Its cookies and `Vary` are added to the answer, which is kept by caches no longer, and by no
 * others, than each of its parts may be; so include what may set a cookie before the head of a stream is sent.
 *
 * The stream of a part that is not read ends with the request. The part may be an error: look at its `status`.
 *
 * @param url as the client sees it, such as `urlFor(req, ...)` gives, or relative to the URL of the request
 * @throws HttpError 508 for a loop, or more than 8 requests one within another; 400 for what is no URL of this server. ObolError
 * E_SUBREQUEST where it is answered by no response, but by closing or taking over the connection
 *
 * @example
 * ```ts
 * const news = await include(req, '/news');
 * return `<main>${await news.text()}</main>`;
 * ```
 */
export function include(request: Request, url: string, init: IncludeInit = {}): Response | Promise<Response> {
  checkOptions('include', init, RULES);
  const { method = 'GET', body } = init;
  const content = body === undefined ? undefined : Buffer.from(toBytes(body));
  const asked = { method, headers: headersFor(request, init, content), body: content };
  const inner = requestWithin(request, url, asked);
  return andThen(answerWithin(inner), (part) => {
    assertPart(part, inner, request);
    return added(part, inner, request);
  });
}

function assertPart(part: Response, { method, target }: Request, outer: Request): void {
  const what = insteadOfAnswer(part);
  if (what !== undefined)
    throw new ObolError(
      'E_SUBREQUEST',
      `${requestName(outer)} includes ${requestName({ method, target })}, which ${what}, so it is no part of a page. Include another URL, or forward to it.`,
    );
}

function headersFor(request: Request, { headers }: IncludeInit, content: Buffer | undefined): Headers {
  const own = new Headers(headers);
  const kept = [...ofParts(request.headers)].filter(([name]) => !own.has(name));
  const all = new Headers([...kept, ...own]);
  return content ? all.set('Content-Length', content.length) : all;
}

/** Ends with the request, and has its say in the head of the answer. */
function added(part: Response, inner: Request, outer: Request): Response {
  if (part.isStream) {
    if (outer.signal.aborted) void letGo(part);
    else outer.onClose(() => letGo(part));
  }
  const own = headOf(part, viewOf(part, inner));
  const add = (head: Headers): void => {
    addPart(head, own, outer);
  };
  if (!outer.onHead(add) && changesHead(add)) warnOfLate(inner, outer);
  return part;
}

/** Whether a part has anything to say in the head of the answer. */
function changesHead(add: (head: Headers) => void): boolean {
  const head = new Headers();
  add(head);
  return head.flat.length > 0;
}

function warnOfLate(inner: Request, outer: Request): void {
  const { method, target } = inner;
  outer.log.warn(
    `${requestName(outer)}: the part ${requestName({ method, target })} came after the head of the answer had gone out, so its cookies, ` +
      'Vary and Cache-Control are lost. Include it before the first chunk of the stream.',
  );
}
