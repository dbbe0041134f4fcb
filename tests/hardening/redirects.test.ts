/** What leads elsewhere and what is shown: redirects, headers, events, downloads and pages of errors. Rows X1 to X9. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  EventStreamResponse,
  FileResponse,
  Get,
  HttpError,
  Json,
  Post,
  RedirectResponse,
  redirect,
  Response,
  TextResponse,
  type Request,
} from 'obol';
import { TestFolder } from '../support/folder.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { urlOf } from '../../src/hosts/testing/url.js';

const folder = new TestFolder();
const notes = folder.file('notes.txt', '<script>alert(1)</script>');
const SCRIPT = '<script>alert(1)</script>';

@Controller()
class HostileController {
  @Get('/redirect')
  redirect(req: Request) {
    return new RedirectResponse(req.args.getFirst('to') ?? '');
  }

  @Get('/thrown')
  thrown(req: Request) {
    redirect(req.args.getFirst('to') ?? '', { status: 303 });
  }

  @Get('/checked')
  checked(req: Request) {
    const url = new URL(req.args.getFirst('to') ?? '', 'http://localhost/');
    return url.hostname === 'localhost' ? new RedirectResponse(url) : new TextResponse('no', { status: 400 });
  }

  @Get('/header')
  header(req: Request) {
    return new TextResponse('x', { headers: { 'X-Value': req.args.getFirst('v') ?? '' } });
  }

  @Get('/name')
  name(req: Request) {
    return new TextResponse('x', { headers: { [req.args.getFirst('v') ?? '']: 'x' } });
  }

  @Get('/type')
  type(req: Request) {
    return new Response('x', { contentType: req.args.getFirst('v') ?? '' });
  }

  @Get('/cookie')
  cookie(req: Request) {
    return new TextResponse('x').setCookie('c', req.args.getFirst('v') ?? '');
  }

  @Get('/download')
  download(req: Request) {
    return new FileResponse(notes, { download: req.args.getFirst('v') });
  }

  @Get('/typed')
  typed() {
    return new FileResponse(notes, { contentType: 'application/x-own', download: 'page.html' });
  }

  @Get('/reason')
  reason(req: Request) {
    throw new HttpError(418, req.args.getFirst('v'));
  }

  @Get('/web')
  web(req: Request) {
    return new globalThis.Response('x', { status: 200, statusText: req.args.getFirst('v') ?? '' });
  }

  @Get('/events')
  events(req: Request) {
    const { args } = req;
    const event = { data: args.getFirst('data'), id: args.getFirst('id'), event: args.getFirst('event') };
    return new EventStreamResponse([event]);
  }

  @Get('/crash')
  crash(req: Request) {
    throw new Error(`${SCRIPT} ${req.args.getFirst('v') ?? ''}`);
  }

  @Post('/json')
  @Json({})
  json() {
    return null;
  }
}

const logger = collectingLogger();
const apps: Awaited<ReturnType<typeof bootstrap>>[] = [];
let port: number;
let debugPort: number;

beforeAll(async () => {
  for (const debug of [false, true]) {
    const app = await bootstrap({ controllers: [HostileController], logger, debug });
    apps.push(app);
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20 });
    if (debug) debugPort = server.port;
    else ({ port } = server);
  }
});
beforeEach(() => {
  logger.errors.length = 0;
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  folder.remove();
});

async function send(line: string, fields: readonly string[] = [], to = port): Promise<RawResponse> {
  const client = await RawClient.connect(to);
  try {
    return await client.request(line, ['Connection: close', ...fields]).response();
  } finally {
    client.destroy();
  }
}

const get = (path: string, value: string, name = 'v'): Promise<RawResponse> =>
  send(`GET ${path}?${name}=${encodeURIComponent(value)}`);

/** The host a browser goes to from a page of ours; undefined where it goes nowhere. */
function hostOf(location: string): string | undefined {
  return urlOf(location, new URL('http://localhost/redirect'))?.hostname;
}

describe('X1: encoding a Location never leads to another host than the text did', () => {
  test.each([
    ['http://google.com\\@evil.com', 'http://google.com\\@evil.com'],
    ['http://good.example%5c@evil.example/', 'http://good.example%5c@evil.example/'],
    ['http://good.example/a b', 'http://good.example/a%20b'],
    ['http://good.example/é?ž#☃', 'http://good.example/%C3%A9?%C5%BE#%E2%98%83'],
    ['http://bücher.example/', 'http://b%C3%BCcher.example/'],
    ['http://good.example\uFF0Fevil.example/', 'http://good.example%EF%BC%8Fevil.example/'],
    ['/a/b?c=%20d#e', '/a/b?c=%20d#e'],
    ['/\u0000', '/%00'],
    ['/"<>^`{|}', '/"<>^`{|}'],
    ['/\ud800', '/%EF%BF%BD'],
    ['relative/../path', 'relative/../path'],
    ['?only=query', '?only=query'],
    ['', ''],
  ])('%j is sent as %s', async (to, location) => {
    for (const [path, status] of [
      ['/redirect', 302],
      ['/thrown', 303],
    ] as const) {
      const response = await send(`GET ${path}?to=${encodeURIComponent(to.toWellFormed())}`);
      expect([response.status, response.header('location')]).toEqual([status, location]);
      expect(hostOf(location)).toBe(hostOf(to));
    }
  });

  /** Browsers drop these before they read a URL, so left as they are they would lead away. */
  test.each([
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '\x01//evil.example',
    'ht\ntp://evil.example',
    '/\r\n/evil.example',
  ])('%j stays here', async (to) => {
    const response = await get('/redirect', to, 'to');
    expect(hostOf(to)).toBe('evil.example');
    expect(hostOf(response.header('location') ?? '')).toBe('localhost');
  });

  test.each([
    ['/a', 302],
    ['http://localhost/a', 302],
    ['http://localhost\\@evil.example', 302],
    ['//evil.example', 400],
    ['/\\evil.example', 400],
    ['/\t/evil.example', 400],
    ['http://evil.example\\@localhost', 400],
    ['http://localhost@evil.example', 400],
    ['\\\\evil.example', 400],
  ])('a URL that was looked at, here of %j, is sent as it was seen', async (to, status) => {
    const response = await get('/checked', to, 'to');
    expect(response.status).toBe(status);
    if (status === 302) expect(hostOf(response.header('location') ?? '')).toBe('localhost');
  });
});

describe('X3: a redirect', () => {
  test.each([SCRIPT, '"><img src=x onerror=alert(1)>', 'javascript:alert(1)', "data:text/html,<b>'"])(
    'to %s has no content that could run',
    async (to) => {
      const response = await get('/redirect', to, 'to');
      expect([response.text, response.header('content-length')]).toEqual(['', '0']);
      expect(response.header('content-type')).toBeUndefined();
    },
  );
});

const BREAKS = [
  'x\r\nX-Evil: y',
  'x\nX-Evil: y',
  'x\rX-Evil: y',
  'x\r\n\r\nHTTP/1.1 200 OK',
  'x\0y',
  'x\x7f',
];

describe('X4: a line break becomes no line of a head', () => {
  const WAYS = ['/header', '/name', '/type', '/cookie', '/download', '/reason', '/web'];
  test.each(WAYS.flatMap((path) => BREAKS.map((text) => [path, text] as const)))(
    'in %s with %j',
    async (path, text) => {
      const response = await get(path, text);
      expect(response.header('x-evil')).toBeUndefined();
      expect(response.head.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\0\r\n\x7f]/);
      expect(response.statusLine).toMatch(/^HTTP\/1\.1 \d{3} [A-Za-z' -]+$/);
      expect([200, 418, 500]).toContain(response.status);
    },
  );

  test.each(BREAKS)('in a Location with %j', async (text) => {
    const response = await get('/redirect', `/${text}`, 'to');
    expect([response.status, response.header('location')]).toEqual([302, encodedBreaks(text)]);
  });

  test.each(['/header', '/name', '/type'])(
    'in %s; who wrote it is told in one line of the log',
    async (path) => {
      await get(path, 'x\r\nX-Evil: y');
      expect(logger.errors).toEqual([expect.stringMatching(/^GET .*: ObolError \[E_\w+\]: [^\r\n]*$/)]);
    },
  );

  function encodedBreaks(text: string): string {
    return `/${text.replace(/[\x00-\x20\x7f]/g, encodeURIComponent)}`;
  }
});

describe('X5: an event', () => {
  const LINES = ['a\ndata: evil', 'a\r\nevent: evil', 'a\rid: evil', 'a\n\nevent: evil\ndata: x'];

  test.each(LINES)('of data %j has it as lines of its own', async (data) => {
    const { text } = await get('/events', data, 'data');
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    expect(text).toBe(`:\n\n${lines.join('')}\n`);
  });

  test.each(['id', 'event'].flatMap((name) => LINES.map((text) => [name, text] as const)))(
    'whose %s is %j is not sent, and is told to who wrote it',
    async (name, text) => {
      const client = await RawClient.connect(port);
      client.request(`GET /events?data=x&${name}=${encodeURIComponent(text)}`);
      await client.closed;
      expect(client.pending).not.toContain('evil');
      expect(logger.errors).toEqual([
        expect.stringMatching(
          /connection cut: ObolError \[E_EVENT\]: The (?:id|name) of an event is text on one line/,
        ),
      ]);
    },
  );
});

describe('X7: a file to be saved', () => {
  test.each(['page.html', 'evil.svg', 'x.html;y', 'a".html', '../../x.js', ''])(
    'as %j keeps its own type',
    async (name) => {
      const response = await get('/download', name);
      expect(response.header('content-type')).toBe('text/plain; charset=utf-8');
      expect(response.header('x-content-type-options')).toBe('nosniff');
    },
  );

  test('keeps the type that it was given', async () => {
    const response = await send('GET /typed');
    expect(response.header('content-type')).toBe('application/x-own');
    expect(response.header('content-disposition')).toBe('attachment; filename=page.html');
  });
});

describe('X9: the page of an error', () => {
  const encoded = encodeURIComponent(SCRIPT);
  const answers: [number, string, string[]][] = [
    [404, `GET /${SCRIPT.replace(' ', '')}`, []],
    [404, `GET /${encoded}`, []],
    [404, `GET /x?${SCRIPT}`, []],
    [405, `POST /redirect?${SCRIPT}`, ['Content-Length: 0']],
    [405, `DELETE /redirect`, []],
    [400, `GET /%${SCRIPT}`, []],
    [400, `GET /${SCRIPT}#x`, []],
    [415, `POST /json?${SCRIPT}`, ['Content-Length: 2', `Content-Type: text/${SCRIPT}`]],
    [400, 'POST /json', ['Content-Length: 27', 'Content-Type: application/json']],
    [418, `GET /reason?v=${encoded}`, []],
    [500, `GET /crash?v=${encoded}`, []],
    [500, `GET /header?v=${encoded}%0a`, []],
  ];

  test.each(answers)('%d for %s shows no markup of the client', async (status, line, fields) => {
    for (const to of [port, debugPort]) {
      for (const accept of ['text/html', 'application/json', 'text/plain', SCRIPT, 'text/html;q=1']) {
        const client = await RawClient.connect(to);
        const all = [...fields, `Accept: ${accept}`, `Referer: ${SCRIPT}`, `User-Agent: ${SCRIPT}`];
        const response = await client
          .request(line, [...all, 'Connection: close'], fields.length > 1 ? body(line) : '')
          .response();
        client.destroy();
        expect(response.status).toBe(status);
        const type = response.header('content-type') ?? '';
        // Text and JSON are shown as they are, since nobody may guess at their type.
        expect(response.header('x-content-type-options')).toBe('nosniff');
        if (type.startsWith('text/html')) {
          expect(response.text).not.toMatch(/<script/i);
          expect(response.header('content-security-policy')).toContain("default-src 'none'");
        }
      }
    }
  });

  function body(line: string): string {
    return line.includes('?') ? '{}' : `"${SCRIPT}`.padEnd(27, ' ');
  }

  test('of a crash tells nothing of it; in debug it does, as text', async () => {
    const closed = await send('GET /crash', ['Accept: text/html']);
    expect(closed.text).not.toMatch(/alert\(|\bat \w+|redirects\.test/);
    const open = await send('GET /crash', ['Accept: text/html'], debugPort);
    expect(open.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(open.text).toContain('redirects.test');
  });
});
