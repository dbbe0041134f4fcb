/** `showRequest()`: a handler that shows the request it got. */
import { inspect } from 'node:util';
import {
  checkOptions,
  escapeHtml,
  type Handler,
  htmlPage,
  HttpError,
  type Request,
  Response,
  rule,
  type Rules,
} from '../../kit.js';
import { Secrets } from './secrets.js';
import { seenRequest, type SeenRequest } from './seen-request.js';

export interface ShowRequestOptions {
  /** Whether it answers outside of debug mode, too. Default false: there it is 404. */
  readonly always?: boolean | undefined;
  /** Names of headers, parameters and fields that are hidden, besides those that sound like secrets. Default none. */
  readonly secrets?: readonly string[] | undefined;
}

const RULES: Rules<ShowRequestOptions> = {
  always: rule.flag,
  secrets: rule.list('a list of names', rule.text('a name')),
};

const STYLE = `body{max-width:60rem;padding-top:2rem}
th{width:30%;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap}`;

/**
 * Shows the request that it gets: method, URL, route, query, headers, client and body, as an HTML page, JSON or text, whichever the client asks
 * for. Credentials, cookies, tokens and what else sounds like a secret are hidden, and all that is long is cut. It answers in debug
 * mode only.
 *
 * @throws ObolError E_SETTING for a wrong option
 * @example
 * ```ts
 * app.routes.add('/debug/<rest:path>', showRequest(), METHOD_ALL);
 * ```
 */
export function showRequest(options: ShowRequestOptions = {}): Handler {
  checkOptions('showRequest', options, RULES);
  const { always = false } = options;
  const secrets = new Secrets(options.secrets ?? []);
  const answer = (request: Request): Response => answerWith(request, seenRequest(request, secrets));
  return (request) => {
    if (!always && !request.settings.debug) throw notHere();
    const reading = request.hasBody ? request.readAutomatic(() => answer(request)) : undefined;
    return reading ?? answer(request);
  };
}

const HEADERS = { 'Cache-Control': 'no-store', Vary: 'Accept' };

function answerWith(request: Request, seen: SeenRequest): Response {
  const format = request.accepts('text', 'json', 'html') ?? 'text';
  if (format === 'json')
    return new Response(`${JSON.stringify(seen, null, 2)}\n`, {
      contentType: 'application/json',
      headers: HEADERS,
    });
  if (format === 'html')
    return new Response(pageOf(seen), { contentType: 'text/html; charset=utf-8', headers: HEADERS });
  return new Response(textOf(seen), { contentType: 'text/plain; charset=utf-8', headers: HEADERS });
}

/** Groups that have something to show, and what that is. */
function groupsOf(seen: SeenRequest): (readonly [string, (readonly [string, unknown])[]])[] {
  return Object.entries(seen)
    .map(([group, values]) => [group, Object.entries(values).filter(([, value]) => isThere(value))] as const)
    .filter(([, values]) => values.length > 0);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== '';
}

function textOf(seen: SeenRequest): string {
  const groups = groupsOf(seen).map(([group, values]) => {
    const lines = values.map(([name, value]) => `  ${oneLine(name)}: ${oneLine(written(value))}\n`);
    return `${group}\n${lines.join('')}`;
  });
  return groups.join('\n');
}

function pageOf(seen: SeenRequest): string {
  const groups = groupsOf(seen).map(([group, values]) => {
    const rows = values.map(
      ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${cellOf(value)}</td></tr>`,
    );
    return `<h2>${escapeHtml(group)}</h2>\n<table>\n${rows.join('\n')}\n</table>`;
  });
  return htmlPage({ title: 'The request', main: groups.join('\n'), style: STYLE });
}

function cellOf(value: unknown): string {
  const isObject = typeof value === 'object' && !Array.isArray(value);
  return isObject ? `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>` : escapeHtml(written(value));
}

function written(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : inspect(value);
}

/** So that no value looks like another line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}|[\u2028\u2029]/gu, (control) => JSON.stringify(control).slice(1, -1));
}

function notHere(): HttpError {
  return new HttpError(404, 'Nothing is here', {
    hint: 'showRequest() answers in debug mode only, unless it is made with { always: true }.',
  });
}
