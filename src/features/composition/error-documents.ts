/** `errorDocuments()`: pages of the application in place of its answers to errors. */
import {
  andThen,
  attempt,
  checkOptions,
  ContextKey,
  type Feature,
  HttpError,
  letGo,
  type Middleware,
  type Request,
  requestName,
  type Response,
  rule,
  type Rules,
} from '../../kit.js';
import { checkedDocument, DOCUMENTS, ScopedDocuments } from './error-document.js';
import { inPlaceOf } from './error-head.js';
import { ofPages } from './fields.js';
import { originalError, rememberError } from './original-error.js';
import { answerWithin, insteadOfAnswer, requestWithin, viewOf } from './subrequest.js';

export interface ErrorDocumentsOptions {
  /** Also for clients that ask for JSON by name and not for HTML, or accept no HTML. Default false: they get the ordinary answer. */
  readonly always?: boolean | undefined;
}

const RULES: Rules<ErrorDocumentsOptions> = { always: rule.flag };

/**
 * Pages of the application in place of its answers to errors, those that handlers give and those of middleware. The page is asked
 * for with GET; the answer keeps its status, and what else the client must know of it: challenges, `Allow`, `Retry-After`, cookies.
 * `originalError(req)` gives the page what it is for. Where the page fails, the ordinary answer is sent, and the log says so.
 *
 * What an application inside this one answers is left to that. Error documents of controllers, by `@ErrorDocument`, come first.
 *
 * @param documents paths of the application by status
 * @throws ObolError E_STATUS for what is no status of an error, E_SETTING for what is no path and for wrong options
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [errorDocuments({ 404: '/errors/404', 500: '/errors/500' })] });
 * ```
 */
export function errorDocuments(
  documents: Readonly<Record<number, string>> = {},
  options: ErrorDocumentsOptions = {},
): Feature {
  checkOptions('errorDocuments', options, RULES);
  const general = new Map(
    Object.entries(documents).map(([status, url]) => [
      Number(status),
      checkedDocument('errorDocuments', Number(status), url).url,
    ]),
  );
  const { always = false } = options;
  let scoped = new ScopedDocuments([]);
  const find: Find = ({ status }, request) => {
    if (status < 400) return undefined;
    const asked = readablePath(request);
    const path = scoped.find(status, asked) ?? general.get(status);
    // It may be what has failed.
    return path === asked ? undefined : path;
  };
  const middleware = [documenting(find, always)];
  return {
    outermost: middleware,
    refusals: middleware,
    providers: [{ provide: DOCUMENTS, useValue: documents }],
    start({ controllers }) {
      scoped = new ScopedDocuments(controllers);
    },
  };
}

/** @returns the path of a page, if there is one for the response */
type Find = (response: Response, request: Request) => string | undefined;

function documenting(find: Find, always: boolean): Middleware {
  return (request, next) =>
    andThen(next(request), (response) => {
      const path = find(response, request);
      const isDue = path !== undefined && isOwn(response, request) && (always || wantsPage(request));
      return isDue ? documented(response, request, path) : response;
    });
}

/** Whether the application itself has answered, and no page of an error is being made: that has none of its own. */
function isOwn(response: Response, request: Request): boolean {
  return response.answeredBy?.root !== request.root && originalError(request) === undefined;
}

/** Not where JSON is asked for by name, and HTML is not. */
function wantsPage({ accept, acceptHtml }: Request): boolean {
  const named = accept.filter(({ weight }) => weight > 0).map(({ value }) => value);
  if (named.includes('text/html') || named.includes('application/xhtml+xml')) return true;
  return acceptHtml && !named.some((type) => type.endsWith('json'));
}

function documented(original: Response, request: Request, path: string): Response | Promise<Response> {
  const report = (what: string, fields: object = {}): void => {
    const name = `${requestName(request)}: the error document ${path}`;
    request.log.error({ ...fields }, `${name} ${what}, so the ordinary answer is sent`);
  };
  const ask = (): Response | Promise<Response> => {
    rememberError(request, original);
    const headers = ofPages(request.headers);
    const inner = requestWithin(request, request.baseUrl + path, { method: 'GET', headers });
    return andThen(answerWithin(inner), (page) => {
      const view = viewOf(page, inner);
      const instead = insteadOfAnswer(page);
      if (instead === undefined && isPageOf(original, page, view))
        return inPlaceOf(original, page, { request, view });
      void letGo(page);
      if (!isLogged(view)) report(instead ?? `answered ${String(page.status)}`);
      return original;
    });
  };
  return attempt(ask, (error) => {
    report('failed', { err: error });
    return original;
  });
}

/** A page may have the status of the error, as long as it is no error of its own; one without content is none. */
function isPageOf({ status }: Response, page: Response, view: Request): boolean {
  const isError = view.get(ContextKey.ERROR) !== undefined;
  const isPage = page.status >= 200 && page.status < 300 && page.status !== 204;
  return !isError && (isPage || page.status === status);
}

/** A crash is one line in the log already. */
function isLogged(view: Request): boolean {
  const error = view.get(ContextKey.ERROR);
  return error !== undefined && !(error instanceof HttpError);
}

/** The path, by which documents of controllers are found; that of the whole application where it cannot be read. */
function readablePath(request: Request): string {
  try {
    return request.path;
  } catch {
    return '/';
  }
}
