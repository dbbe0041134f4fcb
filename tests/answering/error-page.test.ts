/** The page of a status that nobody handles, in the form the client likes. */
import { describe, expect, test } from '@jest/globals';
import { reasonPhrase } from '../../src/http/status.js';
import { HttpError } from '../../src/http/http-error.js';
import { ResponseError } from '../../src/message/abort.js';
import { errorPage, lastResort, withErrorHeaders } from '../../src/answering/error-page.js';
import type { ErrorPageFormat, ErrorTemplate } from '../../src/message/error-template.js';
import type { Log } from '../../src/ground/log/log.js';
import type { Request } from '../../src/message/request.js';
import { DEFAULT_SETTINGS } from '../../src/answering/default-settings.js';
import type { Response } from '../../src/message/response.js';
import { TextResponse } from '../../src/message/responses.js';
import { buildRequest, request } from '../../src/hosts/testing/request.js';
import { collectingLogger } from '../support/collecting-logger.js';

function page(error: HttpError, accept?: string, debug?: string) {
  return errorPage(error, request('/a', { headers: accept === undefined ? {} : { Accept: accept } }), debug);
}

describe('an error page', () => {
  test.each([
    [undefined, 'application/problem+json'],
    ['*/*', 'application/problem+json'],
    ['application/json, text/plain, */*', 'application/problem+json'],
    ['image/avif,image/webp,*/*;q=0.8', 'application/problem+json'],
    ['application/*', 'application/problem+json'],
    ['text/*', 'text/plain; charset=utf-8'],
    ['text/html', 'text/html; charset=utf-8'],
    ['text/html, */*', 'text/html; charset=utf-8'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['text/html;q=0.5, */*;q=0.8', 'application/problem+json'],
    ['application/json, text/html;q=0.9', 'application/problem+json'],
    ['text/html,application/json;q=0.9', 'text/html; charset=utf-8'],
    ['application/json', 'application/problem+json'],
    ['application/problem+json', 'application/problem+json'],
    ['text/html;q=0.1, application/*', 'application/problem+json'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['image/png', 'text/plain; charset=utf-8'],
    ['', 'application/problem+json'],
    ['application/vnd.api+json', 'application/problem+json'],
    ['application/ld+json;profile="a", image/*', 'application/problem+json'],
    ['application/json;q=0', 'text/plain; charset=utf-8'],
    ['text/html;q=0', 'text/plain; charset=utf-8'],
    ['text/html;q=0, */*', 'application/problem+json'],
  ])('for Accept %s is %s', (accept, type) => {
    expect(page(new HttpError(404), accept).contentType).toBe(type);
  });

  test.each<[ErrorPageFormat, string | undefined, string]>([
    ['html', undefined, 'text/html; charset=utf-8'],
    ['html', '*/*', 'text/html; charset=utf-8'],
    ['html', 'application/json', 'application/problem+json'],
    ['text', '*/*', 'text/plain; charset=utf-8'],
    ['text', 'text/html,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['text', 'application/json', 'application/problem+json'],
    ['problem', 'text/html', 'text/html; charset=utf-8'],
  ])('with errorFormat %j for Accept %s is %s', (errorFormat, accept, type) => {
    const headers = accept === undefined ? {} : { Accept: accept };
    const asked = buildRequest('/a', { headers }, { ...DEFAULT_SETTINGS, errorFormat });
    expect(errorPage(new HttpError(404), asked).contentType).toBe(type);
  });

  test('tells caches that it depends on Accept', () => {
    expect(page(new HttpError(404)).headers.get('vary')).toBe('Accept');
  });

  test('as HTML escapes everything that the client or the error says', () => {
    const asked = request('/<script>"\'&', { headers: { Accept: 'text/html' } });
    const html = errorPage(new HttpError(404, '<b>bad</b>'), asked, '<i>stack</i>').body as string;
    expect(html).toContain('<code>GET /&lt;script&gt;&quot;&#39;&amp;</code>');
    expect(html).toContain('<p>&lt;b&gt;bad&lt;/b&gt;</p>');
    expect(html).toContain('<pre>&lt;i&gt;stack&lt;/i&gt;</pre>');
  });

  const htmlOf = (error: HttpError, target = '/a', base = ''): string => {
    const asked = request(`${base}${target}`, { headers: { Accept: 'text/html' } });
    return errorPage(error, base === '' ? asked : asked.below(decodeURIComponent(base))).body as string;
  };

  test.each([
    [401, 'This page is only for those who have logged in.'],
    [404, 'There is nothing at this address. It may have moved, or a letter of the address is wrong.'],
    [500, 'Something went wrong on the server. That is not your fault.'],
    [418, 'The server does not take this request.'],
    [508, 'The server failed.'],
  ])('as HTML of %i says in a sentence what it means, and its title once', (status, sentence) => {
    const html = htmlOf(new HttpError(status));
    const reason = reasonPhrase(status).replace("'", '&#39;');
    expect(html).toContain(`<title>${status} - ${reason}</title>`);
    expect(html).toContain(`<h1><small>${status}</small> ${reason}</h1>\n<p>${sentence}</p>`);
  });

  test.each([
    ['/a', '', '/'],
    ['/a', '/shop', '/shop/'],
    ['/a', '/%C4%8D', '/%C4%8D/'],
    ['/', '', '/'],
    ['/', '/shop', '/'],
  ])('as HTML for %s below the mount %j has a way home, %s', (target, base, home) => {
    expect(htmlOf(new HttpError(404), target, base)).toContain(`<p><a href="${home}">Home</a></p>`);
  });

  test('as HTML is small', () => {
    expect(htmlOf(new HttpError(404)).length).toBeLessThan(2600);
  });

  test('as HTML has a policy that allows nothing but its own style', () => {
    expect(page(new HttpError(404), 'text/html').headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  test('as a problem names title, status and detail (RFC 9457)', () => {
    const body = (error: HttpError, debug?: string) =>
      JSON.parse(page(error, 'application/json', debug).body as string) as unknown;
    expect(body(new HttpError(404))).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(body(new HttpError(404, 'No "x"'))).toMatchObject({ detail: 'No "x"' });
    expect(body(new HttpError(500, 'hidden'), 'stack')).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      debug: 'stack',
    });
  });

  test('as text is one line, with the crash below it in debug mode', () => {
    expect(page(new HttpError(404, 'Nothing'), 'text/plain').body).toBe('404 Nothing\n');
    expect(page(new HttpError(500), 'text/plain', 'stack').body).toBe('500 Internal Server Error\n\nstack\n');
  });

  test.each([200, 204, 205, 304])('of %i has no content', (status) => {
    const response = page(new HttpError(status));
    expect([response.status, response.body, response.contentType]).toEqual([status, null, '']);
  });

  test('cuts a long target', () => {
    const html = errorPage(
      new HttpError(404),
      request(`/${'a'.repeat(5000)}`, { headers: { Accept: 'text/html' } }),
    ).body as string;
    expect(html).toContain(`<code>GET /${'a'.repeat(2047)}</code>`);
  });
});

describe('a template of the application', () => {
  const errorTemplate: ErrorTemplate = ({ status, title, detail, asked, home, debug }) =>
    [status, title, detail, asked, home, debug].join('|');
  const ask = (accept: string): Response =>
    errorPage(
      new HttpError(404, '<b>'),
      buildRequest('/<', { headers: { Accept: accept } }, { ...DEFAULT_SETTINGS, errorTemplate }),
      'a & b',
    );

  test('makes the HTML, of texts that are safe in it', () => {
    const response = ask('text/html');
    expect([response.status, response.contentType, response.body]).toEqual([
      404,
      'text/html; charset=utf-8',
      '404|404 - Not Found|&lt;b&gt;|GET /&lt;|/|a &amp; b',
    ]);
    expect(response.headers.has('content-security-policy')).toBe(false);
  });

  test('does not concern clients that want something else', () => {
    expect(ask('application/json').contentType).toBe('application/problem+json');
  });
});

test('the headers of an error never replace those of the response', () => {
  const error = new HttpError(401, '', { headers: { 'WWW-Authenticate': 'Basic', 'X-Own': 'error' } });
  const response = withErrorHeaders(new TextResponse('x', { headers: { 'x-own': 'response' } }), error);
  expect([...response.headers]).toEqual([
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['x-own', 'response'],
    ['WWW-Authenticate', 'Basic'],
  ]);
});

test.each([['b=2'], [['b=2', 'c=3']]])('the cookies %j of an error join those of the response', (cookies) => {
  const error = new HttpError(403, '', { headers: { 'Set-Cookie': cookies } });
  const response = withErrorHeaders(new TextResponse('x', { headers: { 'Set-Cookie': 'a=1' } }), error);
  expect(response.headers.getAll('set-cookie')).toEqual(['a=1', ...[cookies].flat()]);
});

describe('the last resort', () => {
  const askedWith = (logger: Log): Request =>
    buildRequest('/a', { headers: { Accept: 'text/plain' } }, { ...DEFAULT_SETTINGS, logger });
  const ready = new TextResponse('ready', { status: 207 });

  test.each<[string, unknown, number, string]>([
    ['a thrown response is that response', ready, 207, 'ready'],
    ['a response on its way out as an error too', new ResponseError(ready), 207, 'ready'],
    ['an HTTP error is its page', new HttpError(404, 'gone'), 404, '404 gone\n'],
  ])('for %s, and no log line', (_, error, status, body) => {
    const logger = collectingLogger();
    expect(lastResort(error, askedWith(logger))).toMatchObject({ status, body });
    expect(logger.errors).toEqual([]);
  });

  test('for a body that the client has broken off is its page, and no log line', () => {
    const logger = collectingLogger();
    const leaving = new AbortController();
    const init = { data: 'some', signal: leaving.signal };
    const cut = buildRequest('/a', init, { ...DEFAULT_SETTINGS, logger });
    cut.stream.on('error', () => undefined);
    leaving.abort();
    const error = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect([cut.isCut, lastResort(error, cut).status, logger.errors]).toEqual([true, 400, []]);
  });

  test('for a crash is a plain 500, and one log line that names the route', () => {
    const logger = collectingLogger();
    const routed = Object.assign(askedWith(logger), { route: { path: '/a', name: 'A.a', parameters: [] } });
    expect(lastResort(new Error('crash'), routed)).toMatchObject({
      status: 500,
      body: '500 Internal Server Error\n',
    });
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/a \(A\.a\): Error: crash \| at /)]);
  });

  test('for a page that cannot be made is a plain 500, and one log line', () => {
    const logger = collectingLogger();
    const errorTemplate = (): never => {
      throw new HttpError(404, 'template');
    };
    const templated = buildRequest(
      '/a',
      { headers: { Accept: 'text/html' } },
      { ...DEFAULT_SETTINGS, errorTemplate, logger },
    );
    expect(lastResort(new HttpError(404), templated)).toMatchObject({ status: 500 });
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/a: HttpError: template \| at /)]);
  });
});
