/** Requests that ask for another protocol: taken over by a response, or answered as if they had not asked. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AfterResponse,
  BeforeResponse,
  bootstrap,
  Controller,
  createGuard,
  Get,
  GeneratorResponse,
  HttpError,
  TextResponse,
  UpgradeResponse,
  type AccessEntry,
  type BootstrapOptions,
  type Guard,
  type Handler,
  type ListenOptions,
  type Request,
  type Response,
  type UpgradedConnection,
} from 'obol';
import { requestedProtocols } from 'obol/http';
import { mount } from 'obol/composition';
import { compression } from 'obol/compression';
import { toNodeListener } from 'obol/node';
import { Session, sessions } from 'obol/session';
import { collectingLogger } from '../support/collecting-logger.js';
import { heapUsed } from '../support/memory.js';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';
import { stressed } from '../support/stress.js';

const ASKED = ['Connection: Upgrade', 'Upgrade: echo'];

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(handle: Handler, options?: ListenOptions): Promise<Served> {
  const served = await serve(handle, options);
  cleanups.push(() => served.server.close());
  return served;
}

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  cleanups.push(() => {
    client.destroy();
  });
  return client;
}

/** Sends everything back. */
function echo({ socket, head }: UpgradedConnection): void {
  socket.write(head);
  socket.pipe(socket);
}

const takeOver = (): Response => new UpgradeResponse('echo', echo);

/** What a handler saw, without a word about a body where there is none. */
async function told(req: Request): Promise<Response> {
  const body = await req.readBytes();
  return new TextResponse(`${req.method} ${req.path} ${body.toString()}`);
}

/** @param cuts where a new packet begins */
async function sendInPieces(client: RawClient, bytes: string, cuts: readonly number[]): Promise<void> {
  let start = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    client.send(bytes.slice(start, end));
    start = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a response that takes over the connection', () => {
  test('answers 101 with what concerns the connection, and speaks from there on', async () => {
    const { port, logger } = await start(takeOver);
    const client = await connect(port);
    const response = await client.request('GET /', ASKED).response();
    expect(response.head.toString('latin1')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nX-Content-Type-Options: nosniff\r\n' +
        'Connection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    client.send('hello');
    await client.until((received) => received === 'hello');
    expect(logger.errors).toEqual([]);
  });

  test('is asked for by a client that announces empty content, as Java does', async () => {
    const { port } = await start(takeOver);
    const client = await connect(port);
    const response = await client.request('GET /', [...ASKED, 'Content-Length: 0']).response();
    expect(response.status).toBe(101);
    await client.send('hello').until((received) => received === 'hello');
  });

  test('gets what came right behind the request', async () => {
    const heads: string[] = [];
    const { port } = await start(
      () =>
        new UpgradeResponse('echo', (connection) => {
          heads.push(connection.head.toString());
          echo(connection);
        }),
    );
    const client = await connect(port);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ');
    await client.response();
    client.send('second');
    await client.until((received) => received === 'first second');
    expect(heads).toEqual(['first ']);
  });

  test('may come later, and loses nothing that the client has sent meanwhile', async () => {
    const gate = deferred();
    const arrived = deferred();
    const { port } = await start(async () => {
      arrived.resolve();
      await gate.promise;
      return takeOver();
    });
    const client = await connect(port);
    client.request('GET /', ASKED);
    await arrived.promise;
    client.send('a'.repeat(300_000));
    gate.resolve();
    expect((await client.response()).status).toBe(101);
    await client.until((received) => received.length === 300_000);
  });

  test('sends its own fields, in Latin-1, but those that are for the host to say', async () => {
    const headers = {
      'X-Name': 'J\xfcrgen',
      Connection: 'close',
      Upgrade: 'other',
      'Content-Length': '5',
      'Transfer-Encoding': 'chunked',
    };
    const { port } = await start(() => new UpgradeResponse('Echo/1', echo, { headers }).setCookie('a', 'b'));
    const client = await connect(port);
    const { fields } = await client
      .request('GET /', ['Connection: keep-alive, upgrade', 'Upgrade: other, ECHO/1'])
      .response();
    expect(fields).toEqual([
      ['x-name', 'J\xfcrgen'],
      ['set-cookie', 'a=b; Path=/; HttpOnly; SameSite=Lax'],
      ['x-content-type-options', 'nosniff'],
      ['connection', 'Upgrade'],
      ['upgrade', 'Echo/1'],
    ]);
  });

  test('waits for its turn behind other requests', async () => {
    const gate = deferred();
    const { port } = await start(async (req) => {
      if (req.path === '/ws') return takeOver();
      await gate.promise;
      return new TextResponse(req.path);
    });
    const client = await connect(port);
    client.request('GET /a').request('GET /b').request('GET /ws', ASKED).send('hello');
    gate.resolve();
    expect((await client.response()).text).toBe('/a');
    expect((await client.response()).text).toBe('/b');
    expect((await client.response()).status).toBe(101);
    await client.until((received) => received === 'hello');
  });

  test('waits for its turn behind a stream that waits for the client', async () => {
    const { port } = await start((req) =>
      req.path === '/ws'
        ? takeOver()
        : new GeneratorResponse(
            (function* () {
              for (let i = 0; i < 30; i++) yield 'x'.repeat(100_000);
            })(),
          ),
    );
    const client = await connect(port);
    client.request('GET /stream').request('GET /ws', ASKED).send('hello');
    expect((await client.response()).body).toHaveLength(3_000_000);
    expect((await client.response()).status).toBe(101);
    await client.until((received) => received === 'hello');
  });

  test('is not called behind the last request of a connection', async () => {
    const asked: string[] = [];
    const { port } = await start((req) => {
      asked.push(req.path);
      return new TextResponse('');
    });
    const client = await connect(port);
    client.request('GET /a', ['Connection: close']).request('GET /ws', ASKED);
    await client.response();
    await client.closed;
    expect(asked).toEqual(['/a']);
  });

  test('is let go of when the client has left meanwhile', async () => {
    const gate = deferred();
    const arrived = deferred();
    const left = deferred();
    const closed = deferred();
    let calls = 0;
    const { port } = await start(async (req) => {
      req.signal.addEventListener('abort', () => {
        left.resolve();
      });
      req.onClose(() => {
        closed.resolve();
      });
      arrived.resolve();
      await gate.promise;
      return new UpgradeResponse('echo', () => calls++);
    });
    const client = await connect(port);
    client.request('GET /', ASKED);
    await arrived.promise;
    client.destroy();
    await left.promise;
    gate.resolve();
    await closed.promise;
    expect(calls).toBe(0);
  });

  test('cuts the connection and is logged when it throws', async () => {
    const { port, logger } = await start(
      () =>
        new UpgradeResponse('echo', () => {
          throw new Error('no room');
        }),
    );
    const client = await connect(port);
    await client.request('GET /x', ASKED).response();
    await client.closed;
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toContain('GET /x, in taking over its connection, which is cut');
    expect(logger.errors[0]).toContain('no room');
  });

  test('cuts the connection and is logged when its promise is rejected', async () => {
    const { port, logger } = await start(
      () => new UpgradeResponse('echo', () => Promise.reject(new Error('no room'))),
    );
    const client = await connect(port);
    await client.request('GET /x', ASKED).response();
    await client.closed;
    expect(logger.errors).toHaveLength(1);
  });

  test('survives the errors of a connection that nobody listens to', async () => {
    const closed = deferred();
    const { port, logger } = await start((req) => {
      req.onClose(() => {
        closed.resolve();
      });
      return new UpgradeResponse('echo', () => undefined);
    });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    client.socket.resetAndDestroy();
    await closed.promise;
    expect(logger.errors).toEqual([]);
  });
});

describe('an upgraded connection', () => {
  test('keeps its request alive: signal and callbacks wait for its end', async () => {
    const seen: string[] = [];
    const closed = deferred();
    const { port } = await start((req) => {
      req.signal.addEventListener('abort', () => seen.push('signal'));
      req.onClose(() => {
        seen.push('closed');
        setImmediate(closed.resolve);
      });
      return takeOver();
    });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await client.send('x').until((received) => received === 'x');
    expect(seen).toEqual([]);
    client.destroy();
    await closed.promise;
    expect(seen.sort()).toEqual(['closed', 'signal']);
  });

  test('is one line in the access log when it is over', async () => {
    const logged = deferred<AccessEntry>();
    const { port } = await start(
      () =>
        new UpgradeResponse('echo', ({ socket }) => {
          socket.end('bye');
        }),
      { accessLog: logged.resolve },
    );
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await client.closed;
    client.destroy();
    expect(await logged.promise).toMatchObject({ status: 101, length: 0, complete: true });
  });

  test('outlives the time limits of requests', async () => {
    const limits = {
      ...{
        headersTimeout: 40,
        requestTimeout: 40,
        keepAliveTimeout: 40,
        handlerTimeout: 40,
        readTimeout: 40,
      },
      connectionsCheckingInterval: 10,
      writeTimeout: 40,
    };
    const { port } = await start(takeOver, limits);
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.send('x').until((received) => received === 'x');
  });

  test('is cut when the client reads nothing for as long as the write timeout', async () => {
    const closed = deferred();
    const { port } = await start(
      (req) => {
        req.onClose(() => {
          closed.resolve();
        });
        return new UpgradeResponse('echo', ({ socket }) => {
          socket.write(Buffer.alloc(32 * 1024 * 1024));
        });
      },
      { writeTimeout: 100 },
    );
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    client.socket.pause();
    await closed.promise;
  });

  test('is answered 503 when its handler takes too long', async () => {
    const { port } = await start(() => new Promise(() => undefined), { handlerTimeout: 30 });
    const client = await connect(port);
    expect((await client.request('GET /', ASKED).response()).status).toBe(503);
    await client.closed;
  });

  test('is told by a signal that the server closes, and may end by itself', async () => {
    const { server, port } = await start(
      () =>
        new UpgradeResponse('echo', ({ socket, closing }) => {
          closing.addEventListener('abort', () => {
            socket.end('farewell');
          });
        }),
      { drainTimeout: 60_000 },
    );
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    const closed = server.close();
    await client.until((received) => received === 'farewell');
    client.destroy();
    await closed;
  });

  test('may be told by a callback instead, at once where the server closes already', async () => {
    const heard: string[] = [];
    const { server, port } = await start(
      () =>
        new UpgradeResponse('echo', (connection) => {
          connection.onClosing?.(() => {
            heard.push(`closing, aborted ${String(connection.closing.aborted)}`);
            connection.onClosing?.(() => heard.push('late'));
            connection.socket.end();
          });
        }),
    );
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    const closed = server.close();
    await client.closed;
    client.destroy();
    await closed;
    expect(heard).toEqual(['closing, aborted true', 'late']);
  });

  test('is all that is kept: request and response of node:http go', async () => {
    const kept: WeakRef<object>[] = [];
    const listener = toNodeListener(takeOver);
    const own = createServer((incoming, outgoing) => {
      kept.push(new WeakRef(incoming), new WeakRef(outgoing));
      listener(incoming, outgoing);
    });
    listener.serveUpgrades(own);
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => own.close());
    const client = await connect((own.address() as AddressInfo).port);
    await client.request('GET /', ASKED).response();
    await client.send('x').until((received) => received === 'x');
    await heapUsed();
    expect(kept.map((each) => each.deref())).toEqual([undefined, undefined]);
    client.destroy();
  });

  test('is cut at the end of the drain', async () => {
    const { server, port } = await start(takeOver, { drainTimeout: 50 });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await server.close();
    await client.closed;
  });

  test('is refused while the server closes', async () => {
    const gate = deferred();
    const arrived = deferred();
    const { server, port } = await start(async () => {
      arrived.resolve();
      await gate.promise;
      return takeOver();
    });
    const client = await connect(port);
    client.request('GET /', ASKED);
    await arrived.promise;
    const closed = server.close();
    gate.resolve();
    const response = await client.response();
    expect([response.status, response.header('connection')]).toEqual([503, 'close']);
    await closed;
  });
});

describe('a response that must not take over', () => {
  test.each<[string, string, string[]]>([
    ['without Upgrade', 'GET /', []],
    ['for another protocol', 'GET /', ['Connection: Upgrade', 'Upgrade: other']],
    ['without the word in Connection', 'GET /', ['Connection: keep-alive', 'Upgrade: echo']],
    ['for HEAD', 'HEAD /', ASKED],
    ['with a body', 'POST /', [...ASKED, 'Content-Length: 5']],
    ['with chunks', 'POST /', [...ASKED, 'Transfer-Encoding: chunked']],
    ['with an expectation', 'GET /', [...ASKED, 'Expect: 100-continue']],
  ])('is a mistake of its handler: %s', async (_name, line, fields) => {
    const { port, logger } = await start(takeOver);
    const client = await connect(port);
    client.request(line, fields, line === 'POST /' ? '0\r\n\r\n' : '');
    const response = await client.response(line.split(' ')[0]);
    expect([response.status, response.header('upgrade')]).toEqual([500, undefined]);
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toContain(
      `${line} gave an UpgradeResponse for "echo", which the request does not ask for. Give one only where requestedProtocols(req) has it`,
    );
  });

  test('is a mistake of its handler in HTTP/1.0', async () => {
    const { port, logger } = await start(takeOver);
    const client = await connect(port);
    client.send('GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    expect((await client.response()).status).toBe(500);
    expect(logger.errors).toHaveLength(1);
  });
});

describe('an Upgrade that no handler takes', () => {
  const H2C = [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  ];

  test.each<[string, readonly string[]]>([
    ['echo', ASKED],
    ['h2c', H2C],
    ['a websocket', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']],
  ])('is answered as if it were not there, time and again on one connection: %s', async (_name, fields) => {
    const { port, logger } = await start(told);
    const client = await connect(port);
    for (let i = 0; i < 3; i++) {
      const get = await client.request('GET /a', fields).response();
      expect([get.status, get.text, get.header('connection')]).toEqual([200, 'GET /a ', 'keep-alive']);
      const post = await client.request('POST /b', [...fields, 'Content-Length: 4'], 'body').response();
      expect([post.status, post.text, post.header('connection')]).toEqual([
        200,
        'POST /b body',
        'keep-alive',
      ]);
      const chunked = ['Transfer-Encoding: chunked', ...fields];
      const put = await client.request('PUT /c', chunked, '4\r\nbody\r\n0\r\n\r\n').response();
      expect([put.status, put.text]).toEqual([200, 'PUT /c body']);
      const plain = await client.request('GET /d').response();
      expect([plain.status, plain.text]).toEqual([200, 'GET /d ']);
    }
    expect(logger.errors).toEqual([]);
  });

  test('keeps the order of requests sent at once', async () => {
    const { port } = await start(told);
    const client = await connect(port);
    client.request('GET /1').request('GET /2', ASKED).request('GET /3', H2C).request('GET /4', ASKED);
    client.request('GET /5').request('POST /6', [...ASKED, 'Content-Length: 2'], 'ab');
    const texts: string[] = [];
    while (texts.length < 6) texts.push((await client.response()).text);
    expect(texts).toEqual(['GET /1 ', 'GET /2 ', 'GET /3 ', 'GET /4 ', 'GET /5 ', 'POST /6 ab']);
  });

  test('is answered as without it, however its bytes are cut into packets', async () => {
    const { port } = await start(told);
    const fields = fc.constantFrom(ASKED, H2C, ['Connection: upgrade, x', 'Upgrade: a, b/1'], []);
    // Of what comes in one packet with the end of a body, Node loses what is behind: so each batch ends with a body.
    const batch = fc.record({
      gets: fc.array(fields, { maxLength: 3 }),
      post: fields,
      body: fc.stringMatching(/^x{0,5}$/),
      cuts: fc.array(fc.nat(400), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
        const client = await connect(port);
        for (const { gets, post, body, cuts } of batches) {
          const length = `Content-Length: ${String(body.length)}`;
          const bytes = [
            ...gets.map((own) => ['GET / HTTP/1.1', 'Host: a', ...own, '', ''].join('\r\n')),
            ['POST / HTTP/1.1', 'Host: a', ...post, length, '', body].join('\r\n'),
          ].join('');
          await sendInPieces(client, bytes, cuts);
          for (let left = gets.length; left > 0; left--)
            expect((await client.response()).text).toBe('GET / ');
          expect((await client.response()).text).toBe(`POST / ${body}`);
        }
        client.destroy();
      }),
      { numRuns: stressed(25, 1000) },
    );
  });

  // Node 26 reads bodies of requests that name Upgrade, and loses what is behind them in the same packet.
  const testBehindBody = Number.parseInt(process.versions.node) < 25 ? test : test.skip;
  testBehindBody.each([
    ['with its length', ['Content-Length: 2'], 'ab'],
    ['in chunks', ['Transfer-Encoding: chunked'], '2\r\nab\r\n0\r\n\r\n'],
  ])(
    'and a body %s leaves what comes in one packet with its end to the next request',
    async (_, framing, body) => {
      const { port } = await start(told);
      const client = await connect(port);
      client.request('POST /1', [...ASKED, ...framing], `${body}GET /2 HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect([(await client.response('POST')).text, (await client.response()).text]).toEqual([
        'POST /1 ab',
        'GET /2 ',
      ]);
    },
  );

  test('gets a body that comes in pieces', async () => {
    const { port } = await start(told);
    const client = await connect(port);
    client.request('POST /', [...ASKED, 'Content-Length: 300000']);
    for (let i = 0; i < 30; i++) {
      client.send('x'.repeat(10_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.response()).text).toHaveLength('POST / '.length + 300_000);
  });

  test('is asked for a body that waits to be asked for', async () => {
    const { port } = await start(told);
    const client = await connect(port);
    client.request('POST /', [...ASKED, 'Content-Length: 4', 'Expect: 100-continue']);
    expect((await client.response()).status).toBe(100);
    expect((await client.send('body').response()).text).toBe('POST / body');
  });

  test('closes when the client asks for that', async () => {
    const { port } = await start(told);
    const client = await connect(port);
    const response = await client
      .request('GET /', ['Connection: upgrade, close', 'Upgrade: echo'])
      .response();
    expect(response.header('connection')).toBe('close');
    await client.closed;
  });

  test('counts among the requests of its connection', async () => {
    const { port } = await start(told, { maxRequestsPerSocket: 3 });
    for (const fields of [ASKED, H2C]) {
      const client = await connect(port);
      const all: (string | undefined)[] = [];
      for (let i = 0; i < 3; i++)
        all.push((await client.request('GET /', fields).response()).header('connection'));
      await client.closed;
      expect(all).toEqual(['keep-alive', 'keep-alive', 'close']);
    }
  });

  test('streams as fast as the client reads', async () => {
    const { port } = await start(
      () =>
        new GeneratorResponse(
          (function* () {
            for (let i = 0; i < 30; i++) yield 'x'.repeat(100_000);
          })(),
        ),
    );
    const client = await connect(port);
    expect((await client.request('GET /', ASKED).response()).body).toHaveLength(3_000_000);
    expect((await client.request('GET /').response()).status).toBe(200);
  });

  test('leaves an idle connection open for as long as others', async () => {
    const { port } = await start(told, { headersTimeout: 50, connectionsCheckingInterval: 10 });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await client.request('GET /').response()).status).toBe(200);
  });

  test('closes a connection that is idle for too long', async () => {
    const { port } = await start(told, { keepAliveTimeout: 50 });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await client.closed;
  });

  test('leaves no connection to the drain', async () => {
    const { server, port } = await start(told, { drainTimeout: 60_000 });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    const closed = server.close();
    await client.closed;
    await closed;
  });

  test('is answered in the drain', async () => {
    const gate = deferred();
    const arrived = deferred();
    const { server, port } = await start(
      async () => {
        arrived.resolve();
        await gate.promise;
        return new TextResponse('done');
      },
      { drainTimeout: 60_000 },
    );
    const client = await connect(port);
    client.request('GET /', ASKED);
    await arrived.promise;
    const closed = server.close();
    gate.resolve();
    const response = await client.response();
    expect([response.text, response.header('connection')]).toEqual(['done', 'close']);
    await client.closed;
    await closed;
  });

  test('is in the access log as any other', async () => {
    const entries: AccessEntry[] = [];
    const { port } = await start(told, { accessLog: (entry) => entries.push(entry) });
    const client = await connect(port);
    await client.request('GET /', ASKED).response();
    await client.request('GET /').response();
    expect(entries[0]).toMatchObject({ status: 200, length: 6, complete: true });
  });

  test('is refused with a bad head', async () => {
    const { port } = await start(told);
    const client = await connect(port);
    client.send(
      'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect((await client.response()).text).toBe('400 There is no Host\n');
    await client.closed;
    expect(client.pending).toBe('');
  });

  test('gets 426 where a handler says so', async () => {
    const { port } = await start(() => {
      throw new HttpError(426, '', { headers: { Upgrade: 'echo' } });
    });
    const client = await connect(port);
    expect((await client.request('GET /', ASKED).response()).status).toBe(426);
  });
});

describe('in an application', () => {
  const events: string[] = [];
  const sayPassed: Guard = () => void events.push('guard');
  const Passes = createGuard('Passes', () => sayPassed);

  @Controller('/rooms')
  class RoomController {
    @Get('/<name:word>')
    @Passes()
    enter(req: Request, name: string) {
      if (name === 'closed') throw new HttpError(403);
      if (!requestedProtocols(req).includes('echo'))
        throw new HttpError(426, '', { headers: { Upgrade: 'echo' } });
      return new UpgradeResponse('echo', ({ socket }) => {
        socket.write(`in ${name}`);
      });
    }
    @BeforeResponse() before() {
      events.push('before');
    }
    @AfterResponse() after(_req: Request, response: Response) {
      events.push(`after ${String(response.status)}`);
      response.headers.set('X-After', 'yes');
    }
  }

  async function application(options: Partial<BootstrapOptions> = {}): Promise<RawClient> {
    events.length = 0;
    const app = await bootstrap({
      controllers: [RoomController],
      middleware: [
        async (req, next) => {
          const response = await next(req);
          events.push(`middleware ${String(response.status)}`);
          return response;
        },
      ],
      logger: collectingLogger(),
      ...options,
    });
    const server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 20 });
    cleanups.push(() => app.close());
    return connect(server.port);
  }

  test('guards, hooks and middleware run before the connection is taken over', async () => {
    const client = await application();
    const response = await client.request('GET /rooms/red', ASKED).response();
    expect([response.status, response.header('x-after')]).toEqual([101, 'yes']);
    await client.until((received) => received === 'in red');
    expect(events).toEqual(['before', 'guard', 'after 101', 'middleware 101']);
  });

  test.each([
    ['GET /rooms/closed', 403],
    ['GET /rooms', 404],
    ['DELETE /rooms/red', 405],
  ])('%s is %i as without Upgrade, and the connection lives on', async (line, status) => {
    const client = await application();
    for (let i = 0; i < 2; i++) expect((await client.request(line, ASKED).response()).status).toBe(status);
    expect((await client.request('GET /rooms/red').response()).status).toBe(426);
  });

  test('a session writes its cookie with the head', async () => {
    @Controller()
    class VisitController {
      constructor(private readonly session: Session<{ visits: number }>) {}
      @Get('/visit') visit() {
        this.session.set('visits', 1);
        return new UpgradeResponse('echo', echo);
      }
    }
    const client = await application({
      controllers: [VisitController],
      features: [sessions({ keys: [randomBytes(32)] })],
    });
    const response = await client.request('GET /visit', ASKED).response();
    expect([response.status, response.header('set-cookie')?.split('=')[0]]).toEqual([
      101,
      expect.any(String),
    ]);
    await client.send('hello').until((received) => received === 'hello');
  });

  test('an application below another has its view of the request for as long as the connection lasts', async () => {
    const seen: string[] = [];
    const closed = deferred();
    @Controller()
    class InnerController {
      @Get('/ws') enter(req: Request) {
        req.signal.addEventListener('abort', () => seen.push('signal'));
        req.onClose(() => {
          seen.push(`closed ${req.base}${req.path}`);
          setImmediate(closed.resolve);
        });
        return new UpgradeResponse('echo', echo);
      }
    }
    const inner = await bootstrap({ controllers: [InnerController], poweredBy: false });
    const client = await application({ middleware: [mount('/inner', inner)] });
    const response = await client.request('GET /inner/ws', ASKED).response();
    expect([response.status, response.header('x-powered-by')]).toEqual([101, undefined]);
    await client.send('hello').until((received) => received === 'hello');
    expect(seen).toEqual([]);
    client.destroy();
    await closed.promise;
    expect(seen.sort()).toEqual(['closed /inner/ws', 'signal']);
  });

  test('compression leaves it alone', async () => {
    const client = await application({ middleware: [compression()] });
    const response = await client.request('GET /rooms/red', [...ASKED, 'Accept-Encoding: gzip']).response();
    expect([response.status, response.header('content-encoding')]).toEqual([101, undefined]);
  });
});

test('leaves nothing behind', async () => {
  let open = 0;
  const sockets = new Set<Duplex>();
  const { server, port } = await start((req) => {
    open++;
    req.onClose(() => open--);
    if (!requestedProtocols(req).includes('echo')) return new TextResponse('no', { status: 426 });
    return new UpgradeResponse('echo', ({ socket }) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).end();
    });
  });
  for (let i = 0; i < stressed(60, 1000); i++) {
    const client = await connect(port);
    client.request('GET /', i % 2 === 0 ? ASKED : ['Connection: upgrade', 'Upgrade: other']);
    await client.response();
    client.destroy();
  }
  while (open + sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
});
