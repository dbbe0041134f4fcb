/** Bodies over the wire: limits, malformed JSON, clients that leave, bodies nobody reads, and 100-continue. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  createGuard,
  Data,
  Get,
  HttpError,
  Post,
  type Request,
  type RunningServer,
} from 'obol';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { deferred } from '../support/serve.js';

const LIMIT = 1000;
const calls: string[] = [];
const logger = collectingLogger();
let arrived = deferred();

const Refuse = createGuard('Refuse', (_setup, status: number, later: boolean) => () => {
  arrived.resolve();
  return later ? Promise.resolve().then(() => abort(status)) : abort(status);
});
const Pass = createGuard('Pass', () => () => {
  arrived.resolve();
});

@Controller()
class BodyController {
  @Pass()
  @Post('/json')
  json(req: Request) {
    calls.push('json');
    return { got: req.json };
  }

  @Data(false)
  @Post('/unread')
  unread() {
    return 'unread';
  }

  @Refuse(401, false)
  @Post('/refused')
  refused() {
    calls.push('refused');
  }

  @Refuse(403, true)
  @Post('/refused-later')
  refusedLater() {
    calls.push('refused-later');
  }

  @Post('/stream')
  async stream(req: Request) {
    let length = 0;
    for await (const chunk of req.stream) length += (chunk as Buffer).length;
    return { length };
  }

  /** Leaves the body in the middle, in one of the ways that streams of Node have. */
  @Post('/leave/<how>')
  @Data(false)
  async leave(req: Request, how: string) {
    const { stream } = req;
    if (how === 'loop') for await (const chunk of stream) if (chunk !== undefined) break;
    if (how === 'throw') for await (const chunk of stream) throw new HttpError(422, `not ${String(chunk)}`);
    if (how === 'pipeline') await expect(pipeline(stream, full())).rejects.toThrow('full');
    if (how === 'destroy') stream.destroy();
    return `${req.peer.address} left`;
  }

  @Get('/next')
  next() {
    return 'next';
  }
}

/** Takes nothing. */
function full(): Writable {
  const write: Writable['_write'] = (_chunk, _encoding, done) => {
    done(new Error('full'));
  };
  return new Writable({ write });
}

let server: RunningServer;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  const app = await bootstrap({ controllers: [BodyController], logger, json: { limit: LIMIT } });
  server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 1000 });
});

afterAll(async () => {
  await server.close();
  process.off('unhandledRejection', onRejection);
});

beforeEach(() => {
  calls.length = 0;
  logger.errors.length = 0;
  arrived = deferred();
});

const connect = (allowHalfOpen = false): Promise<RawClient> =>
  RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen });
const JSON_FIELD = 'Content-Type: application/json';

/** Ends a body and asks for something else on the same connection. */
async function expectInStep(client: RawClient): Promise<void> {
  expect((await client.request('GET /next').response()).text).toBe('next');
  client.destroy();
}

describe('a JSON body', () => {
  test.each([
    ['an object', '{"a":1}', '{"got":{"a":1}}'],
    ['null', 'null', '{"got":null}'],
    ['a scalar', '"x"', '{"got":"x"}'],
    ['nothing', '', '{}'],
    ['a byte order mark before it', '\xef\xbb\xbf1', '{"got":1}'],
    ['as long as the limit', `"${'x'.repeat(LIMIT - 2)}"`, `{"got":"${'x'.repeat(LIMIT - 2)}"}`],
  ])('is read: %s', async (_name, body, answer) => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, `Content-Length: ${body.length}`], body);
    expect((await client.response()).text).toBe(answer);
    await expectInStep(client);
  });

  test.each([
    ['malformed', '{"a":'],
    ['followed by garbage', '{} x'],
    ['with a key __proto__', '{"__proto__":{"admin":true}}'],
    ['with an escaped key __proto__', '{"\\u005f_proto__":{"admin":true}}'],
    ['with a key constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
    ['that is no UTF-8', '"\xff"'],
    ['in UTF-16', '"\0a\0"\0'],
    ['nested too deep', '['.repeat(65) + ']'.repeat(65)],
  ])('%s is answered with 400', async (_name, body) => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, `Content-Length: ${body.length}`], body);
    expect((await client.response()).status).toBe(400);
    expect(calls).toEqual([]);
    await expectInStep(client);
  });

  test('declared too long is answered with 413 before it is sent', async () => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, 'Content-Length: 1000000']);
    const response = await client.response();
    expect([response.status, response.header('connection')]).toEqual([413, 'close']);
    await client.closed;
    expect(calls).toEqual([]);
  });

  test('declared one byte too long is answered with 413, and the connection stays', async () => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, `Content-Length: ${LIMIT + 1}`], 'x'.repeat(LIMIT + 1));
    expect((await client.response()).status).toBe(413);
    await expectInStep(client);
  });

  test.each([100_000, 1])(
    'in chunks over the limit is answered with 413 while it is sent (%i bytes each)',
    async (size) => {
      const client = await connect(true);
      client.request('POST /json', [JSON_FIELD, 'Transfer-Encoding: chunked']);
      const chunk = `${size.toString(16)}\r\n${'1'.repeat(size)}\r\n`;
      for (let sent = 0; sent <= LIMIT; sent += size) client.send(chunk);
      const response = await client.response();
      expect([response.status, response.header('connection')]).toEqual([413, 'close']);
      for (let i = 0; i < 10; i++) client.send(chunk);
      await client.closed;
      client.destroy();
      expect(calls).toEqual([]);
    },
  );

  test.each([
    ['in chunks', 'Transfer-Encoding: chunked', '3\r\n{"a\r\n'],
    ['of declared length', 'Content-Length: 100', '{"a'],
  ])('%s whose client leaves reaches no handler and harms nobody', async (_name, framing, part) => {
    for (const path of ['/json', '/stream']) {
      const client = await connect();
      client.request(`POST ${path}`, [path === '/json' ? JSON_FIELD : 'A: b', framing], part);
      client.socket.end();
      await client.closed;
      client.socket.resetAndDestroy();
    }
    const reset = await connect();
    reset.request('POST /json', [JSON_FIELD, framing], part);
    await arrived.promise;
    reset.socket.resetAndDestroy();
    await expectInStep(await connect());
    expect(calls).toEqual([]);
    expect(rejections).toEqual([]);
  });

  test('whose chunks break while it is read is answered with 400', async () => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, 'Transfer-Encoding: chunked'], '1\r\n[\r\n');
    await arrived.promise;
    client.send('zz\r\n');
    expect((await client.response()).status).toBe(400);
    await client.closed;
    expect(calls).toEqual([]);
  });
});

describe('a body nobody reads', () => {
  test.each([
    ['small and there', 100, true],
    ['as long as what is skipped', 64 * 1024, true],
  ])('%s leaves the connection in step', async (_name, length) => {
    const client = await connect();
    client.request(
      'POST /unread',
      [`Content-Length: ${length}`],
      'GET /x HTTP/1.1\r\n\r\n'.repeat(length).slice(0, length),
    );
    expect((await client.response()).text).toBe('unread');
    await expectInStep(client);
  });

  test('that comes after the answer leaves the connection in step', async () => {
    const client = await connect();
    const response = await client.request('POST /unread', ['Content-Length: 100']).response();
    expect([response.text, response.header('connection')]).toEqual(['unread', 'keep-alive']);
    client.send('x'.repeat(100));
    await expectInStep(client);
  });

  test.each([
    ['large', `Content-Length: ${64 * 1024 + 1}`],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('%s ends the connection', async (_name, framing) => {
    const client = await connect();
    const response = await client.request('POST /unread', [framing]).response();
    expect([response.text, response.header('connection')]).toEqual(['unread', 'close']);
    await client.closed;
  });

  test.each([
    ['loop', '127.0.0.1 left'],
    ['pipeline', '127.0.0.1 left'],
    ['destroy', '127.0.0.1 left'],
    ['throw', 'not abc'],
  ])(
    'that a handler leaves in the middle (%s) is answered, and what follows on the connection, too',
    async (how, text) => {
      const client = await connect();
      client.request(`POST /leave/${how}`, ['Content-Length: 100', 'Accept: text/plain'], 'abc');
      expect((await client.response('POST')).text).toContain(text);
      client.send('x'.repeat(97));
      await expectInStep(client);
      expect(rejections).toEqual([]);
    },
  );

  test('of 10 MB that is sent all the same does not cost the client its answer', async () => {
    const client = await connect(true);
    client.request('POST /unread', ['Content-Length: 10000000']);
    for (let i = 0; i < 10; i++) client.send(Buffer.alloc(1_000_000));
    expect((await client.response()).text).toBe('unread');
    client.socket.end();
    await client.closed;
  });
});

describe('Expect: 100-continue', () => {
  const expecting = ['Content-Length: 7', 'Expect: 100-continue'];

  test.each(['/json', '/stream'])('is answered when %s reads the body', async (path) => {
    const client = await connect();
    const type = path === '/json' ? JSON_FIELD : 'Content-Type: text/plain';
    client.request(`POST ${path}`, [type, ...expecting]);
    expect((await client.response()).statusLine).toBe('HTTP/1.1 100 Continue');
    client.send('{"a":1}');
    expect((await client.response()).text).toBe(path === '/json' ? '{"got":{"a":1}}' : '{"length":7}');
    await expectInStep(client);
  });

  test.each([
    ['/refused', 401],
    ['/refused-later', 403],
  ])('is not answered when a guard of %s refuses', async (path, status) => {
    const client = await connect();
    const response = await client.request(`POST ${path}`, expecting).response();
    expect([response.status, response.header('connection')]).toEqual([status, 'close']);
    await client.closed;
    expect([client.pending, calls]).toEqual(['', []]);
  });

  test('is not answered for a body that is too large', async () => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, 'Content-Length: 1001', 'Expect: 100-continue']);
    expect((await client.response()).status).toBe(413);
    await client.closed;
  });

  test('is not answered when nobody reads the body', async () => {
    const client = await connect();
    const response = await client.request('POST /unread', expecting).response();
    expect([response.status, response.header('connection')]).toEqual([200, 'close']);
    await client.closed;
  });

  test('does not hold up a client that does not wait', async () => {
    const client = await connect();
    client.request('POST /json', [JSON_FIELD, ...expecting], '{"a":1}');
    let response = await client.response();
    if (response.status === 100) response = await client.response();
    expect(response.text).toBe('{"got":{"a":1}}');
    await expectInStep(client);
  });

  test('is refused with a bad head', async () => {
    const client = await connect();
    client.send('POST /json HTTP/1.1\r\nHost: a b\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n');
    expect((await client.response()).status).toBe(400);
    await client.closed;
  });
});
