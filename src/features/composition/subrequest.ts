/** Requests within a request: answered where those of clients are, and bounded in their depth. */
import {
  Declined,
  type Handler,
  HttpError,
  type Request,
  requestName,
  type Response,
  rule,
  UpgradeResponse,
} from '../../kit.js';
import { targetOf } from './target.js';

/** What is asked for besides a target. */
type Asked = Omit<Parameters<Request['subrequest']>[0], 'target'>;

/** Of the method that is asked with. */
export const METHOD_RULE = rule.text('a method such as "GET"', /^[A-Z-]+$/);

/** How many requests may be made one within another. */
const MAX_DEPTH = 8;

/**
 * What a handler asks for in the name of its client.
 * @throws HttpError 508 where it would never end, 400 for what is no URL of this server; ObolError E_SUBREQUEST
 */
export function requestWithin(request: Request, url: string, asked: Asked): Request {
  const inner = request.subrequest({ ...asked, target: targetOf(request, url) });
  refuseLoop(request, inner);
  return inner;
}

/**
 * Answered by the handler that the host has, or by the outermost application: all that a request of the client would come
 * through, it comes through.
 */
export function answerWithin(inner: Request): Response | Promise<Response> {
  const handle = inner.subrequestOf?.settings.entry?.handle as Handler;
  return handle(inner);
}

/** What a response does with the connection to the client, which has no place in a page; undefined for one that is a message. */
export function insteadOfAnswer(response: Response): string | undefined {
  if (Declined.brand in response) return 'closes the connection without an answer';
  return UpgradeResponse.brand in response ? 'takes the connection over' : undefined;
}

/** The view of the request that has answered it: of the application that did, where one has said so. */
export function viewOf({ answeredBy }: Response, inner: Request): Request {
  return answeredBy?.root === inner.root ? answeredBy : inner;
}

/** What the application of the one that asks says of it: the other has come to none yet. */
function refuseLoop({ log, settings }: Request, inner: Request): void {
  const chain = chainOf(inner);
  const isRepeated = chain.slice(0, -1).some((outer) => isSame(outer, inner));
  if (!isRepeated && chain.length <= MAX_DEPTH + 1) return;
  const why = isRepeated ? 'a loop' : `more than ${String(MAX_DEPTH)} requests within one`;
  const message = `${why}: ${chain.map(nameOf).join(' -> ')}`;
  log.error(`${nameOf(inner)}: 508 ${message}`);
  throw new HttpError(508, message, { expose: settings.development });
}

/** From the request of the client to this one. */
function chainOf(request: Request): Request[] {
  const outer = request.subrequestOf;
  return outer ? [...chainOf(outer), request] : [request];
}

/** Whether one would be answered as the other was, so that neither comes to an end. */
function isSame(a: Request, b: Request): boolean {
  return a.method === b.method && a.target === b.target;
}

function nameOf({ method, target }: Request): string {
  return requestName({ method, target });
}
