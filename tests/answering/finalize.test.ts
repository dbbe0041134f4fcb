/** What goes out with every response. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  AfterResponse,
  Controller,
  Get,
  HttpError,
  NotModifiedResponse,
  reply,
  Response,
  type ErrorTemplate,
  type Request,
} from 'obol';
import { mount } from 'obol/composition';
import type { TestResponse } from 'obol/testing';
import { discardBody, Finalizer, SECURITY_HEADERS, sendsBody } from '../../src/answering/finalize.js';
import { withNonce } from '../../src/http/content-security-policy.js';
import { checkedHeaders } from '../../src/message/headers.js';
import { GeneratorResponse } from '../../src/message/responses.js';
import { request } from '../../src/hosts/testing/request.js';
import { start } from '../support/client.js';
import { collectingLogger } from '../support/collecting-logger.js';

const POLICY = [
  'Content-Security-Policy',
  "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; style-src 'self' 'unsafe-inline'",
  'Cross-Origin-Opener-Policy',
  'same-origin',
  'X-Frame-Options',
  'SAMEORIGIN',
];

/** The fields of a response, but for the length of its body. */
function fields(response: Response): string[] {
  const all = new Finalizer().fields(response);
  const length = all.indexOf('Content-Length');
  return length < 0 ? all : all.toSpliced(length, 2);
}

describe('default headers', () => {
  test.each(['text/html; charset=utf-8', 'TEXT/HTML; charset=iso-8859-1', 'application/xhtml+xml'])(
    'hold a document policy for %s',
    (contentType) => {
      expect(fields(new Response('', { contentType }))).toEqual([
        ...['Content-Type', contentType, 'X-Content-Type-Options', 'nosniff'],
        ...POLICY,
      ]);
    },
  );

  test.each(['text/plain; charset=utf-8', 'application/json', ''])('hold none for %j', (contentType) => {
    const type = contentType === '' ? [] : ['Content-Type', contentType];
    expect(fields(new Response('', { contentType }))).toEqual([...type, 'X-Content-Type-Options', 'nosniff']);
  });

  test('give way to those of the response, and come back when they are deleted', () => {
    const response = new Response('', { headers: { 'x-frame-options': 'DENY' } });
    response.headers.delete('X-Content-Type-Options');
    response.headers.delete('Content-Security-Policy');
    const sent = fields(response);
    expect(sent.filter((name) => /^x-frame-options$/i.test(name))).toEqual(['x-frame-options']);
    expect(sent).toContain('X-Content-Type-Options');
    expect(sent).toContain('Content-Security-Policy');
  });

  test.each([
    ['X-Content-Type-Options', 'nosniff'],
    ['x-frame-options', 'SAMEORIGIN'],
    ['Content-Security-Policy', expect.stringContaining("default-src 'self'")],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
  ])('are sent in place of an emptied %s, which is logged once', (name, value) => {
    const logger = collectingLogger();
    const finalizer = new Finalizer(SECURITY_HEADERS, { logger });
    for (const empty of ['', ' ', '\t']) {
      const response = new Response('', { headers: { [name]: empty } });
      const sent = checkedHeaders(finalizer.fields(response));
      expect(sent.getAll(name)).toEqual([value]);
      expect(finalizer.head(response)).not.toMatch(new RegExp(`^${name}: *\r`, 'm'));
    }
    expect(logger.warnings).toEqual([
      `The header ${name} was set to nothing, which would take a protection away. Give it another value; to send it ` +
        'nowhere, leave it out of the option securityHeaders: { every: { ... }, document: { ... } }.',
    ]);
  });

  describe('that a handler empties', () => {
    @Controller()
    class EmptyingController {
      @Get('/reply') reply() {
        return reply('x', { headers: { 'X-Content-Type-Options': '' } });
      }
      @Get('/later') async later() {
        await Promise.resolve();
        return reply({}, { headers: { 'X-Content-Type-Options': ' ' } });
      }
      @Get('/set') set() {
        const response = new Response('x');
        response.headers.set('X-Content-Type-Options', '');
        return response;
      }
      @Get('/web') web() {
        return new globalThis.Response('x', { headers: { 'X-Content-Type-Options': '' } });
      }
      @Get('/stream') *stream() {
        yield 'x';
      }
      @AfterResponse() after(req: Request, response: Response) {
        if (req.path === '/stream') response.headers.set('X-Content-Type-Options', '');
      }
    }
    const PATHS = ['/reply', '/later', '/set', '/web', '/stream'];

    test.each(PATHS)('in %s are an error in development', async (path) => {
      const { client, logger } = await start(EmptyingController);
      expect((await client.get(path)).status).toBe(500);
      expect(logger.errors).toEqual([expect.stringContaining('leave it out of the option securityHeaders')]);
    });

    test('are sent all the same in production, and that is logged', async () => {
      process.env['NODE_ENV'] = 'production';
      try {
        const { client, logger } = await start(EmptyingController);
        for (const path of PATHS) {
          const response = await client.get(path);
          expect([response.status, response.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
        }
        expect(logger.warnings).toHaveLength(1);
        const debugging = await start(EmptyingController, { debug: true });
        expect((await debugging.client.get('/set')).status).toBe(500);
      } finally {
        process.env['NODE_ENV'] = 'test';
      }
    });
  });

  test('are the only ones that cannot be emptied', () => {
    const response = new Response('', {
      contentType: 'text/x-a',
      headers: { 'X-Own': '', 'X-Powered-By': '' },
    });
    const sent = new Finalizer(SECURITY_HEADERS, { poweredBy: 'Obol' }).fields(response);
    expect(sent.slice(2, 6)).toEqual(['X-Own', '', 'X-Powered-By', '']);
  });

  test('leave out what the host decides', () => {
    const headers = {
      'Content-Length': '5',
      'Transfer-Encoding': 'x',
      Connection: 'y',
      'Keep-Alive': 'z',
      Upgrade: 'w',
    };
    expect(fields(new Response('', { contentType: 'text/plain', headers }))).toEqual([
      ...['Content-Type', 'text/plain; charset=utf-8', 'X-Content-Type-Options', 'nosniff'],
    ]);
  });

  test.each([204, 205, 304])('leave the content type of %i out', (status) => {
    const headers = { ETag: '"1"', 'Content-Type': 'text/html' };
    expect(fields(new Response('', { status, headers }))).toEqual([
      ...['ETag', '"1"', 'X-Content-Type-Options', 'nosniff'],
    ]);
  });
});

describe('a head', () => {
  test('is a status line and lines of headers', () => {
    const head = new Finalizer({ every: { 'X-E': 'e' }, document: {} }).head(
      new Response('', { status: 418 }),
    );
    expect(head).toBe(
      "HTTP/1.1 418 I'm a Teapot\r\nContent-Type: text/html; charset=utf-8\r\nX-E: e\r\nContent-Length: 0\r\n",
    );
  });

  test.each([
    ['text', 'ž', 200, 'Content-Length: 2\r\n'],
    ['bytes', Buffer.from('abc'), 200, 'Content-Length: 3\r\n'],
    ['nothing', null, 404, 'Content-Length: 0\r\n'],
    ['a reset', 'x', 205, 'Content-Length: 0\r\n'],
  ])('declares the length of %s', (_, body, status, line) => {
    const response = new Response(body, { status });
    expect(new Finalizer().head(response)).toContain(line);
    expect(new Finalizer().fields(response).slice(-2).join(': ')).toBe(line.trimEnd());
  });

  test.each([
    ['a stream', ['a'], 200],
    ['no content', 'x', 204],
    ['not modified', 'x', 304],
  ])('declares no length for %s', (_, body, status) => {
    const response = new Response(body, { status });
    expect(new Finalizer().head(response)).not.toContain('Content-Length');
    expect(new Finalizer().fields(response)).not.toContain('Content-Length');
  });

  test('is the same when it comes from the cache', () => {
    const finalizer = new Finalizer();
    const first = finalizer.head(new Response('a'));
    expect(finalizer.head(new Response('b'))).toBe(first);
    expect(finalizer.head(new Response('b', { headers: {} }))).toBe(first);
  });

  test('is right for more kinds than the cache holds', () => {
    const finalizer = new Finalizer();
    for (let i = 0; i < 300; i++) {
      const head = finalizer.head(new Response('', { contentType: `text/x-${i}` }));
      expect(head).toContain(`Content-Type: text/x-${i}; charset=utf-8\r\n`);
    }
  });
});

describe('content', () => {
  test.each([
    ['GET', 200, true, 1],
    ['HEAD', 200, false, 1],
    ['GET', 404, true, 1],
    ['GET', 204, false, undefined],
    ['GET', 304, false, undefined],
    ['GET', 205, false, 0],
  ])('of %s %i: sent %p, declared length %p', (method, status, sent, length) => {
    const response = new Response('x', { status });
    expect(sendsBody(request('/', { method }), response)).toBe(sent);
    expect(response.length).toBe(length);
  });

  test('of a stream that nobody reads is let go of', async () => {
    const readable = Readable.from(['a']);
    await discardBody(new Response(readable));
    expect(readable.destroyed).toBe(true);
    let cancelled = false;
    const web = new ReadableStream({ cancel: () => void (cancelled = true) });
    await discardBody(new Response(web));
    expect(cancelled).toBe(true);
    const generator = (function* () {
      yield 'a';
    })();
    await discardBody(new GeneratorResponse(generator));
    expect(generator.next()).toEqual({ done: true, value: undefined });
    await expect(discardBody(new Response(['a']))).resolves.toBeUndefined();
    await expect(discardBody(new Response('a'))).resolves.toBeUndefined();
  });
});

@Controller()
class PagesController {
  @Get('/html') html() {
    return 'html';
  }
  @Get('/json') json() {
    return {};
  }
  @Get('/304') unchanged() {
    return new NotModifiedResponse({ etag: '"1"', headers: { 'Set-Cookie': 'a=1' } });
  }
  @Get('/205') reset() {
    return reply('ignored', { status: 205 });
  }
}

describe('an application', () => {
  test('says that it is powered by Obol, unless told not to', async () => {
    const { client } = await start(PagesController);
    expect((await client.get('/json')).headers.get('x-powered-by')).toBe('Obol');
    const silent = await start(PagesController, { poweredBy: false });
    expect((await silent.client.get('/json')).headers.has('x-powered-by')).toBe(false);
  });

  test('takes default headers of its own, or none', async () => {
    const every = { 'X-Every': '1' };
    const { client } = await start(PagesController, { securityHeaders: { every } });
    const { headers } = await client.get('/html');
    expect([headers.get('x-every'), headers.has('x-content-type-options')]).toEqual(['1', false]);
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    const none = await start(PagesController, { securityHeaders: false, poweredBy: false });
    expect((await none.client.get('/html')).headers.flat).toEqual([
      ...['Content-Type', 'text/html; charset=utf-8', 'Content-Length', '4'],
    ]);
  });

  test('keeps the headers of 304, which has no length', async () => {
    const { client } = await start(PagesController);
    const { status, headers } = await client.get('/304');
    expect([status, headers.get('etag'), headers.get('set-cookie')]).toEqual([304, '"1"', 'a=1']);
    expect(headers.has('content-length')).toBe(false);
  });

  test('sends 205 without content', async () => {
    const { client } = await start(PagesController);
    const response = await client.get('/205');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      205,
      '0',
      '',
    ]);
  });
});

describe('req.cspNonce', () => {
  @Controller()
  class NonceController {
    @Get('/') page(req: Request) {
      return `${req.cspNonce} ${req.cspNonce}`;
    }
    @Get('/none') none() {
      return 'none';
    }
    @Get('/json') json(req: Request) {
      return { nonce: req.cspNonce };
    }
    @Get('/own') own(req: Request) {
      const policy = `script-src 'nonce-${req.cspNonce}'`;
      return reply('own', { headers: { 'Content-Security-Policy': policy } });
    }
    @Get('/stream') *stream(req: Request) {
      yield req.cspNonce;
    }
    @Get('/late') *late(req: Request) {
      yield 'first';
      yield req.cspNonce;
    }
    @Get('/missing') missing(req: Request) {
      throw new HttpError(404, req.cspNonce);
    }
  }

  const policyOf = ({ headers }: TestResponse): string => headers.get('content-security-policy') ?? '';

  test('is the same in a page and in its policy, and another one in the next', async () => {
    const { client } = await start(NonceController);
    const nonces = [];
    for (let i = 0; i < 2; i++) {
      const response = await client.get('/');
      const [first, second] = (await response.text()).split(' ');
      expect([first, second]).toEqual([expect.stringMatching(/^[\w-]{22}$/), first]);
      expect(policyOf(response)).toBe(`${POLICY[1] ?? ''}; script-src 'self' 'nonce-${first ?? ''}'`);
      nonces.push(first);
    }
    expect(new Set(nonces).size).toBe(2);
  });

  test('changes no page that does not ask for one', async () => {
    const { client } = await start(NonceController);
    await client.get('/');
    expect(policyOf(await client.get('/none'))).toBe(POLICY[1]);
  });

  test('is in the policy of a stream whose first part has it', async () => {
    const { client } = await start(NonceController);
    const response = await client.get('/stream');
    expect(policyOf(response)).toContain(`'nonce-${await response.text()}'`);
  });

  test.each(['/json', '/own', '/missing'])(
    'adds nothing to %s, which has no policy or its own',
    async (path) => {
      const { client } = await start(NonceController, { securityHeaders: { every: {} } });
      const policy = policyOf(await client.get(path, { headers: { Accept: 'text/html' } }));
      expect(policy.split("'nonce-").length - 1).toBe(path === '/own' ? 1 : 0);
    },
  );

  test('that a later part asks for comes too late: an error', async () => {
    const { client } = await start(NonceController);
    const text = (await client.get('/late')).text();
    await expect(text).rejects.toMatchObject({ code: 'E_CSP_NONCE' });
  });

  test('is for templates of error pages too', async () => {
    const errorTemplate: ErrorTemplate = ({ nonce }) => nonce;
    const { client } = await start(NonceController, { errorTemplate });
    const response = await client.get('/nowhere', { headers: { Accept: 'text/html' } });
    expect(policyOf(response)).toContain(`'nonce-${await response.text()}'`);
  });

  test('is put into every policy of the application, whatever its name and place', async () => {
    const securityHeaders = {
      every: { 'content-security-policy-report-only': "script-src 'self'" },
      document: { 'CONTENT-SECURITY-POLICY': "default-src 'none'" },
    };
    const { client } = await start(NonceController, { securityHeaders });
    const { headers } = await client.get('/');
    expect(headers.get('content-security-policy-report-only')).toMatch(
      /^script-src 'self' 'nonce-[\w-]{22}'$/,
    );
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'nonce-[\w-]{22}'; style-src 'nonce-/,
    );
  });

  test('of an application inside another is in its own pages only', async () => {
    const inner = await start(NonceController);
    const seen: string[] = [];
    const { client } = await start(NonceController, {
      middleware: [
        (req, next) => {
          seen.push(req.cspNonce);
          return next(req);
        },
        mount('/inner', inner.app),
      ],
    });
    const response = await client.get('/inner/');
    const [nonce = ''] = (await response.text()).split(' ');
    expect(seen).not.toContain(nonce);
    expect(policyOf(response).match(/'nonce-[\w-]+'/g)).toEqual([`'nonce-${nonce}'`]);
    expect(policyOf(await client.get('/inner/none'))).toBe(POLICY[1]);
  });

  test.each([
    ["default-src 'self'", "default-src 'self'; script-src 'self' 'nonce-x'; style-src 'self' 'nonce-x'"],
    ["script-src 'self'", "script-src 'self' 'nonce-x'"],
    ["SCRIPT-SRC 'none' ; style-src *;", "SCRIPT-SRC 'nonce-x'; style-src * 'nonce-x'"],
    [
      "script-src-elem 'self'; default-src 'none'",
      "script-src-elem 'self' 'nonce-x'; default-src 'none'; style-src 'nonce-x'",
    ],
    [
      "script-src 'self'; script-src-elem a.example",
      "script-src 'self' 'nonce-x'; script-src-elem a.example 'nonce-x'",
    ],
    ["script-src 'unsafe-inline'", "script-src 'unsafe-inline'"],
    ["script-src 'unsafe-inline' 'strict-dynamic'", "script-src 'unsafe-inline' 'strict-dynamic' 'nonce-x'"],
    ["script-src 'unsafe-inline' 'sha256-abc='", "script-src 'unsafe-inline' 'sha256-abc=' 'nonce-x'"],
    ["default-src 'unsafe-inline'", "default-src 'unsafe-inline'"],
    ["img-src 'self'", "img-src 'self'"],
    ['', ''],
    [
      'script-src a.example, script-src b.example',
      "script-src a.example 'nonce-x', script-src b.example 'nonce-x'",
    ],
  ])('makes of %j %j', (policy, expected) => {
    expect(withNonce(policy, 'x')).toBe(expected);
  });
});
