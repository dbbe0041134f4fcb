/** `requestId()`: gives every request an id, and the client the same. */
import { randomUUID } from 'node:crypto';
import {
  checkOptions,
  ContextKey,
  CurrentRequest,
  type Feature,
  type Middleware,
  type Request,
  rule,
  type Rules,
  withHeaders,
} from '../../kit.js';

export interface RequestIdOptions {
  /** Field of the answer that holds the id. Default `X-Request-Id`. */
  readonly header?: string | undefined;
  /**
   * Field of the request to take the id from where it holds a well-formed one: `X-Request-Id`, or `traceparent` for its trace id
   * (W3C Trace Context). Only behind a proxy that sets it, since any client can. Default false: every id is new.
   */
  readonly incoming?: string | false | undefined;
  /** Makes a new id. Default a random UUID. */
  readonly generate?: (() => string) | undefined;
}

/** Not too many characters, safe in headers, logs and queries; what names a file with one gets no path to elsewhere. */
const WELL_FORMED = /^(?![/~]|.{0,126}\.\.)[\w.:;=+/@~-]{1,128}$/;
/** Ids of zeros only and the version ff are none (https://www.w3.org/TR/trace-context/#traceparent-header). */
const TRACE_PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

const FIELD_NAME = rule.text('the name of a field, such as "X-Request-Id"', /^[\w!#$%&'*+.^`|~-]+$/);
/** Not one that has another meaning for clients, or that the host alone sets. */
const OWN_FIELD = rule.text(
  'the name of a field for an id, such as "X-Request-Id"',
  /^(?!(?:set-cookie|location|content-[\w-]+|connection|date|keep-alive|transfer-encoding|upgrade|vary)$)[\w!#$%&'*+.^`|~-]+$/i,
);

const RULES: Rules<RequestIdOptions> = {
  header: OWN_FIELD,
  incoming: rule.orFalse(FIELD_NAME),
  generate: rule.callable('() => string'),
};

/**
 * Gives every request an id, which is in every answer, refusals and errors among them, and for `requestIdOf` everywhere. An
 * application inside of another has the id of that one. It comes first in `features`: what others answer in place of the
 * application, such as the preflights of `cors()`, has an id only if they come after it.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [requestId()] });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function requestId(options: RequestIdOptions = {}): Feature {
  checkOptions('requestId', options, RULES);
  const { header = 'X-Request-Id', incoming = false, generate = randomUUID } = options;
  const sent = (request: Request): string | undefined =>
    incoming === false ? undefined : sentId(request, incoming);
  const give: Middleware = (request, next) => {
    const id = requestIdOf(request) ?? sent(request) ?? generate();
    request.set(ContextKey.REQUEST_ID, id);
    return CurrentRequest.run(request, () =>
      withHeaders(request, next, (headers) => void headers.set(header, id)),
    );
  };
  return {
    outermost: [give],
    // Of two, the outer one would give the id and both their fields.
    providers: [{ provide: 'requestId()', useValue: options }],
  };
}

/** The id of a request; undefined where no application that sees it has `requestId()` among its features. */
export function requestIdOf(request: Request): string | undefined {
  return request.get(ContextKey.REQUEST_ID);
}

/** What a client or a proxy has sent, if it can be an id. */
function sentId({ headers }: Request, name: string): string | undefined {
  const value = headers.get(name) ?? '';
  if (name.toLowerCase() === 'traceparent') return TRACE_PARENT.exec(value)?.[1];
  return WELL_FORMED.test(value) ? value : undefined;
}
