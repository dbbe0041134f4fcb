/** A handler on a server that was made by others, with and without middleware around it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  GeneratorResponse,
  Get,
  HttpError,
  Post,
  TextResponse,
  UpgradeResponse,
  urlFor,
  type Handler,
  type Request,
} from 'obol';
import { errorDocuments, forward } from 'obol/composition';
import { toNodeListener, type NodeListener } from 'obol/node';
import { mountPoint } from '../../../../src/hosts/node/neighbours/mount-point.js';
import { collectingLogger } from '../../../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../../../support/raw-client.js';
import { deferred } from '../../../support/serve.js';

type Next = (error?: unknown) => void;
type Outer = (incoming: Mounted, outgoing: ServerResponse, next: Next) => unknown;
type Mounted = IncomingMessage & {
  originalUrl?: string;
  baseUrl?: string;
  body?: unknown;
  rawBody?: unknown;
};

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server of node:http that answers so; requests are sent to it one by one. */
async function serve(
  listener: (incoming: Mounted, outgoing: ServerResponse) => unknown,
): Promise<{ server: Server; client: RawClient }> {
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  cleanups.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { server, client };
}

/** The answer to one request. */
async function ask(
  listener: (incoming: Mounted, outgoing: ServerResponse) => unknown,
  line = 'GET /',
  fields: readonly string[] = [],
  body = '',
): Promise<RawResponse> {
  const { client } = await serve(listener);
  const length = body === '' ? [] : [`Content-Length: ${String(body.length)}`];
  return client.request(line, [...fields, ...length], body).response(line.split(' ')[0]);
}

const passOn: Outer = (_, __, next) => {
  next();
};

/** As Express mounts: takes the prefix off `url`, and answers what is passed on. */
function below(prefix: string, listener: NodeListener, before: Outer = passOn) {
  return (incoming: Mounted, outgoing: ServerResponse): void => {
    const { url = '' } = incoming;
    const rest = url.slice(prefix.length);
    Object.assign(incoming, {
      originalUrl: url,
      baseUrl: prefix,
      url: rest.startsWith('/') ? rest : `/${rest}`,
    });
    before(incoming, outgoing, () => {
      listener(incoming, outgoing, () => outgoing.writeHead(404).end('the neighbour'));
    });
  };
}

@Controller('/people')
class People {
  @Get('/') list(req: Request) {
    return { base: req.base, path: req.path, target: req.target, url: urlFor(req, People, 'list') };
  }

  @Get('/<id:int>') one(_req: Request, id: number) {
    return id > 9 ? abort(404, 'no such person') : { id };
  }

  @Get('/none') none() {
    return [];
  }

  @Get('/gone') gone(req: Request) {
    return forward(req, urlFor(req, People, 'none').replace('none', 'nowhere/at/all'));
  }

  @Post('/echo') echo(req: Request) {
    return { json: req.json, form: [...req.form], data: req.data?.toString('latin1') };
  }
}

async function people() {
  const logger = collectingLogger();
  const app = await bootstrap({ controllers: [People], logger });
  return { app, logger, listener: toNodeListener(app) };
}

describe('toNodeListener()', () => {
  test('is a listener of node:http, with the heads that listen() gives', async () => {
    const response = await ask(toNodeListener(() => new TextResponse('hello')));
    expect(response).toMatchObject({ status: 200, text: 'hello', complete: true });
    expect(response.header('x-content-type-options')).toBe('nosniff');
    expect(response.header('content-length')).toBe('5');
  });

  test('takes the options of listen() that a handler can keep, and no others', () => {
    expect(() => toNodeListener(() => new TextResponse(''), { port: 80 } as object)).toThrow(
      /^toNodeListener\.port: there is no such option/,
    );
  });

  test.each([
    ['two Hosts', 'GET /', ['Host: other'], 400],
    ['a Host that is none', 'GET http://a/', ['Host: a b'], 400],
    ['an unknown coding', 'POST /', ['Transfer-Encoding: gzip, chunked'], 501],
    ['a long target', `GET /${'a'.repeat(9000)}`, [], 414],
    ['many fields', 'GET /', Array.from({ length: 101 }, (_, i) => `X-${String(i)}: 1`), 431],
  ])('refuses %s', async (_, line, fields, status) => {
    const response = await ask(
      toNodeListener(() => new TextResponse('hello')),
      line,
      fields,
      '',
    );
    expect(response.status).toBe(status);
  });

  test('answers HEAD, conditions and ranges', async () => {
    const { client } = await serve(
      toNodeListener(() => new TextResponse('0123456789').makePartial().addEtag()),
    );
    const head = await client.request('HEAD /').response('HEAD');
    expect([head.status, head.header('content-length')]).toEqual([200, '10']);
    const part = await client.request('GET /', ['Range: bytes=2-4']).response();
    expect([part.status, part.text, part.header('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
    const tag = head.header('etag') ?? '';
    const same = await client.request('GET /', [`If-None-Match: ${tag}`]).response();
    expect([same.status, same.text]).toEqual([304, '']);
  });

  test('cuts the connection where a stream fails behind its head', async () => {
    const logger = collectingLogger();
    const handler: Handler = () =>
      new GeneratorResponse(
        (function* () {
          yield 'begun';
          throw new Error('in the middle');
        })(),
      );
    const response = await ask(toNodeListener(handler, { logger }));
    expect([response.status, response.text, response.complete]).toEqual([200, 'begun', false]);
    expect(logger.errors).toEqual([expect.stringContaining('in the middle')]);
  });

  test('answers 500 where a plain handler throws, and 503 where it takes too long', async () => {
    const logger = collectingLogger();
    const failing = toNodeListener(() => Promise.reject(new Error('broken')), { logger });
    expect((await ask(failing)).status).toBe(500);
    const waiting = toNodeListener(() => new Promise(() => undefined), { logger, handlerTimeout: 20 });
    expect((await ask(waiting)).status).toBe(503);
  });

  test('aborts the signal and calls back when the client leaves', async () => {
    const over = deferred();
    const begun = deferred();
    const { client } = await serve(
      toNodeListener(async (request) => {
        begun.resolve();
        await new Promise<void>((resolve) => {
          request.signal.addEventListener('abort', () => {
            resolve();
          });
        });
        request.onClose(over.resolve);
        return new TextResponse('too late');
      }),
    );
    client.request('GET /');
    await begun.promise;
    client.destroy();
    await over.promise;
  });

  test('keeps a log of requests', async () => {
    const over = deferred<unknown>();
    const accessLog = over.resolve;
    await ask(toNodeListener(() => new TextResponse('hello'), { accessLog }));
    expect(await over.promise).toMatchObject({ status: 200, length: 5, complete: true });
  });

  test('answers 505 to messages of HTTP/2', async () => {
    const server = createHttp2Server(toNodeListener(() => new TextResponse('')) as never).listen(0);
    const session = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    cleanups.push(() => {
      session.close();
      server.close();
    });
    const stream = session.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
    const status = headers[':status'];
    expect([status, String(await buffer(stream))]).toEqual([
      505,
      '505 Only HTTP/1.1 and HTTP/1.0 are spoken here\n',
    ]);
  });
});

describe('below a mount', () => {
  test('the base is the path of the mount, and URLs are whole', async () => {
    const { listener } = await people();
    const response = await ask(below('/a%20b', listener), 'GET /a%20b/people?x=1');
    expect(JSON.parse(response.text)).toEqual({
      base: '/a b',
      path: '/people',
      target: '/a%20b/people?x=1',
      url: '/a%20b/people',
    });
  });

  test.each([
    [{ url: '/a' }, '/a', ''],
    [{ url: '/b', originalUrl: '/b', baseUrl: '' }, '/b', ''],
    [{ url: '/b?x', originalUrl: '/a/b?x', baseUrl: '/a' }, '/a/b?x', '/a'],
    [{ url: '/', originalUrl: '/a', baseUrl: '/a' }, '/a', '/a'],
    [{ url: '/?x', originalUrl: '/a?x', baseUrl: '/a' }, '/a?x', '/a'],
    [{ url: '/', originalUrl: '/a/', baseUrl: '/a' }, '/a/', '/a'],
    [{ url: '/b', originalUrl: '/a/%62', baseUrl: '/a' }, '/a/%62', '/a'],
    // Connect says no base.
    [{ url: '/b', originalUrl: '/a/b' }, '/a/b', '/a'],
    [{ url: '/', originalUrl: '/a' }, '/a', '/a'],
    // Rewritten on the way.
    [{ url: '/c', originalUrl: '/a/b', baseUrl: '/a' }, '/a/c', '/a'],
    [{ url: '/b', originalUrl: '/a/b', baseUrl: '' }, '/b', ''],
    [{ url: '/b?y', originalUrl: '/a/b?x', baseUrl: '/a' }, '/a/b?y', '/a'],
    [{ url: '/c', originalUrl: '/a/b' }, '/c', ''],
    // To be refused as it stands.
    [{ url: '/%', originalUrl: '/a/%', baseUrl: '/a' }, '/a/%', ''],
  ])('%j is the target %s below %j', (incoming, target, prefix) => {
    expect(mountPoint(incoming)).toEqual({ target, prefix });
  });

  test('what others have set stays beside what the response sets, and before what goes out by default', async () => {
    const listener = toNodeListener(() => {
      const response = new TextResponse('hello', {
        headers: { Vary: 'Accept', 'X-Own': 'inner', Link: ['a', 'b'] },
      });
      return response.setCookie('inner', '1');
    });
    const response = await ask(
      below('/a', listener, (_, outgoing, next) => {
        outgoing.setHeader('X-Content-Type-Options', 'theirs');
        outgoing.setHeader('X-Own', 'outer');
        outgoing.setHeader('X-Outer', '1');
        outgoing.setHeader('Content-Length', '100');
        outgoing.setHeader('Set-Cookie', 'outer=1');
        outgoing.setHeader('Vary', 'Cookie, accept');
        next();
      }),
      'GET /a',
    );
    const valuesOf = (wanted: string) =>
      response.fields.filter(([name]) => name === wanted).map(([, value]) => value);
    expect(response.text).toBe('hello');
    expect(valuesOf('x-content-type-options')).toEqual(['theirs']);
    expect(valuesOf('x-own')).toEqual(['inner']);
    expect(valuesOf('x-outer')).toEqual(['1']);
    expect(valuesOf('set-cookie')).toEqual(['outer=1', expect.stringContaining('inner=1')]);
    expect(valuesOf('vary')).toEqual(['Cookie, Accept']);
    expect(valuesOf('link')).toEqual(['a', 'b']);
  });

  test.each([
    ['a path that no route has', 'GET /a/nothing', 404, 'the neighbour'],
    ['a method that no route has', 'PUT /a/people', 404, 'the neighbour'],
    ['a 404 of a route', 'GET /a/people/10', 404, expect.stringContaining('no such person')],
    ['a path that is malformed', 'GET /a/%', 400, expect.stringContaining('malformed')],
  ])('%s is answered by who comes next where that is for it', async (_, line, status, text) => {
    const { listener } = await people();
    expect(await ask(below('/a', listener), line)).toMatchObject({ status, text });
  });

  test.each([
    ['has another page there', 'GET /a/nothing', 'the neighbour'],
    ['has another page for a method', 'PUT /a/people', 'the neighbour'],
    ['is a route and has another page', 'GET /a/people/10', '[]'],
    ['is a route that forwards there', 'GET /a/people/gone', '[]'],
  ])('what %s is passed on all the same, and only that', async (_, line, text) => {
    const features = [errorDocuments({ 404: '/people/none', 405: '/people/none' })];
    const app = await bootstrap({ controllers: [People], logger: collectingLogger(), features });
    expect((await ask(below('/a', toNodeListener(app)), line)).text).toBe(text);
  });

  test('nothing is passed on without fallthrough, nor where nothing comes next', async () => {
    const { app } = await people();
    const listener = toNodeListener(app, { fallthrough: false });
    expect((await ask(below('/a', listener), 'GET /a/nothing')).text).not.toBe('the neighbour');
    expect((await ask(toNodeListener(app), 'GET /nothing')).status).toBe(404);
  });

  test.each([
    ['/a/b?inner', 200, '/b?inner'],
    ['/elsewhere', 404, expect.stringContaining('404')],
  ])('a handler forwards to %s', async (url, status, text) => {
    const logger = collectingLogger();
    const quiet = toNodeListener(
      (request) =>
        request.query === 'outer'
          ? forward(request, url)
          : new TextResponse(`${request.path}?${request.query}`),
      { logger, fallthrough: false },
    );
    expect(await ask(below('/a', quiet), 'GET /a/x?outer')).toMatchObject({ status, text });
  });

  test.each([
    ['throws', () => abort(404), 'the neighbour'],
    ['rejects', () => Promise.reject(new HttpError(405)), 'the neighbour'],
    ['answers later', () => Promise.resolve(new TextResponse('none', { status: 404 })), 'the neighbour'],
    ['is forbidden', () => abort(403), expect.stringContaining('403')],
  ])('a plain handler that %s', async (_, handler, text) => {
    const listener = toNodeListener(handler, { logger: collectingLogger() });
    expect((await ask(below('/a', listener), 'GET /a/b')).text).toEqual(text);
  });
});

describe('a body that was read before', () => {
  const FORM = 'application/x-www-form-urlencoded';
  /** Reads as body parsers do, and keeps what it makes of it. */
  const parsed =
    (kept: (bytes: Buffer) => object): Outer =>
    (incoming, _, next) => {
      void buffer(incoming).then((bytes) => {
        Object.assign(incoming, kept(bytes));
        next();
      });
    };
  const asJson = parsed((bytes) => ({ body: JSON.parse(bytes.toString()) as unknown }));

  test.each([
    ['JSON', 'application/json', '{"a": "\xc3\xbc"}', asJson, { json: { a: 'ü' } }],
    ['JSON of another type', 'application/merge-patch+json', '[1]', asJson, { json: [1] }],
    [
      'a form',
      FORM,
      'a=1&a=2&b=x+y',
      parsed(() => ({ body: { a: ['1', '2'], b: 'x y' } })),
      {
        form: [
          ['a', '1'],
          ['a', '2'],
          ['b', 'x y'],
        ],
      },
    ],
    ['text', 'text/plain', 'hello', parsed((bytes) => ({ body: bytes.toString() })), { data: 'hello' }],
    ['bytes', 'image/png', '\x89PNG', parsed((body) => ({ body })), { data: '\x89PNG' }],
    ['bytes beside', 'image/png', 'PNG', parsed((rawBody) => ({ rawBody, body: {} })), { data: 'PNG' }],
  ])('is there again where it was %s', async (...row) => {
    const [, type, sent, before, received] = row;
    const { listener } = await people();
    const response = await ask(
      below('/a', listener, before),
      'POST /a/people/echo',
      [`Content-Type: ${type}`],
      sent,
    );
    expect(JSON.parse(response.text)).toMatchObject(received);
  });

  test('is decoded already, so that neither its coding nor its length holds any more', async () => {
    const { listener } = await people();
    const before = parsed(() => ({ body: { a: 'inflated' } }));
    const fields = ['Content-Type: application/json', 'Content-Encoding: gzip'];
    const response = await ask(below('/a', listener, before), 'POST /a/people/echo', fields, 'zip');
    expect(JSON.parse(response.text)).toMatchObject({ json: { a: 'inflated' } });
  });

  test.each([
    ['a form of nested fields', FORM, parsed(() => ({ body: { a: { b: '1' } } }))],
    ['a form with files', 'multipart/form-data; boundary=x', parsed(() => ({ body: { a: '1' } }))],
    ['text in another charset', 'text/plain; charset=latin1', parsed(() => ({ body: 'hello' }))],
    ['nothing that was kept', 'application/json', parsed(() => ({}))],
  ])('is a mistake that is logged with its cure where it was %s', async (_, type, before) => {
    const { listener, logger } = await people();
    const response = await ask(
      below('/a', listener, before),
      'POST /a/people/echo',
      [`Content-Type: ${type}`],
      'body',
    );
    expect(response.status).toBe(500);
    expect(logger.errors.join()).toMatch(/The body of POST \/a\/people\/echo was read before .* verify/);
    expect(logger.fields).toContainEqual(
      expect.objectContaining({
        err: expect.objectContaining({ code: 'E_BODY_READ' }) as unknown,
      }),
    );
  });

  test('is empty where there was none', async () => {
    const before: Outer = (incoming, _, next) => {
      incoming.resume().once('end', next);
    };
    const listener = toNodeListener(
      async (request) => new TextResponse(String((await request.readBytes()).length)),
    );
    expect((await ask(below('/a', listener, before), 'GET /a')).text).toBe('0');
  });

  test('is no matter to a handler that does not ask for it', async () => {
    const listener = toNodeListener(() => new TextResponse('hello'));
    const response = await ask(
      below(
        '/a',
        listener,
        parsed(() => ({})),
      ),
      'POST /a',
      ['Content-Type: a/b'],
      'body',
    );
    expect(response.text).toBe('hello');
  });
});

describe('connections that are taken over', () => {
  const ASKED = ['Connection: Upgrade', 'Upgrade: echo'];
  const takeOver: Handler = () => new UpgradeResponse('echo', ({ socket }) => socket.pipe(socket));

  test('come through all that answers on the server', async () => {
    const listener = toNodeListener(takeOver);
    const { server, client } = await serve(
      below('/a', listener, (_, outgoing, next) => {
        outgoing.setHeader('X-Outer', '1');
        next();
      }),
    );
    listener.serveUpgrades(server);
    expect((await client.request('GET /a/b', ASKED).response()).status).toBe(101);
    await client.send('hello').until((received) => received === 'hello');
  });

  test('are none where a request has a body, which is answered as without Upgrade', async () => {
    const listener = toNodeListener(async (request) => new TextResponse(await request.readText()));
    const { server, client } = await serve(listener);
    listener.serveUpgrades(server);
    for (const body of ['ab', 'abc']) {
      client.request('POST /', [...ASKED, `Content-Length: ${String(body.length)}`]).send(body);
      expect((await client.response('POST')).text).toBe(body);
    }
  });

  test('are a mistake, logged with its cure, on a server that keeps them', async () => {
    const logger = collectingLogger();
    const response = await ask(toNodeListener(takeOver, { logger }), 'GET /', ASKED);
    expect(response.status).toBe(500);
    expect(logger.errors.join()).toContain('listener.serveUpgrades(server)');
  });
});
