/** The small page that a status without a handler gets: JSON problem (RFC 9457), HTML or text, as the client likes. */
import { isError } from '../ground/realms.js';
import { isInstance } from '../ground/brand.js';
import { asksForHtml, asksForJson, negotiateMediaType } from '../http/accept.js';
import { escapeHtml } from '../http/html.js';
import { htmlPage } from '../http/html-page.js';
import { HttpError } from '../http/http-error.js';
import { BODYLESS, reasonPhrase } from '../http/status.js';
import { errorWords } from './error-words.js';
import { inPlace } from './every-answer.js';
import { logCrash, logRefusal } from './request-lines.js';
import { ContextKey } from '../ground/context-key.js';
import { ResponseError } from '../message/abort.js';
import type { ErrorContent, ErrorPageFormat } from '../message/error-template.js';
import type { Request } from '../message/request.js';
import { NoContentResponse, TextResponse } from '../message/responses.js';
import { Response } from '../message/response.js';

/** What a client gets that names no type, first, and then what it may ask for; HTML comes before all where it is asked for. */
const OFFERS = {
  problem: ['application/problem+json', 'application/json', 'text/plain'],
  html: ['text/html', 'application/problem+json', 'application/json', 'text/plain'],
  text: ['text/plain', 'application/problem+json', 'application/json'],
} as const;
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** For the dispatcher: how errors of a request are shown that no route has. */
export const ERROR_FORMAT = new ContextKey<ErrorPageFormat>('obol.error-format', { ofApplication: true });

/** The page of a status that no handler answers. @param crash shown to the client; default only in debug mode */
export function errorPage(error: HttpError, request: Request, crash = crashOf(error, request)): Response {
  const { status } = error;
  const response =
    BODYLESS.has(status) || status < 300 ? new NoContentResponse({ status }) : page(error, request, crash);
  return withErrorHeaders(response, error);
}

/**
 * The answer to an error where no handler is asked: the response that it brings along, or its page; a crash is one line in
 * the log and the page of a 500, a refusal one line.
 */
export function answerError(error: unknown, request: Request): Response {
  if (error instanceof HttpError) logRefusal(error, request);
  request.set(ContextKey.ERROR, error);
  return pageOf(error, request);
}

/** The same of an error that the log has already. */
export function pageOf(error: unknown, request: Request): Response {
  return responseOf(error) ?? errorPage(asHttpError(error, request), request);
}

/** The HTTP error that an error is, or stands for: anything else is a crash, logged once and answered with 500. */
export function asHttpError(error: unknown, request: Request): HttpError {
  const known = knownError(error, request);
  if (known) return known;
  logCrash(error, request);
  return new HttpError(500, undefined, { cause: error });
}

/** An HTTP error as it is; that of a body that was cut; undefined for a crash. */
function knownError(error: unknown, request: Request): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (!isCutBody(error, request)) return undefined;
  return new HttpError(400, 'The body ended before it was complete', { cause: error });
}

/** What a stream throws at a handler that reads it while the client leaves: no crash of the handler. */
function isCutBody(error: unknown, request: Request): boolean {
  return (error as { code?: unknown } | null)?.code === 'ECONNRESET' && request.isCut;
}

/** The response that an error brings along, if it does; a response that was thrown as it is counts too. */
export function responseOf(error: unknown): Response | undefined {
  if (error instanceof ResponseError) return error.response;
  return isInstance(error, Response) ? error : undefined;
}

/**
 * The answer when no handler is left that could be asked: the response that the error brings along, or the page of an HTTP
 * error; anything else, a page that cannot be made among it, is one log line and a plain 500.
 */
export function lastResort(error: unknown, request: Request): Response {
  const ready = responseOf(error);
  if (ready) return ready;
  let failure = error;
  const known = knownError(error, request);
  if (known) {
    logRefusal(known, request);
    try {
      return inPlace(errorPage(known, request), request);
    } catch (again) {
      failure = again;
    }
  }
  logCrash(failure, request);
  return inPlace(new TextResponse('500 Internal Server Error\n', { status: 500 }), request);
}

/** The response with those headers of the error that it does not set itself, and with its cookies. */
export function withErrorHeaders(response: Response, error: HttpError): Response {
  for (const [name, value] of Object.entries(error.headers)) {
    // Each cookie stands by itself; of all else the handler may have said better.
    if (name.toLowerCase() === 'set-cookie')
      for (const cookie of [value].flat()) response.headers.append(name, cookie);
    else if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}

function crashOf({ status, cause }: HttpError, { settings }: Request): string | undefined {
  return settings.debug && status === 500 && isError(cause) ? cause.stack : undefined;
}

function page(error: HttpError, request: Request, crash: string | undefined): Response {
  const response = negotiatedPage(error, request, crash);
  response.headers.set('Vary', 'Accept');
  return response;
}

function negotiatedPage(error: HttpError, request: Request, debug: string | undefined): Response {
  const { status } = error;
  const detail = error.expose ? error.message : reasonPhrase(status);
  const accept = request.headers.get('accept') === '' ? undefined : request.headers.get('accept');
  const offers =
    OFFERS[request.route?.errorFormat ?? request.get(ERROR_FORMAT) ?? request.settings.errorFormat];
  switch (negotiateMediaType(accept, asksForHtml(accept) ? OFFERS.html : offers)) {
    case 'text/html':
      return pageForPeople(status, request, detail, debug);
    case 'application/json':
    case 'application/problem+json':
      return problem(error, request, detail, debug);
    default:
      return asksForJson(accept)
        ? problem(error, request, detail, debug)
        : textPage(status, request, detail, debug);
  }
}

function textPage(status: number, request: Request, detail: string, debug: string | undefined): Response {
  const id = idOf(request);
  const parts = [`${String(status)} ${detail}`, ...(id === '' ? [] : [`Request ${id}`]), debug ?? []].flat();
  return new TextResponse(`${parts.join('\n\n')}\n`, { status });
}

/** That of the log and of the answer's header; `''` where no feature gives requests ids. */
function idOf(request: Request): string {
  return request.get(ContextKey.REQUEST_ID) ?? '';
}

function problem(error: HttpError, request: Request, detail: string, debug: string | undefined): Response {
  const { status, expose, members: own } = error;
  const title = reasonPhrase(status);
  const more = {
    detail: detail === title ? undefined : detail,
    requestId: idOf(request) || undefined,
    debug,
  };
  const members = { type: 'about:blank', title, ...(expose ? own : {}), status, ...more };
  return new Response(JSON.stringify(members), { status, contentType: 'application/problem+json' });
}

function pageForPeople(status: number, request: Request, detail: string, debug = ''): Response {
  const content: ErrorContent = {
    status,
    title: escapeHtml(`${String(status)} - ${reasonPhrase(status)}`),
    detail: escapeHtml(detail === reasonPhrase(status) ? errorWords(status) : detail),
    asked: escapeHtml(`${request.method} ${request.target.slice(0, 2048)}`),
    home: escapeHtml(homeOf(request)),
    debug: escapeHtml(debug),
    requestId: escapeHtml(idOf(request)),
    get nonce() {
      return request.cspNonce;
    },
  };
  const { errorTemplate } = request.settings;
  if (errorTemplate) return new Response(errorTemplate(content), { status });
  return new Response(builtIn(content), { status, headers: { 'Content-Security-Policy': PAGE_POLICY } });
}

/** The first page of the application; from there, that of the site. */
function homeOf({ baseUrl, target }: Request): string {
  const home = `${baseUrl}/`;
  return target === home ? '/' : home;
}

function builtIn({ status, detail, asked, home, requestId, debug }: ErrorContent): string {
  const reason = reasonPhrase(status);
  const lines = [
    `<p>${detail}</p>`,
    debug === '' ? [] : `<pre>${debug}</pre>`,
    `<p><code>${asked}</code></p>`,
    requestId === '' ? [] : `<p>Request <code>${requestId}</code></p>`,
    `<p><a href="${home}">Home</a></p>`,
  ].flat();
  return htmlPage({
    title: `${String(status)} - ${reason}`,
    heading: `<small>${String(status)}</small> ${escapeHtml(reason)}`,
    main: lines.join('\n'),
    head: '',
  });
}
